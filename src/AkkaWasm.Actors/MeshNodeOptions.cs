using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaWasm.Actors;

/// <summary>What a node runs and where. Immutable.</summary>
public sealed record MeshNodeOptions
{
    /// <summary>The mesh.</summary>
    public required MeshTopology Topology { get; init; }

    /// <summary>Folder for log, snapshots and modules; made if it is not there.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Modules by the SHA-256 of their bytes (64 lower-case hexadecimal digits). Those that the data folder has already may be left out.</summary>
    public IReadOnlyDictionary<string, ModuleFile> Modules { get; init; } = ImmutableDictionary<string, ModuleFile>.Empty;

    /// <summary>
    /// Packed content of the folders that agents may read, by its SHA-256 (64 lower-case hexadecimal digits). Those that the data folder has already may
    /// be left out.
    /// </summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Folders { get; init; } = ImmutableDictionary<string, ReadOnlyMemory<byte>>.Empty;

    /// <summary>Who may sign modules, and limits of the store of modules.</summary>
    public ModuleOptions ModuleStore { get; init; } = new();

    /// <summary>Reads what agents ask for by <c>mesh_v1.integrate</c>; null to refuse all of it.</summary>
    public IChangeReader? Changes { get; init; }

    /// <summary>Limits of the shard.</summary>
    public ShardOptions Shard { get; init; } = new();

    /// <summary>Limits and settings of the guests' engine.</summary>
    public GuestEngineOptions Engine { get; init; } = new();

    /// <summary>Sources, started together.</summary>
    public ImmutableArray<FileSourceOptions> Sources { get; init; } = [];

    /// <summary>The user's <c>akka { … }</c> section as plain HOCON, stronger than what the node sets; empty for none.</summary>
    public string AkkaConfig { get; init; } = "";

    /// <summary>Where the log is kept; null for SQLite in the data folder.</summary>
    public StoreOptions? Journal { get; init; }

    /// <summary>Where snapshots are kept; null for SQLite in the data folder.</summary>
    public StoreOptions? Snapshots { get; init; }

    /// <summary>How the node reads its own log and snapshots to find damage.</summary>
    public ScrubOptions Scrub { get; init; } = new();

    /// <summary>How much of the log is kept; all of it.</summary>
    public RetentionOptions Retention { get; init; } = new();

    /// <summary>Wait before a shard or source that failed is started again; doubles up to <see cref="MaxBackoff"/>. 200 ms.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait before a shard or source that failed is started again; 10 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the shard may be down, started again and again, before the node gives the journal up; counted from its first failure since it last
    /// served. A database that is out of reach when the node starts is waited for as long. 1 hour; zero for no second try.
    /// </summary>
    public TimeSpan MaxShardDowntime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a drain may wait for turns that are running; 30 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock of the node: append times, timers, back-offs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Memory that the process takes now, bytes.</summary>
    internal Func<long> ResidentBytes { get; init; } = static () => Environment.WorkingSet;

    /// <summary>Where the node, Akka and the guests log to.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
}

/// <summary>A module as it was given.</summary>
/// <param name="Bytes">Its bytes, binary or text form.</param>
/// <param name="File">Where it came from, for messages and back-traces.</param>
public sealed record ModuleFile(ReadOnlyMemory<byte> Bytes, string File)
{
    /// <summary>Detached signatures over the SHA-256 of the bytes, base64, one a line; null for none.</summary>
    public string? Signatures { get; init; }
}
