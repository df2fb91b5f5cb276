using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>What is in a log.</summary>
public sealed record LogStatistics
{
    /// <summary>Blocks.</summary>
    public long Blocks { get; init; }

    /// <summary>Bytes of the blocks.</summary>
    public long BlockBytes { get; init; }

    /// <summary>Records in them.</summary>
    public long Records { get; init; }

    /// <summary>Records by kind, as <c>turn</c> or <c>timer-cancelled</c>.</summary>
    public ImmutableSortedDictionary<string, long> RecordsByKind { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Position of the first record, or null in an empty log.</summary>
    public Position? First { get; init; }

    /// <summary>Position of the last record, or null in an empty log.</summary>
    public Position? Last { get; init; }

    /// <summary>Time of the first record, nanoseconds since the Unix epoch.</summary>
    public long FirstAtNs { get; init; }

    /// <summary>Time of the last record, nanoseconds since the Unix epoch.</summary>
    public long LastAtNs { get; init; }

    /// <summary>How many topics events have.</summary>
    public long Topics { get; init; }

    /// <summary>The topics with the most events, and how many those are.</summary>
    public ImmutableArray<(string Topic, long Events)> BusiestTopics { get; init; } = [];

    /// <summary>Agents, stopped ones included.</summary>
    public int Agents { get; init; }

    /// <summary>Agents that were stopped.</summary>
    public int StoppedAgents { get; init; }

    /// <summary>Saved images of agents.</summary>
    public long Images { get; init; }

    /// <summary>Bytes of the images, without their parts.</summary>
    public long ImageBytes { get; init; }

    /// <summary>Parts of images.</summary>
    public long Parts { get; init; }

    /// <summary>Bytes of the parts.</summary>
    public long PartBytes { get; init; }

    /// <summary>Saved states of the shard.</summary>
    public long States { get; init; }

    /// <summary>Bytes of the saved states.</summary>
    public long StateBytes { get; init; }

    /// <summary>Where the log begins; the default value where all of it is there.</summary>
    public LogBeginning Beginning { get; init; }

    /// <summary>Blocks that could be removed from the beginning, by the retention that is configured.</summary>
    public long RemovableBlocks { get; init; }

    /// <summary>Bytes of these blocks.</summary>
    public long RemovableBytes { get; init; }

    /// <summary>Whether more blocks are old or many enough to be removed, and are needed.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Offset from which on the log is needed for what is to come; one past the last record if nothing of it is.</summary>
    public long NeededFrom { get; init; }

    /// <summary>What needs the log from furthest back, the first of all <see cref="HoldCount"/>.</summary>
    public ImmutableArray<LogHold> Holds { get; init; } = [];

    /// <summary>How many agents and reasons need a part of the log.</summary>
    public long HoldCount { get; init; }
}

/// <summary>What a compaction deleted, or would.</summary>
/// <param name="Images">Images that were not kept.</param>
/// <param name="Parts">Parts that no image names.</param>
/// <param name="States">Old states of the shard.</param>
/// <param name="BytesBefore">Size of the databases' files before, or 0 where they are no files.</param>
/// <param name="BytesAfter">Size of the databases' files after it.</param>
/// <param name="Problem">Why the room could not be given back to the file system, one sentence, or null.</param>
public sealed record CompactionReport(long Images, long Parts, long States, long BytesBefore, long BytesAfter, string? Problem)
{
    /// <summary>Blocks that were removed from the beginning of the log.</summary>
    public long Blocks { get; init; }

    /// <summary>Bytes of these blocks.</summary>
    public long BlockBytes { get; init; }

    /// <summary>Where the log begins after it.</summary>
    public LogBeginning Beginning { get; init; }

    /// <summary>Whether more blocks are old or many enough to be removed, and are needed.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Offset from which on the log is needed.</summary>
    public long NeededFrom { get; init; }

    /// <summary>What needs the log from furthest back.</summary>
    public ImmutableArray<LogHold> Holds { get; init; } = [];
}

/// <summary>What is in an archive of a log.</summary>
/// <param name="Blocks">Blocks of the log.</param>
/// <param name="Snapshots">Images and states.</param>
/// <param name="Parts">Parts of images.</param>
/// <param name="Modules">Modules and packed folders.</param>
/// <param name="Bytes">Its size.</param>
public sealed record ArchiveReport(long Blocks, long Snapshots, long Parts, long Modules, long Bytes);
