using AkkaWasm.Wasm.Instances;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm;

/// <summary>A global that an instance exports, its own or an imported one. For one thread at a time, as its store is.</summary>
public sealed unsafe class WasmGlobal
{
    private readonly NativeItem _item;

    internal WasmGlobal(WasmInstance instance, string name, GlobalDescription description, NativeItem item)
    {
        Instance = instance;
        Name = name;
        Type = description.Type;
        IsMutable = description.IsMutable;
        _item = item;
    }

    /// <summary>The instance that exports it.</summary>
    public WasmInstance Instance { get; }

    /// <summary>The name it is exported under.</summary>
    public string Name { get; }

    /// <summary>The type of its value.</summary>
    public WasmValueType Type { get; }

    /// <summary>Whether it can be set.</summary>
    public bool IsMutable { get; }

    /// <summary>Its value. A faulted store's can be read, too.</summary>
    /// <exception cref="InvalidOperationException">The store is running on another thread; for setting: it is immutable, or its store is faulted.</exception>
    /// <exception cref="ArgumentException">The value is of another type.</exception>
    /// <exception cref="WasmTrapException">The GC heap has no room for a host reference.</exception>
    /// <exception cref="ObjectDisposedException">Its store is disposed.</exception>
    public WasmValue Value
    {
        get
        {
            Instance.Store.ThrowIfDisposed();
            Instance.Store.RequireThread();
            var item = _item;
            NativeValue value = default;
            LibWasmtime.wasmtime_global_get(Context, &item, &value);
            var read = Type.IsReference ? ReadReference(&value) : WasmValue.FromBits(Type.Kind, BitsOf(value));
            GC.KeepAlive(Instance);
            return read;
        }
        set
        {
            CheckNew(value);
            Instance.Store.Enter();
            try
            {
                Instance.Store.ChangeState();
                Set(value);
            }
            finally
            {
                Instance.Store.Leave();
            }
        }
    }

    private nint Context => Instance.Store.Context;

    private bool IsFunction => Instance.Module.Description.IsFunction(Type.Heap);

    private UInt128 BitsOf(NativeValue value) => Type.Kind == WasmValueKind.V128 ? new UInt128(value.High, value.Low) : value.Low;

    private WasmValue ReadReference(NativeValue* value)
    {
        if (value->Reference.IsNull) return WasmValue.NullReference;
        if (IsFunction) return WasmValue.Opaque(ReferenceKind.Function);
        var raw = value->Kind switch
        {
            NativeValueKind.ExternRef => LibWasmtime.wasmtime_externref_to_raw(Context, &value->Reference),
            NativeValueKind.AnyRef => LibWasmtime.wasmtime_anyref_to_raw(Context, &value->Reference),
            _ => 0u,
        };
        var read = value->Kind == NativeValueKind.ExnRef
            ? WasmValue.Opaque(ReferenceKind.Exception)
            : ReferenceValues.Read(Context, Type.Heap, isFunction: false, raw);
        LibWasmtime.wasmtime_val_unroot(value);
        return read;
    }

    private void CheckNew(WasmValue value)
    {
        if (!IsMutable) throw new InvalidOperationException($"The global {Name} is immutable.");
        if (value.Kind != Type.Kind || (Type.IsReference && !ReferenceValues.Fits(Type, value)))
            throw new ArgumentException($"The global {Name} takes {Type}, not {value} ({value.Kind}).", nameof(value));
    }

    private void Set(WasmValue value)
    {
        var item = _item;
        var native = new NativeValue { Kind = NativeKind };
        if (!Type.IsReference)
        {
            native.Low = (ulong)value.Bits;
            native.High = (ulong)(value.Bits >> 64);
        }
        else if (!value.IsNullReference)
        {
            SetReference(&native, value);
        }
        var error = LibWasmtime.wasmtime_global_set(Context, &item, &native);
        if (Type.IsReference) LibWasmtime.wasmtime_val_unroot(&native);
        if (error != 0) throw new InvalidOperationException($"The global {Name} cannot be set: {NativeText.TakeError(error)}");
    }

    /// <summary>
    /// The one way for both hierarchies, since conversion between them keeps the raw form. For a 31-bit integer a host reference is made, too: a raw
    /// reference can be read only once there is a GC heap.
    /// </summary>
    private void SetReference(NativeValue* native, WasmValue value)
    {
        var isHost = value.ReferenceKind == ReferenceKind.Host;
        var host = ReferenceValues.NewHostReference(Context, isHost ? value.AsHostReference() : 0);
        var raw = isHost ? LibWasmtime.wasmtime_externref_to_raw(Context, &host) : ReferenceValues.RawOf(value);
        if (native->Kind == NativeValueKind.ExternRef) LibWasmtime.wasmtime_externref_from_raw(Context, raw, &native->Reference);
        else LibWasmtime.wasmtime_anyref_from_raw(Context, raw, &native->Reference);
        LibWasmtime.wasmtime_externref_unroot(&host);
    }

    private NativeValueKind NativeKind => Type.IsReference ? ReferenceValues.NativeKindOf(Type.Heap, IsFunction) : (NativeValueKind)Type.Kind;
}
