using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What a rule came to. The numbers are part of the log's format.</summary>
public enum RuleStep : byte
{
    /// <summary>All its lines are crossed; they hold from here on.</summary>
    Crossed = 0,

    /// <summary>One of them is cleared.</summary>
    Cleared = 1,

    /// <summary>It acts: what it does is in this record, or stands in the same append, a change of the topology before it and the rest behind.</summary>
    Acted = 2,

    /// <summary>It would act, and is only to say so.</summary>
    WouldAct = 3,

    /// <summary>It cannot act: nothing was done, and it waits longer each time until it tries again.</summary>
    Refused = 4,

    /// <summary>It acted as often as it may, and does nothing until that is some time ago.</summary>
    Exhausted = 5,

    /// <summary>What it had begun came to nothing: an agent does not go back, because there is no such state.</summary>
    Failed = 6,
}

/// <summary>A signal as a rule saw it.</summary>
/// <param name="Signal">Which.</param>
/// <param name="Value">Its value, in its unit.</param>
/// <param name="Line">From where on it counts as crossed.</param>
public readonly record struct RuleValue(RuleSignal Signal, double Value, double Line);

/// <summary>A step of a rule about an agent.</summary>
/// <param name="Step">What it came to.</param>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Agent">Number of the agent whose lines are crossed.</param>
/// <param name="Values">What was seen of it.</param>
/// <param name="Text">What was done, or why it was not; empty for lines that are crossed or cleared.</param>
/// <param name="AtNs">When, nanoseconds since the Unix epoch.</param>
public sealed record RuleRecord(RuleStep Step, string Rule, int Agent, ImmutableArray<RuleValue> Values, string Text, long AtNs) : LogRecord
{
    /// <summary>Longest <see cref="Text"/>, characters. Fixed: it is a sentence of the mesh, clipped, and the last of them are in every saved state.</summary>
    public const int MaxText = 500;

    /// <summary>What is done, or would have been.</summary>
    public ImmutableArray<RuleVerb> Verbs { get; init; } = [];

    /// <summary>The agent, or the definition, that has the cool-down; empty for lines that are crossed or cleared.</summary>
    public string Scope { get; init; } = "";

    /// <summary>Offsets of the events that are put aside by it, rising.</summary>
    public ImmutableArray<long> Shed { get; init; } = [];

    /// <summary>How far the agent goes back by it, or null.</summary>
    public RewindTarget? Rewind { get; init; }

    /// <summary>Whether it counts as an act: cool-down and count begin with it.</summary>
    public bool Counts => Step is RuleStep.Acted or RuleStep.WouldAct;

    /// <summary>Whether a change of the topology stands before it that it tells of.</summary>
    internal bool IsBehindAChange => Step == RuleStep.Acted && Verbs.Contains(RuleVerb.Replace);

    /// <summary>Whether it says something to whoever looks after the mesh, and not only where lines are.</summary>
    public bool IsNews => Step is not (RuleStep.Crossed or RuleStep.Cleared);
}
