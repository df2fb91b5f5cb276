using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What became of a changed definition that is watched. The numbers are part of the log's format.</summary>
public enum CanaryStep : byte
{
    /// <summary>It is watched from here on; stands behind the change of the topology, in the same append.</summary>
    Began = 0,

    /// <summary>Its time is over and its budget held: it stays.</summary>
    Promoted = 1,

    /// <summary>It failed too often: the change of the topology before this record, in the same append, sets it back.</summary>
    RolledBack = 2,

    /// <summary>It failed too often and could not be set back: it stays, and is watched no more.</summary>
    Kept = 3,
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

    /// <summary>For <see cref="CanaryStep.Began"/> when it began, nanoseconds since the Unix epoch.</summary>
    public long AtNs { get; init; }
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
}
