using System.Globalization;
using System.IO.Hashing;
using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// Makes a definition a pool: several members share its events. An event belongs by its key to one of a fixed number of partitions, and each partition to
/// one member, so that events of one key are handled one after the other. The pool grows and shrinks between bounds by how much waits for its members.
/// </summary>
public sealed record PoolPolicy
{
    /// <summary>Most that <see cref="Partitions"/> may be: 4,096.</summary>
    public const int MostPartitions = 4_096;

    /// <summary>Where the key of an event comes from; an event without one has the empty key.</summary>
    public AgentKey Key { get; init; } = AgentKey.Subject;

    /// <summary>Into how many partitions keys fall, 1 to <see cref="MostPartitions"/>; 64. No more members than that can have something to do.</summary>
    public int Partitions { get; init; } = 64;

    /// <summary>How many members there are at first, and when this is changed; <see cref="Min"/> to <see cref="Max"/>; 2.</summary>
    public int Size { get; init; } = 2;

    /// <summary>The fewest members that the pool shrinks to by itself, 1 or more; 1.</summary>
    public int Min { get; init; } = 1;

    /// <summary>The most members, <see cref="Min"/> to <see cref="Partitions"/>; 8.</summary>
    public int Max { get; init; } = 8;

    /// <summary>From how many waiting events for each member on the pool grows; 1,000. Null for no such line.</summary>
    public int? GrowLag { get; init; } = 1_000;

    /// <summary>From which age of the oldest waiting event on the pool grows; 1 s. Null for no such line.</summary>
    public TimeSpan? GrowAge { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Below how many waiting events for each member that would be left the pool may shrink, 1 or more and at most <see cref="GrowLag"/>; 100.</summary>
    public int ShrinkLag { get; init; } = 100;

    /// <summary>Below which age of the oldest waiting event the pool may shrink, longer than 0 and at most <see cref="GrowAge"/>; 100 ms.</summary>
    public TimeSpan ShrinkAge { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long both must have held without a break before the pool shrinks, longer than 0; one minute. Null for never.</summary>
    public TimeSpan? ShrinkAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Shortest time between a change of the members and the next one that the mesh decides, 0 or more; 10 s.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The partition of an event: its key in UTF-8 under XxHash64, modulo <see cref="Partitions"/>. Part of the log's format.</summary>
    internal int PartitionOf(MeshEvent e) => PartitionOf(KeyOf(e));

    /// <summary>The partition of a key.</summary>
    internal int PartitionOf(string key) => (int)(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(key)) % (ulong)Partitions);

    /// <summary>The key of an event: of one that an agent sends to the pool by its name its sender, of a released one that of the one whose place it takes.</summary>
    internal string KeyOf(MeshEvent e) =>
        (e.Origin == EventOrigin.Direct ? e.Agent.ToString(CultureInfo.InvariantCulture) : Key.TopicToken == 0 ? e.Subject : TopicName.Token(OriginalTopic(e), Key.TopicToken)) ?? "";

    private static string OriginalTopic(MeshEvent e)
    {
        if (e.Origin != EventOrigin.Released) return e.Topic;
        foreach (var (name, value) in e.Extensions)
            if (name == MeshEvent.OriginalType) return value;
        return e.Topic;
    }
}
