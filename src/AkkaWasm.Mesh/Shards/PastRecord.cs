using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Events from before a subscription began wait for its agents from here on.</summary>
/// <param name="Definition">Name of the definition that subscribes.</param>
/// <param name="ReadThrough">Offset up to which the log was looked through for it.</param>
/// <param name="Deliveries">Which events for whom: number of the agent, offsets rising.</param>
public sealed record PastRecord(string Definition, long ReadThrough, ImmutableArray<PastDelivery> Deliveries) : LogRecord;

/// <summary>Events for one agent.</summary>
/// <param name="Agent">Its number.</param>
/// <param name="Offsets">Their offsets, rising.</param>
public readonly record struct PastDelivery(int Agent, ImmutableArray<long> Offsets);

/// <summary>Look through the log for events from before a subscription began; answer with <c>Shard.PastIsRead</c>. Sent only when all of them are committed.</summary>
/// <param name="Definition">Name of the definition that subscribes.</param>
/// <param name="From">First offset to be looked at.</param>
/// <param name="To">Last offset to be looked at.</param>
/// <param name="SinceNs">Events appended before that are not wanted, nanoseconds since the Unix epoch.</param>
/// <param name="AtMost">With so many events the answer is full.</param>
public sealed record ReadPast(string Definition, long From, long To, long SinceNs, int AtMost) : ShardEffect
{
    /// <summary>Patterns of the topics that are wanted.</summary>
    public required ImmutableArray<TopicPattern> Patterns { get; init; }

    /// <summary>Patterns of the topics that are not.</summary>
    public ImmutableArray<TopicPattern> Except { get; init; } = [];

    /// <summary>Stretches of the log that count no more because the mesh went back: behind the first offset, before the second.</summary>
    public ImmutableArray<(long After, long Before)> Undone { get; init; } = [];

    /// <summary>Whether an event in these bounds is wanted.</summary>
    public bool Wants(MeshEvent e)
    {
        if (e.AppendedAtNs < SinceNs || !Patterns.Any(p => p.Matches(e.Topic)) || Except.Any(p => p.Matches(e.Topic))) return false;
        foreach (var (after, before) in Undone)
            if (e.Offset > after && e.Offset < before) return false;
        return true;
    }
}
