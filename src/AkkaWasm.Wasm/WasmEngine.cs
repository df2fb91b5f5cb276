using System.Security.Cryptography;
using AkkaWasm.Wasm.Binary;
using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;
using AkkaWasm.Wasm.Weaving;

namespace AkkaWasm.Wasm;

/// <summary>
/// Compiles modules and holds what their instances share. One is enough for a process; all its members may be called by any thread.
/// Modules and instances that are still open keep working after it is disposed.
/// </summary>
public sealed class WasmEngine : IDisposable
{
    private readonly EngineHandle _handle;
    private readonly CompiledModuleCache? _cache;

    /// <summary>Makes an engine.</summary>
    /// <param name="options">What it is made with; the defaults if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message says which.</exception>
    /// <exception cref="WasmEngineException">The library cannot serve these options on this machine, or the cache folder cannot be made.</exception>
    public WasmEngine(WasmEngineOptions? options = null)
    {
        Options = options ?? new WasmEngineOptions();
        _handle = EngineFactory.Create(Options);
        if (Options.CacheFolder is { } folder) _cache = CompiledModuleCache.Open(folder, Options.Fingerprint);
    }

    /// <summary>The library's version, as <c>50.0.1</c>.</summary>
    public static string EngineVersion { get; } = EngineFactory.LibraryVersion();

    /// <summary>What the engine was made with.</summary>
    public WasmEngineOptions Options { get; }

    /// <summary>How many modules were taken from the cache folder instead of being compiled.</summary>
    public long CacheHits => _cache?.Hits ?? 0;

    internal EngineHandle Handle => _handle;

    /// <summary>Inspects, weaves and compiles a module.</summary>
    /// <param name="wasmOrWat">The module, as a binary or as text in UTF-8.</param>
    /// <param name="file">Where it came from, for messages and back-traces.</param>
    /// <exception cref="ModuleRefusedException">It is malformed, invalid, past a limit, or needs what is not served.</exception>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public WasmModule Load(ReadOnlyMemory<byte> wasmOrWat, string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        ReadOnlyMemory<byte> wasm = WatText.IsBinary(wasmOrWat.Span) ? wasmOrWat : WatText.ToBinary(wasmOrWat.Span, file, Options.ModuleLimits);
        var description = ModuleReader.Read(wasm, file, Options.ModuleLimits);
        var contentHash = Convert.ToHexStringLower(SHA256.HashData(wasmOrWat.Span));
        var woven = ModuleWeaver.Weave(wasm, description, contentHash);
        var compiled = ModuleCompiler.Compile(_handle, woven.Bytes.Span, file, _cache);
        return new WasmModule(this, compiled, description, woven, file, contentHash);
    }

    /// <summary>Compiles a module of ours that works on a guest's objects.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="file">The guest's file, for messages.</param>
    /// <param name="isKept">Whether the machine code goes into the cache folder.</param>
    internal CompiledModuleHandle CompileHelper(ReadOnlySpan<byte> wasm, string file, bool isKept) =>
        ModuleCompiler.Compile(_handle, wasm, file, isKept ? _cache : null);

    /// <summary>Moves the engine's epoch on by one tick; instances whose deadline it reaches are interrupted. Takes nanoseconds.</summary>
    /// <exception cref="ObjectDisposedException">The engine is disposed.</exception>
    public void IncrementEpoch() => LibWasmtime.wasmtime_engine_increment_epoch(_handle);

    /// <summary>Gives the engine back. What was made with it keeps its own share.</summary>
    public void Dispose() => _handle.Dispose();
}
