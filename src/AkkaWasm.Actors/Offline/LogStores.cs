using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>Where the parts of a log are that is read without a node.</summary>
/// <param name="Folder">The data folder.</param>
/// <param name="Journal">The database of the log.</param>
/// <param name="Snapshots">The database of the snapshots.</param>
internal sealed record LogStores(string Folder, StoreOptions Journal, StoreOptions Snapshots)
{
    /// <summary>How much of the log is kept.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>The limits of the shard that wrote it.</summary>
    public ShardOptions Limits { get; init; } = new();

    /// <summary>How many turns and saved images are in memory when all agents are replayed.</summary>
    public int MaxReplayTurns { get; init; } = LogLocation.DefaultMaxReplayTurns;

    /// <summary>How far trials go.</summary>
    public TrialLimits Trials { get; init; } = new();

    /// <summary>Of the log so much is kept in memory by a shard that goes through it, bytes.</summary>
    private const long WindowBytes = 16 << 20;

    /// <summary>A shard that goes through the log.</summary>
    public Shard Reader(string writer = "") => new(Limits with { LogWindowBytes = WindowBytes, Writer = writer });

    /// <summary>Finds them; nothing is opened.</summary>
    /// <exception cref="MeshNodeException">There is no such folder, or no journal in it, or a connection string cannot be read.</exception>
    public static LogStores Of(LogLocation location)
    {
        var folder = Path.GetFullPath(location.DataFolder);
        if (!Directory.Exists(folder)) throw new MeshNodeException(NodeFailure.DataFolder, $"There is no data folder '{folder}'; name the one that a node was run on.");
        var (journal, snapshots) = StoresFile.Read(folder);
        var stores = new LogStores(folder,
            location.Journal ?? journal ?? SqliteFiles.StoreIn(DataFolder.JournalFileOf(folder)),
            location.Snapshots ?? snapshots ?? SqliteFiles.StoreIn(DataFolder.SnapshotsFileOf(folder)))
        {
            Retention = location.Retention, Limits = location.Limits, MaxReplayTurns = location.MaxReplayTurns, Trials = location.Trials,
        };
        foreach (var store in new[] { stores.Journal, stores.Snapshots })
            if (store.FindProblem() is { } problem) throw new MeshNodeException(NodeFailure.Configuration, $"The log of '{folder}' cannot be read: {problem}.");
        if (SqliteFiles.Are(stores.Journal) && !File.Exists(SqliteFiles.FileOf(stores.Journal)))
            throw new MeshNodeException(NodeFailure.DataFolder, $"There is no journal '{SqliteFiles.FileOf(stores.Journal)}'; name a data folder that a node was run on.");
        return stores;
    }
}
