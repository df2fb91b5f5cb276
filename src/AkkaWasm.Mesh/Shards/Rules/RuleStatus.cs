using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What a rule is doing.</summary>
public enum RuleActivity : byte
{
    /// <summary>None of its lines are crossed.</summary>
    Armed = 0,

    /// <summary>They are, for some agent, and it may act when they were for long enough.</summary>
    Holding = 1,

    /// <summary>They are, and it acted or was refused lately.</summary>
    CoolingDown = 2,

    /// <summary>They are, and it acted as often as it may.</summary>
    Exhausted = 3,
}

/// <summary>What is known of a rule.</summary>
public sealed record RuleStatus
{
    /// <summary>Most agents and scopes that are listed.</summary>
    public const int MaxListed = 100;

    /// <summary>The rule.</summary>
    public required RuleDefinition Rule { get; init; }

    /// <summary>What it is doing; of several agents or definitions the one that is nearest to acting counts.</summary>
    public RuleActivity Activity { get; init; }

    /// <summary>For how many agents its lines hold.</summary>
    public int Holding { get; init; }

    /// <summary>Agents for which its lines hold, by number; <see cref="MaxListed"/> at most.</summary>
    public ImmutableArray<RuleHoldStatus> Holds { get; init; } = [];

    /// <summary>Agents or definitions that it acted for lately, by name; <see cref="MaxListed"/> at most.</summary>
    public ImmutableArray<RuleScopeStatus> Scopes { get; init; } = [];

    /// <summary>Its last steps, the newest first.</summary>
    public ImmutableArray<RuleStepStatus> Recent { get; init; } = [];

    /// <summary>How often it came to each step since it says what it says, by <see cref="RuleStep"/>.</summary>
    public ImmutableArray<long> Counts { get; init; } = [];

    /// <summary>How often it came to a step.</summary>
    public long CountOf(RuleStep step) => Counts.Length > (int)step ? Counts[(int)step] : 0;
}

/// <summary>An agent for which the lines of a rule hold.</summary>
/// <param name="Agent">Its name.</param>
/// <param name="CrossedNs">When they were crossed, nanoseconds since the Unix epoch.</param>
/// <param name="SinceNs">From when on it counts: since then, or since the rule acted last.</param>
/// <param name="Values">What is to be seen of it now.</param>
public sealed record RuleHoldStatus(string Agent, long CrossedNs, long SinceNs, ImmutableArray<RuleValue> Values);

/// <summary>An agent or a definition that a rule acted for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Acts">How often within the rule's time.</param>
/// <param name="Refusals">How often it was refused since.</param>
/// <param name="LastNs">When it acted or was refused last, nanoseconds since the Unix epoch.</param>
/// <param name="CoolUntilNs">Until when nothing more is done, nanoseconds since the Unix epoch.</param>
/// <param name="IsExhausted">Whether it acted as often as it may.</param>
public sealed record RuleScopeStatus(string Name, int Acts, int Refusals, long LastNs, long CoolUntilNs, bool IsExhausted);

/// <summary>A step that a rule came to.</summary>
/// <param name="At">Where its record stands.</param>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Record">The record.</param>
public sealed record RuleStepStatus(Events.Position At, string Agent, RuleRecord Record);
