using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using Microsoft.Extensions.Logging;

namespace AkkaWasm.Actors.Shards;

/// <summary>What a shard's actor is made with.</summary>
internal sealed record ShardContext(
    ShardOptions Options, MeshTopology Topology, IGuestFactory Guests, JournalReader Journal, LogHeadFile HeadFile, string HeadPath, TimeProvider Time,
    NodeBoard Board, ILoggerFactory Logs)
{
    /// <summary>The memory of the process.</summary>
    public MemoryLimit Memory { get; init; } = new(long.MaxValue, static () => 0);

    /// <summary>Where the parts of images are kept; null where the database of the snapshots keeps none, so that images are written whole.</summary>
    public PartStore? Parts { get; init; }

    /// <summary>The table of the saved images, for the sweep of parts; null where there are none.</summary>
    public SqlSnapshotTable? SavedImages { get; init; }

    /// <summary>Whether the snapshot store is the one whose table that is.</summary>
    public bool ImagesAreInTable { get; init; }

    /// <summary>What lets the beginning of the log go; null where the databases are such as this program cannot remove rows from.</summary>
    public LogRetention? Retention { get; init; }

    /// <summary>What looks for damage in what is stored; null where the databases are such as this program does not read by itself.</summary>
    public LogScrub? Scrub { get; init; }

    /// <summary>Who reads the log on from where.</summary>
    public LogReaders Readers { get; init; } = new();

    /// <summary>Reads what agents ask for by <c>mesh_v1.integrate</c>.</summary>
    public ChangeResolver Changes { get; init; } = new(null, null, null);

    public AgentNames Names { get; } = new();

    /// <summary>Whose rows are in the log.</summary>
    public LogOwnership Ownership { get; } = new();

    /// <summary>Derives ids and sources on any thread, which the core's own may not.</summary>
    public EventIdentity Identity => field ??= new EventIdentity(Options.MeshName, Names.In);

    public string PersistenceId => $"shard-{Options.Shard}";
}

/// <summary>The memory of the process and what it may be.</summary>
/// <param name="MaxBytes">Above this agents are put to sleep.</param>
/// <param name="ResidentBytes">Says what it is now.</param>
internal sealed record MemoryLimit(long MaxBytes, Func<long> ResidentBytes);
