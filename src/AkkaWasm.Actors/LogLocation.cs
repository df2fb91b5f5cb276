using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>Where a log is that is read without a node.</summary>
/// <param name="DataFolder">The data folder of the node that wrote it: with its modules, and its databases unless they are elsewhere.</param>
/// <param name="Journal">The database of the log; null for the one that the node last had, as <c>stores.json</c> in the data folder says.</param>
/// <param name="Snapshots">The database of the snapshots; null for the one that the node last had.</param>
public sealed record LogLocation(string DataFolder, StoreOptions? Journal = null, StoreOptions? Snapshots = null)
{
    /// <summary>How much of the log is kept; all of it.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>The limits of the shard that wrote it; they say which published events it remembers.</summary>
    public ShardOptions Limits { get; init; } = new();

    /// <summary>How many turns and saved images of agents are in memory when all agents are replayed, unless said otherwise: some 100 MB.</summary>
    public const int DefaultMaxReplayTurns = 500_000;

    /// <summary>
    /// How many turns and saved images of agents are in memory when all agents are replayed, at least 1. With more the log is gone through several times, for some
    /// agents each; an agent that has more alone is replayed alone.
    /// </summary>
    public int MaxReplayTurns { get; init; } = DefaultMaxReplayTurns;

    /// <summary>How far trials of other versions of agents go.</summary>
    public TrialLimits Trials { get; init; } = new();
}
