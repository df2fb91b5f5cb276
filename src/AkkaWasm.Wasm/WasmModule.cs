using System.Runtime.CompilerServices;
using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Snapshots.Heap;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm;

/// <summary>
/// A compiled module, ready for any number of instances; its members may be called by any thread. Instances keep working after it is disposed.
/// </summary>
public sealed class WasmModule : IDisposable
{
    private readonly ConditionalWeakTable<HostFunctions, LinkedModule> _linked = [];

    internal WasmModule(WasmEngine engine, CompiledModuleHandle handle, ModuleDescription description, WovenModule woven, string file, string contentHash)
    {
        Engine = engine;
        Handle = handle;
        Description = description;
        State = ModuleState.Of(description, woven);
        File = file;
        ContentHash = contentHash;
        Helpers = new HelperModules(this);
    }

    /// <summary>What the module is, imports, exports and needs.</summary>
    public ModuleDescription Description { get; }

    /// <summary>SHA-256 of the bytes as they were given (the text, for a text module), 64 lower-case hexadecimal digits.</summary>
    public string ContentHash { get; }

    /// <summary>Where it came from, as given to <see cref="WasmEngine.Load"/>.</summary>
    public string File { get; }

    /// <summary>The engine that compiled it.</summary>
    public WasmEngine Engine { get; }

    internal CompiledModuleHandle Handle { get; }

    /// <summary>Where the module keeps what a snapshot saves.</summary>
    internal ModuleState State { get; }

    /// <summary>What reads and makes objects of its types.</summary>
    internal HelperModules Helpers { get; }

    /// <summary>Gives the machine code back as soon as no instance uses it any more.</summary>
    public void Dispose()
    {
        Handle.Dispose();
        Helpers.Dispose();
        foreach (var (_, linked) in _linked) linked.Dispose();
    }

    internal LinkedModule Link(HostFunctions functions)
    {
        ThrowIfDisposed();
        return _linked.GetValue(functions, f => LinkedModule.Create(this, f));
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Handle.IsClosed, this);
}
