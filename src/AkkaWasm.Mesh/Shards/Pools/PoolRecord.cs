using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Why the members of a pool changed. The numbers are part of the log's format.</summary>
public enum PoolCause : byte
{
    /// <summary>The pool came to be.</summary>
    Defined = 0,

    /// <summary>The topology says so.</summary>
    Topology = 1,

    /// <summary>An operator wants it.</summary>
    Operator = 2,

    /// <summary>Too many events wait for each member.</summary>
    Lag = 3,

    /// <summary>The oldest event that waits has waited too long.</summary>
    Age = 4,

    /// <summary>There was little to do for long enough.</summary>
    Idle = 5,

    /// <summary>It had fewer members than it may have, or more.</summary>
    Bounds = 6,

    /// <summary>A member was stopped.</summary>
    Stopped = 7,

    /// <summary>A member that had been stopped is back.</summary>
    Returned = 8,

    /// <summary>A rule of the topology says so.</summary>
    Rule = 9,
}

/// <summary>Which member of a pool has which partition, from here on. Agents that become members and did not live are born behind it in the same append.</summary>
/// <param name="Definition">Name of the pool.</param>
/// <param name="Owners">For each partition the number of its member in the pool, from 1.</param>
/// <param name="Cause">Why.</param>
/// <param name="Reason">Why, one sentence.</param>
/// <param name="AtNs">When, nanoseconds since the Unix epoch.</param>
public sealed record PoolRecord(string Definition, ImmutableArray<int> Owners, PoolCause Cause, string Reason, long AtNs) : LogRecord
{
    /// <summary>Longest <see cref="Reason"/>, characters. Fixed: it is a line for people, and the last one is in every saved state.</summary>
    public const int MaxReason = 500;

    /// <summary>Of which partitions that change hands events go over that wait, to the new member; of others all that waits stays where it waits.</summary>
    public ImmutableArray<PoolHandover> Handed { get; init; } = [];

    /// <summary>The members that have a partition, by their numbers, rising.</summary>
    public ImmutableArray<int> Members => [.. Owners.Distinct().Order()];

    /// <summary>Whether it is part of what another input did.</summary>
    internal bool Follows => Cause is PoolCause.Defined or PoolCause.Topology or PoolCause.Stopped or PoolCause.Returned or PoolCause.Rule;
}

/// <summary>What of a partition goes over to its new member.</summary>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="After">Events up to this offset stay with the members that they wait for; later ones go over.</param>
public readonly record struct PoolHandover(int Partition, long After);

/// <summary>A pool as it is at some place in the log.</summary>
/// <param name="Last">The record that says who has which partition.</param>
/// <param name="Waiting">The events that wait for its members by their keys, in the order of the log.</param>
public sealed record PoolMoment(PoolRecord Last, ImmutableArray<PoolWait> Waiting);

/// <summary>An event that waits for a member of a pool.</summary>
/// <param name="Offset">Its offset.</param>
/// <param name="Partition">Its partition, from 0.</param>
/// <param name="Member">Number of the member in the pool, from 1.</param>
public readonly record struct PoolWait(long Offset, int Partition, int Member);
