using System.Collections.Immutable;

namespace AkkaWasm.Actors;

/// <summary>What a trial must show, so that a change may be made.</summary>
public enum TrialRequirement
{
    /// <summary>Nothing fails that did not fail before. Other outputs are no objection.</summary>
    NoNewFailures,

    /// <summary>Everything is as it was: the same outputs, the same failures.</summary>
    Identical,

    /// <summary>Nothing: it is only shown.</summary>
    None,
}

/// <summary>How far trials of other versions of agents go.</summary>
public sealed record TrialLimits
{
    /// <summary>How many of the last turns of each agent are compared unless it is said; 1,000.</summary>
    public int Turns { get; init; } = 1_000;

    /// <summary>How many agents of one definition are tried: all of a family with no more keys, otherwise a sample by the hash of their names. 64.</summary>
    public int MaxAgents { get; init; } = 64;

    /// <summary>How many differing turns of each agent are told; all are counted. 100.</summary>
    public int MaxDetails { get; init; } = 100;

    /// <summary>How long a trial may take; what it has shown by then is told, and what is missing is a problem of it. 10 minutes.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>What is tried: of which agents which turns.</summary>
public sealed record TrialScope
{
    /// <summary>
    /// How many of the last turns of each agent; null for <see cref="TrialLimits.Turns"/>, or for all where <see cref="Since"/> is said. An event that was
    /// tried again after a failure counts once.
    /// </summary>
    public int? Turns { get; init; }

    /// <summary>Only turns that were recorded from this offset on; null for no bound.</summary>
    public long? Since { get; init; }

    /// <summary>Names of agents, or of definitions for all agents of them; empty for all that the change concerns.</summary>
    public ImmutableArray<string> Agents { get; init; } = [];
}
