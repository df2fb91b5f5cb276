using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <summary>A function that an instance exports. Calls are for one thread at a time, as its store is.</summary>
public sealed unsafe class WasmFunction
{
    private const int MaxInlineValues = 16;

    private readonly WasmStore _store;
    private readonly bool _isI32ToI32;
    private readonly bool _isI64ToI32;
    private readonly bool _hasReferences;
    private NativeItem _item;

    internal WasmFunction(WasmInstance instance, FunctionExport export, NativeItem item)
    {
        Instance = instance;
        _store = instance.Store;
        Name = export.Name;
        Type = export.Type;
        _item = item;
        _isI32ToI32 = Is(WasmValueKind.I32, WasmValueKind.I32);
        _isI64ToI32 = Is(WasmValueKind.I64, WasmValueKind.I32);
        _hasReferences = Type.Parameters.Any(t => t.IsReference) || Type.Results.Any(t => t.IsReference);
    }

    /// <summary>The instance that exports it.</summary>
    public WasmInstance Instance { get; }

    /// <summary>The name it is exported under.</summary>
    public string Name { get; }

    /// <summary>Its signature.</summary>
    public WasmFunctionType Type { get; }

    /// <summary>Calls a function <c>(i32) -> (i32)</c>, the quickest way.</summary>
    /// <exception cref="InvalidOperationException">Its signature is another, or its store is faulted or running elsewhere.</exception>
    /// <exception cref="WasmTrapException">The guest failed; see <see cref="WasmStore.KeepsRunningAfterFailure"/>.</exception>
    /// <exception cref="ObjectDisposedException">Its store is disposed.</exception>
    public int InvokeI32(int argument)
    {
        if (!_isI32ToI32) throw Mismatch("(i32) -> (i32)");
        RawValue value = default;
        value.I32 = argument;
        _store.Call(ref _item, &value, 1);
        return value.I32;
    }

    /// <summary>Calls a function <c>(i64) -> (i32)</c>, the quickest way.</summary>
    /// <exception cref="InvalidOperationException">Its signature is another, or its store is faulted or running elsewhere.</exception>
    /// <exception cref="WasmTrapException">The guest failed; see <see cref="WasmStore.KeepsRunningAfterFailure"/>.</exception>
    /// <exception cref="ObjectDisposedException">Its store is disposed.</exception>
    public int InvokeI64ToI32(long argument)
    {
        if (!_isI64ToI32) throw Mismatch("(i64) -> (i32)");
        RawValue value = default;
        value.I64 = argument;
        _store.Call(ref _item, &value, 1);
        return value.I32;
    }

    /// <summary>Calls a function of any signature.</summary>
    /// <param name="arguments">
    /// One for each parameter. For a reference: null where its type allows it, a 31-bit integer or a host reference where it can stand.
    /// </param>
    /// <returns>The results.</returns>
    /// <exception cref="ArgumentException">The arguments do not fit the signature; the message says which and how.</exception>
    /// <exception cref="InvalidOperationException">Its store is faulted or running elsewhere.</exception>
    /// <exception cref="WasmTrapException">The guest failed; see <see cref="WasmStore.KeepsRunningAfterFailure"/>.</exception>
    /// <exception cref="ObjectDisposedException">Its store is disposed.</exception>
    public WasmValue[] Invoke(params ReadOnlySpan<WasmValue> arguments)
    {
        CheckArguments(arguments);
        var room = Math.Max(Type.Parameters.Count, Type.Results.Count);
        Span<RawValue> values = room <= MaxInlineValues ? stackalloc RawValue[MaxInlineValues] : new RawValue[room];
        values.Clear();
        for (var i = 0; i < arguments.Length; i++) values[i].V128 = arguments[i].Bits;
        return _hasReferences ? CallWithReferences(arguments, values, room) : Call(values, room);
    }

    private WasmValue[] Call(Span<RawValue> values, int room)
    {
        fixed (RawValue* first = values) _store.Call(ref _item, first, room);
        var results = new WasmValue[Type.Results.Count];
        for (var i = 0; i < results.Length; i++) results[i] = Read(Type.Results[i], values[i]);
        return results;
    }

    /// <summary>Roots what is passed until the call is over, and keeps other threads out until the results are read.</summary>
    private WasmValue[] CallWithReferences(ReadOnlySpan<WasmValue> arguments, Span<RawValue> values, int room)
    {
        var roots = new NativeItem[arguments.Length];
        byte here;
        _store.Enter(&here);
        try
        {
            for (var i = 0; i < arguments.Length; i++)
            {
                if (arguments[i].ReferenceKind == ReferenceKind.Host)
                    roots[i] = ReferenceValues.NewHostReference(_store.Context, arguments[i].AsHostReference());
            }
            fixed (NativeItem* first = roots)
            {
                for (var i = 0; i < arguments.Length; i++)
                {
                    if (arguments[i].Kind != WasmValueKind.Reference) continue;
                    values[i].Low = roots[i].IsNull
                        ? ReferenceValues.RawOf(arguments[i])
                        : LibWasmtime.wasmtime_externref_to_raw(_store.Context, first + i);
                }
            }
            return Call(values, room);
        }
        finally
        {
            fixed (NativeItem* first = roots)
            {
                for (var i = 0; i < roots.Length; i++) LibWasmtime.wasmtime_externref_unroot(first + i);
            }
            _store.Leave();
        }
    }

    private void CheckArguments(ReadOnlySpan<WasmValue> arguments)
    {
        if (arguments.Length != Type.Parameters.Count)
            throw new ArgumentException($"{Name} {Type} takes {Type.Parameters.Count} arguments, not {arguments.Length}.");
        for (var i = 0; i < arguments.Length; i++)
        {
            var wanted = Type.Parameters[i];
            if (arguments[i].Kind != wanted.Kind)
                throw new ArgumentException($"{Name} {Type} takes {wanted} as argument {i}, not {arguments[i].Kind}.");
            if (wanted.IsReference && !ReferenceValues.Fits(wanted, arguments[i]))
            {
                throw new ArgumentException(
                    $"{Name} {Type} takes {wanted} as argument {i}, not {arguments[i]}; the host can pass null, 31-bit integers and host references, where the type allows them.");
            }
        }
    }

    private WasmValue Read(WasmValueType type, RawValue value) => type.IsReference
        ? ReferenceValues.Read(_store.Context, type.Heap, Instance.Module.Description.IsFunction(type.Heap), value.Low)
        : WasmValue.FromBits(type.Kind, value.V128);

    private bool Is(WasmValueKind parameter, WasmValueKind result) =>
        Type.Parameters.Count == 1 && Type.Parameters[0].Kind == parameter && Type.Results.Count == 1 && Type.Results[0].Kind == result;

    private InvalidOperationException Mismatch(string called) => new($"{Name} is {Type}, not {called}.");
}
