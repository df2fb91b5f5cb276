using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <summary>A function that an instance exports. Calls are for one thread at a time, as its instance is.</summary>
public sealed unsafe class WasmFunction
{
    private const int MaxInlineValues = 16;

    private readonly bool _isI32ToI32;
    private readonly bool _isI64ToI32;
    private NativeItem _item;

    internal WasmFunction(WasmInstance instance, FunctionExport export, NativeItem item)
    {
        Instance = instance;
        Name = export.Name;
        Type = export.Type;
        _item = item;
        _isI32ToI32 = Is(WasmValueKind.I32, WasmValueKind.I32);
        _isI64ToI32 = Is(WasmValueKind.I64, WasmValueKind.I32);
    }

    /// <summary>The instance it runs in.</summary>
    public WasmInstance Instance { get; }

    /// <summary>The name it is exported under.</summary>
    public string Name { get; }

    /// <summary>Its signature.</summary>
    public WasmFunctionType Type { get; }

    /// <summary>Calls a function <c>(i32) -> (i32)</c>, the quickest way.</summary>
    /// <exception cref="InvalidOperationException">Its signature is another, or its instance is faulted or running elsewhere.</exception>
    /// <exception cref="WasmTrapException">The guest failed; its instance is faulted from then on.</exception>
    /// <exception cref="ObjectDisposedException">Its instance is disposed.</exception>
    public int InvokeI32(int argument)
    {
        if (!_isI32ToI32) throw Mismatch("(i32) -> (i32)");
        RawValue value = default;
        value.I32 = argument;
        Instance.Call(ref _item, &value, 1);
        return value.I32;
    }

    /// <summary>Calls a function <c>(i64) -> (i32)</c>, the quickest way.</summary>
    /// <exception cref="InvalidOperationException">Its signature is another, or its instance is faulted or running elsewhere.</exception>
    /// <exception cref="WasmTrapException">The guest failed; its instance is faulted from then on.</exception>
    /// <exception cref="ObjectDisposedException">Its instance is disposed.</exception>
    public int InvokeI64ToI32(long argument)
    {
        if (!_isI64ToI32) throw Mismatch("(i64) -> (i32)");
        RawValue value = default;
        value.I64 = argument;
        Instance.Call(ref _item, &value, 1);
        return value.I32;
    }

    /// <summary>Calls a function of any signature.</summary>
    /// <param name="arguments">One for each parameter; for a reference only null, if its type allows it.</param>
    /// <returns>The results; of a reference only whether it is null.</returns>
    /// <exception cref="ArgumentException">The arguments do not fit the signature; the message says which and how.</exception>
    /// <exception cref="InvalidOperationException">Its instance is faulted or running elsewhere.</exception>
    /// <exception cref="WasmTrapException">The guest failed; its instance is faulted from then on.</exception>
    /// <exception cref="ObjectDisposedException">Its instance is disposed.</exception>
    public WasmValue[] Invoke(params ReadOnlySpan<WasmValue> arguments)
    {
        var room = Math.Max(Type.Parameters.Count, Type.Results.Count);
        Span<RawValue> values = room <= MaxInlineValues ? stackalloc RawValue[MaxInlineValues] : new RawValue[room];
        values.Clear();
        SetArguments(arguments, values);
        fixed (RawValue* first = values) Instance.Call(ref _item, first, room);
        var results = new WasmValue[Type.Results.Count];
        for (var i = 0; i < results.Length; i++) results[i] = Read(Type.Results[i], values[i]);
        return results;
    }

    private void SetArguments(ReadOnlySpan<WasmValue> arguments, Span<RawValue> values)
    {
        if (arguments.Length != Type.Parameters.Count)
            throw new ArgumentException($"{Name} {Type} takes {Type.Parameters.Count} arguments, not {arguments.Length}.");
        for (var i = 0; i < arguments.Length; i++)
        {
            var wanted = Type.Parameters[i];
            if (arguments[i].Kind != wanted.Kind)
                throw new ArgumentException($"{Name} {Type} takes {wanted} as argument {i}, not {arguments[i].Kind}.");
            if (wanted.IsReference && !(arguments[i].IsNullReference && wanted.Nullable))
                throw new ArgumentException($"{Name} {Type} takes {wanted} as argument {i}; the host can pass null references only, where the type allows them.");
            values[i].V128 = arguments[i].Bits;
        }
    }

    private WasmValue Read(WasmValueType type, RawValue value)
    {
        if (!type.IsReference) return WasmValue.FromBits(type.Kind, value.V128);
        // Function references are pointers, all other references 32-bit indices with undefined bits above.
        var isNull = IsFunction(type.Heap) ? value.Low == 0 : (uint)value.Low == 0;
        return isNull ? WasmValue.NullReference : WasmValue.OpaqueReference;
    }

    private bool IsFunction(HeapType heap) =>
        heap.Kind is HeapKind.Func or HeapKind.NoFunc
        || (heap.Kind == HeapKind.Concrete && Instance.Module.Description.Types[heap.TypeIndex].Kind == CompositeKind.Function);

    private bool Is(WasmValueKind parameter, WasmValueKind result) =>
        Type.Parameters.Count == 1 && Type.Parameters[0].Kind == parameter && Type.Results.Count == 1 && Type.Results[0].Kind == result;

    private InvalidOperationException Mismatch(string called) => new($"{Name} is {Type}, not {called}.");
}
