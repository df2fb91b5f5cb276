using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What became of a changed definition that is watched. The numbers are part of the log's format.</summary>
public enum CanaryStep : byte
{
    /// <summary>It is watched from here on; stands behind the change of the topology, in the same append.</summary>
    Began = 0,

    /// <summary>Its time is over and its budget held: it stays. Where it was tried on a share, the change of the topology before this record, in the same append, gives it to all.</summary>
    Promoted = 1,

    /// <summary>It failed too often: the change of the topology before this record, in the same append, sets it back.</summary>
    RolledBack = 2,

    /// <summary>It failed too often and could not be set back: it stays, and is watched no more.</summary>
    Kept = 3,

    /// <summary>The time of a share is over, and the others cannot get its version: it is watched for as long again.</summary>
    Postponed = 4,
}

/// <summary>A step of a changed definition that is watched.</summary>
/// <param name="Step">What became of it.</param>
/// <param name="Definition">Its name.</param>
public sealed record CanaryRecord(CanaryStep Step, string Definition) : LogRecord
{
    /// <summary>For <see cref="CanaryStep.Began"/> what it was before.</summary>
    public AgentDefinition? Before { get; init; }

    /// <summary>For <see cref="CanaryStep.Began"/> how it is watched.</summary>
    public CanaryPolicy? Policy { get; init; }

    /// <summary>For <see cref="CanaryStep.Began"/> and <see cref="CanaryStep.Postponed"/> when it was, nanoseconds since the Unix epoch.</summary>
    public long AtNs { get; init; }

    /// <summary>The share of a family's agents that the version is tried on, or was until now; null for all of the definition.</summary>
    public KeyShare? Share { get; init; }

    /// <summary>For <see cref="CanaryStep.Began"/> how the states of the others are to be moved when they get the version too.</summary>
    public MoveRequest State { get; init; }
}

/// <summary>A changed definition that is watched.</summary>
/// <param name="Definition">Its name.</param>
/// <param name="Since">Where the change stands in the log.</param>
/// <param name="UntilNs">Until when it is watched, nanoseconds since the Unix epoch.</param>
/// <param name="Failures">Failures that count now.</param>
/// <param name="Policy">How it is watched.</param>
public sealed record CanaryStatus(string Definition, Position Since, long UntilNs, int Failures, CanaryPolicy Policy)
{
    /// <summary>Whether it is being set back: the log is read for that.</summary>
    public bool IsGoingBack { get; init; }

    /// <summary>How many events its agents emitted since.</summary>
    public long Emitted { get; init; }

    /// <summary>The share of a family's agents that the version is tried on; null for all of the definition.</summary>
    public KeyShare? Share { get; init; }

    /// <summary>How many agents that are not stopped are under the version, and how many the definition has.</summary>
    public (int Under, int All) Living { get; init; }
}
