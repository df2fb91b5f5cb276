using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What a member of a pool is there for.</summary>
public enum PoolMemberRole : byte
{
    /// <summary>It has partitions and lives.</summary>
    Active = 0,

    /// <summary>It has none: it handles what still waits for it, and rests until the pool grows.</summary>
    Resting = 1,

    /// <summary>It was stopped.</summary>
    Stopped = 2,
}

/// <summary>What is known of a pool.</summary>
public sealed record PoolStatus
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its bounds.</summary>
    public required PoolPolicy Policy { get; init; }

    /// <summary>How many members live and have partitions.</summary>
    public int Size { get; init; }

    /// <summary>All agents that are or were members, by their numbers.</summary>
    public ImmutableArray<PoolMemberStatus> Members { get; init; } = [];

    /// <summary>How many events wait for them; those counted that come by other ways than their keys.</summary>
    public long Pending { get; init; }

    /// <summary>How many of them have to wait until another member has handled older ones of the same keys, or stand behind such a one.</summary>
    public long Held { get; init; }

    /// <summary>How long the oldest has waited, nanoseconds, to the accuracy of a block of the log; 0 if none waits.</summary>
    public long AgeNs { get; init; }

    /// <summary>Partitions of which older events wait for a member that does not have them any more.</summary>
    public int Moving { get; init; }

    /// <summary>Why its members do not change now, one clause, or null: a change of it is watched, or members handle events again.</summary>
    public string? WhyKept { get; init; }

    /// <summary>When its members changed last, nanoseconds since the Unix epoch.</summary>
    public long ChangedNs { get; init; }

    /// <summary>Why they did.</summary>
    public PoolCause Cause { get; init; }

    /// <summary>Why they did, one sentence.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>What is known of a member of a pool.</summary>
/// <param name="Name">Name of the agent.</param>
/// <param name="Member">Its number in the pool, from 1.</param>
/// <param name="Role">What it is there for.</param>
/// <param name="State">What the agent is doing.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Pending">Events that wait for it.</param>
/// <param name="Held">How many of them have to wait for another member.</param>
/// <param name="Turns">Turns it made.</param>
public sealed record PoolMemberStatus(string Name, int Member, PoolMemberRole Role, AgentState State, int Partitions, int Pending, int Held, long Turns);
