using System.Collections.Immutable;
using AkkaWasm.Actors.Modules;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors;

/// <summary>The modules of a data folder without a node.</summary>
public sealed class OfflineModules : IModuleRegistry, IDisposable
{
    private readonly ModuleRegistry registry;
    private readonly DataFolder? held;
    private WasmEngine? engine;

    private OfflineModules(LogLocation location, ModuleOptions options, DataFolder? held)
    {
        this.held = held;
        var store = new ModuleStore(DataFolder.ModulesFolderOf(Path.GetFullPath(location.DataFolder))) { Trust = new ModuleTrust(options) };
        registry = new ModuleRegistry(store, options, Check, () => LogOf(location));
    }

    /// <inheritdoc/>
    public ModuleOptions Options => registry.Options;

    /// <summary>Opens them to look at them; a node may run on the folder.</summary>
    /// <exception cref="MeshNodeException">A key cannot be used.</exception>
    public static OfflineModules Open(LogLocation location, ModuleOptions options) => new(location, options, null);

    /// <summary>Opens them to change them; the folder is made if it is not there, and held until this is disposed of.</summary>
    /// <exception cref="MeshNodeException">A node runs on the folder, it cannot be made, or a key cannot be used.</exception>
    public static OfflineModules Take(LogLocation location, ModuleOptions options)
    {
        var held = DataFolder.Take(location.DataFolder);
        try
        {
            return new OfflineModules(location, options, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">They were opened to be looked at.</exception>
    public Task<ModulePushed> PushAsync(ModulePush push, CancellationToken cancellation = default) => Held().PushAsync(push, cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ModuleInfo>> ListAsync(bool withLog, CancellationToken cancellation = default) => registry.ListAsync(withLog, cancellation);

    /// <inheritdoc/>
    public Task<ModuleInfo?> FindAsync(ModuleReference reference, bool withLog, CancellationToken cancellation = default) =>
        registry.FindAsync(reference, withLog, cancellation);

    /// <inheritdoc/>
    public ResolvedModule? Resolve(ModuleReference reference) => registry.Resolve(reference);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? Read(string hash) => registry.Read(hash);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">They were opened to be looked at.</exception>
    public ImmutableArray<string> AddSignatures(string hash, string signatures) => Held().AddSignatures(hash, signatures);

    /// <inheritdoc/>
    public Task<ModuleVerification> VerifyAsync(ModuleReference? only = null, CancellationToken cancellation = default) => registry.VerifyAsync(only, cancellation);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">They were opened to be looked at, and it is no dry run.</exception>
    public Task<ModuleCollection> CollectAsync(CollectOptions options, CancellationToken cancellation = default) => (options.DryRun ? registry : Held()).CollectAsync(options, cancellation);

    /// <summary>Lets the folder go.</summary>
    public void Dispose()
    {
        engine?.Dispose();
        held?.Dispose();
    }

    private ModuleRegistry Held() => held is null ? throw new InvalidOperationException("The modules were opened to be looked at.") : registry;

    private void Check(byte[] module, string file) => ModuleCheck.Check(engine ??= new WasmEngine(), module, new AgentDefinition { Name = file, ModuleHash = "", ModuleFile = file });

    /// <summary>Null where no node ever ran: nothing of a log is there, neither in the folder nor named.</summary>
    private static LogStores? LogOf(LogLocation location)
    {
        var folder = Path.GetFullPath(location.DataFolder);
        string[] traces = [DataFolder.JournalFileOf(folder), DataFolder.HeadFileOf(folder), DataFolder.SnapshotsFileOf(folder), StoresFile.PathIn(folder)];
        return location.Journal is null && !traces.Any(File.Exists) ? null : LogStores.Of(location);
    }
}
