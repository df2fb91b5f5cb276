using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// The helper modules of one guest module, each compiled when it is first needed; for any thread. Instances outlive their module, so they are
/// compiled even after it is disposed.
/// </summary>
internal sealed class HelperModules(WasmModule guest) : IDisposable
{
    private readonly Lock _lock = new();
    private CompiledModuleHandle? _typeTest;
    private CompiledModuleHandle? _reader;
    private CompiledModuleHandle? _writer;
    private readonly Dictionary<int, CompiledModuleHandle> _batches = [];
    private TypeSpace? _types;

    public CompiledModuleHandle TypeTest => Get(ref _typeTest, TypeTestModule.Build);

    public CompiledModuleHandle Reader => Get(ref _reader, ReaderModule.Build);

    public CompiledModuleHandle Writer => Get(ref _writer, WriterModule.Build);

    /// <summary>Makes structs of that type, many in a call.</summary>
    public CompiledModuleHandle Batch(int type)
    {
        lock (_lock)
        {
            var module = _batches.GetValueOrDefault(type);
            return _batches[type] = Get(ref module, guest => BatchModule.Build(guest, type));
        }
    }

    /// <summary>The types of a store with these instances; of those with one module they are found once.</summary>
    public static TypeSpace TypesOf(IReadOnlyList<WasmInstance> instances)
    {
        if (instances.Count != 1) return TypeSpace.Of([.. instances.Select(i => i.Module.Description)]);
        var helpers = instances[0].Module.Helpers;
        lock (helpers._lock) return helpers._types ??= TypeSpace.Of([instances[0].Module.Description]);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _typeTest?.Dispose();
            _reader?.Dispose();
            _writer?.Dispose();
            foreach (var batch in _batches.Values) batch.Dispose();
        }
    }

    private CompiledModuleHandle Get(ref CompiledModuleHandle? module, Func<ModuleDescription, ReadOnlyMemory<byte>> build)
    {
        lock (_lock)
        {
            if (module is null or { IsClosed: true }) module = guest.Engine.CompileHelper(build(guest.Description).Span, guest.File, isKept: true);
            return module;
        }
    }
}
