using System.Collections.Concurrent;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Actors.Guests;

/// <summary>The engine that all guests of a node share, its compiled modules, and the ticker that drives deadlines.</summary>
internal sealed class GuestEngine : IDisposable
{
    private readonly ConcurrentDictionary<(string Hash, AgentKind Kind, bool Loops), Lazy<AgentModule>> modules = new();
    private readonly ConcurrentDictionary<string, Lazy<WasiFolder>> folders = new();
    private readonly WasmEngine engine;
    private readonly ModuleStore store;
    private readonly EpochTicker ticker;

    /// <exception cref="MeshNodeException">The engine cannot serve the options.</exception>
    public GuestEngine(GuestEngineOptions options, string? cacheFolder, ModuleStore store)
    {
        Options = options;
        this.store = store;
        try
        {
            engine = new WasmEngine(new WasmEngineOptions
            {
                ConsumeFuel = options.ConsumeFuel, CanonicalizeNan = options.CanonicalizeNan, MaxStackBytes = options.MaxStackBytes, CacheFolder = cacheFolder,
                Allocation = options.Allocation == GuestAllocation.Dense ? InstanceAllocation.Dense : InstanceAllocation.OnDemand,
                MaxMappings = options.MaxMappings,
            });
        }
        catch (WasmEngineException e)
        {
            throw new MeshNodeException(NodeFailure.Configuration, $"The engine for guests cannot be made: {e.Message}", e);
        }
        ticker = new EpochTicker(options.EpochTick, engine.IncrementEpoch, e => OnTickFailed?.Invoke(e));
    }

    public GuestEngineOptions Options { get; }

    /// <summary>Told when the epoch could not be moved on, by the thread that tried.</summary>
    public Action<Exception>? OnTickFailed { get; set; }

    /// <summary>What decides what a guest computes, for the headers of blocks.</summary>
    public string Fingerprint => engine.Options.Fingerprint;

    /// <summary>The compiled module of an agent.</summary>
    /// <exception cref="GuestRefusedException">It cannot be an agent.</exception>
    public AgentModule ModuleOf(AgentDefinition agent) =>
        modules.GetOrAdd((agent.ModuleHash, agent.Kind, agent.Wasi.InputLoops), _ =>
            new Lazy<AgentModule>(() => AgentModule.Load(engine, store.Read(agent), agent), LazyThreadSafetyMode.PublicationOnly)).Value;

    /// <summary>Whether a module can be an agent, of whatever kind its exports say.</summary>
    /// <param name="module">Its bytes.</param>
    /// <param name="file">Where it comes from, for messages.</param>
    /// <exception cref="ModuleRefusedException">It cannot.</exception>
    public void Check(byte[] module, string file) => ModuleCheck.Check(engine, module, new AgentDefinition { Name = file, ModuleHash = "", ModuleFile = file });

    /// <summary>The content of a folder that an agent may read, shared by all that may.</summary>
    /// <exception cref="GuestRefusedException">It is not kept here, or was changed.</exception>
    public WasiFolder FolderOf(AgentDefinition agent, WasiPreopen preopen) =>
        folders.GetOrAdd(preopen.ContentHash, _ => new Lazy<WasiFolder>(() => store.ReadFolder(agent, preopen), LazyThreadSafetyMode.PublicationOnly)).Value;

    /// <summary>Ticks until the deadline; one more, because the current one has begun.</summary>
    public ulong TicksOf(TimeSpan deadline) => (ulong)Math.Ceiling(deadline / Options.EpochTick) + 1;

    public void Dispose()
    {
        ticker.Dispose();
        foreach (var module in modules.Values)
            if (module is { IsValueCreated: true }) module.Value.Module.Dispose();
        engine.Dispose();
    }
}
