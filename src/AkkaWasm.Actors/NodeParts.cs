using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Modules;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <summary>What a node is made of outside its actors: data folder, engine, databases, actor system. Made in order, given back in reverse.</summary>
internal sealed class NodeParts : IAsyncDisposable
{
    private const string EpochTicker = "epoch-ticker";

    private readonly MeshNodeOptions options;
    private readonly DataFolder folder;
    private readonly GuestEngine? engine;
    private readonly IGuestFactory guests;
    private readonly LogHeadFile headFile;
    private readonly StoreConnection? images;
    private readonly StoreConnection? imageReads;
    private readonly StoreConnection? log;
    private readonly Stores stores;
    private IDisposable? logLock;

    private NodeParts(
        MeshNodeOptions options, DataFolder folder, GuestEngine? engine, IGuestFactory guests, LogHeadFile headFile, Stores stores, StoreConnection? images, StoreConnection? log, ActorSystem system)
    {
        (this.stores, this.images, this.log) = (stores, images, log);
        imageReads = StoreConnection.To(stores.Snapshots);
        this.options = options;
        this.folder = folder;
        this.engine = engine;
        this.guests = guests;
        this.headFile = headFile;
        System = system;
    }

    public ActorSystem System { get; }

    /// <summary>What guests are made of; null for guests of another kind.</summary>
    public NodeModules? Modules { get; private init; }

    /// <summary>The modules of the data folder by their names; null for guests of another kind.</summary>
    public ModuleRegistry? Registry { get; private init; }

    public TimeProvider Time => options.Time;

    /// <exception cref="MeshNodeException">Something of it cannot be had.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<NodeParts> MakeAsync(MeshNodeOptions options, IGuestFactory? otherGuests, CancellationToken cancellation)
    {
        Check(options);
        var made = new Stack<IDisposable>();
        try
        {
            var folder = DataFolder.Take(options.DataFolder);
            made.Push(folder);
            GuestEngine? engine = null;
            var modules = new ModuleStore(folder.ModulesFolder) { Trust = new ModuleTrust(options.ModuleStore), Time = options.Time };
            if (otherGuests is null) made.Push(engine = MakeEngine(options, folder, modules));
            var stores = Stores.Of(options, folder);
            await stores.PrepareAsync(options, cancellation).ConfigureAwait(false);
            var logLock = await stores.LockAsync(options, cancellation).ConfigureAwait(false);
            if (logLock is not null) made.Push(logLock);
            StoresFile.Write(folder.Path, options.Journal, options.Snapshots);
            var headFile = LogHeadFile.Open(folder.HeadFile);
            made.Push(headFile);
            var images = StoreConnection.To(stores.Snapshots);
            if (images is not null) made.Push(images);
            var log = StoreConnection.To(stores.Journal);
            if (log is not null) made.Push(log);
            var system = MakeSystem(options, NodeConfig.Build(options, stores));
            var factory = engine is null ? null : new WasmGuestFactory(engine);
            return new NodeParts(options, folder, engine, otherGuests ?? factory!, headFile, stores, images, log, system)
            {
                logLock = logLock, Modules = factory is null ? null : new NodeModules(modules, factory),
                Registry = engine is null ? null : new ModuleRegistry(modules, options.ModuleStore, engine.Check, () => new LogStores(folder.Path, stores.Journal, stores.Snapshots)),
            };
        }
        catch
        {
            foreach (var part in made) part.Dispose();
            throw;
        }
    }

    public ShardContext MakeShardContext()
    {
        var shard = options.Shard with
        {
            MeshName = options.Topology.Name, Writer = engine?.Fingerprint ?? options.Shard.Writer, MaxAwake = Math.Min(options.Shard.MaxAwake, options.Engine.MaxAwake),
        };
        var board = new NodeBoard { SourceBytesTotal = options.Sources.Sum(s => SizeOf(s.Path)) };
        board.ShowComponent(EpochTicker, ComponentState.Running, null);
        if (engine is not null) engine.OnTickFailed = e => board.ShowComponent(EpochTicker, ComponentState.Running, $"A tick failed, and the next one comes: {e.Message}", options.Time.GetUtcNow());
        var readers = new LogReaders();
        var parts = images is null ? null : new PartStore(SqlPartTable.In(images));
        return new ShardContext(shard, options.Topology, guests, new JournalReader(System, $"shard-{shard.Shard}", shard.LogWindowBytes) { Parts = parts }, headFile, folder.HeadFile, options.Time, board, options.Logs)
        {
            Parts = parts,
            SavedImages = images is null ? null : new SqlSnapshotTable(images, imageReads),
            ImagesAreInTable = System.Settings.Config.GetString("akka.persistence.snapshot-store.plugin") == NodeConfig.SnapshotPlugin,
            Readers = readers,
            Changes = new ChangeResolver(options.Changes, Modules, Registry),
            Scrub = images is null || log is null ? null : new LogScrub(options.Scrub, new LogStores(folder.Path, stores.Journal, stores.Snapshots), options.Time),
            Retention = images is null || log is null ? null : new LogRetention(
                options.Retention, new LogStores(folder.Path, stores.Journal, stores.Snapshots), new SqlJournalTable(log), new SqlSnapshotTable(images), readers),
            Memory = new MemoryLimit(options.Engine.MaxMemoryBytes, options.ResidentBytes),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await System.Terminate().ConfigureAwait(false);
        images?.Dispose();
        imageReads?.Dispose();
        log?.Dispose();
        logLock?.Dispose();
        headFile.Dispose();
        engine?.Dispose();
        folder.Dispose();
    }

    private static void Check(MeshNodeOptions options)
    {
        if (TopologyCheck.Check(options.Topology) is [var problem, ..])
            throw new MeshNodeException(NodeFailure.Configuration, $"The topology cannot be used: {problem.Path}: {problem.Message}");
        if (options.Engine.EpochTick < TimeSpan.FromMilliseconds(1))
            throw new MeshNodeException(NodeFailure.Configuration, $"Deadlines are checked every {options.Engine.EpochTick.TotalMilliseconds} ms (epoch-tick); 1 ms is the least.");
        CheckShard(options.Shard);
        CheckStore(options.Journal, "journal");
        CheckStore(options.Snapshots, "snapshot store");
        if (options.Sources.GroupBy(s => s.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new MeshNodeException(NodeFailure.Configuration, $"The source '{twice.Key}' is defined twice; give each a name of its own.");
    }

    private static void CheckShard(ShardOptions options)
    {
        try
        {
            _ = new Shard(options);
        }
        catch (ArgumentException e)
        {
            throw new MeshNodeException(NodeFailure.Configuration, $"The limits of the shard cannot be used: {e.Message}", e);
        }
    }

    private static void CheckStore(StoreOptions? store, string what)
    {
        if (store?.FindProblem() is { } problem) throw new MeshNodeException(NodeFailure.Configuration, $"The {what} cannot be used: {problem}.");
    }

    private static GuestEngine MakeEngine(MeshNodeOptions options, DataFolder folder, ModuleStore store)
    {
        store.Keep(options.Topology, options.Modules);
        store.Keep(options.Topology, options.Folders);
        var cache = options.Engine.CacheFolder switch { null => folder.CacheFolder, "" => null, var other => other };
        var engine = new GuestEngine(options.Engine, cache, store);
        try
        {
            var factory = new WasmGuestFactory(engine);
            Parallel.ForEach(options.Topology.Versions.DistinctBy(NodeModules.WhatIsChecked), factory.Check);
            return engine;
        }
        catch (AggregateException e) when (e.InnerException is GuestRefusedException refused)
        {
            engine.Dispose();
            throw new MeshNodeException(NodeFailure.ModuleRefused, refused.Message, refused);
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    private static ActorSystem MakeSystem(MeshNodeOptions options, Config config)
    {
        try
        {
            var system = ActorSystem.Create(NodeConfig.SystemName, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config), new LogSetup(options.Logs)));
            var cluster = Akka.Cluster.Cluster.Get(system);
            if (config.GetStringList("akka.cluster.seed-nodes").Count == 0) cluster.Join(cluster.SelfAddress);
            return system;
        }
        catch (Exception e) when (e is not MeshNodeException)
        {
            throw new MeshNodeException(NodeFailure.Configuration, $"The actor system cannot be started: {(e.InnerException ?? e).Message} See to the section akka {{ … }}.", e);
        }
    }

    private static long SizeOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
}
