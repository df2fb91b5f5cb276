using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Interop;

/// <summary>A sized array that the library allocates and frees (<c>wasm_byte_vec_t</c> and its siblings share this layout).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeVector
{
    public nuint Size;
    public void* Data;

    public readonly ReadOnlySpan<byte> Bytes => new(Data, checked((int)Size));
}

/// <summary>
/// A function, memory, global, table, tag, instance or reference as the library stores it: the id of its store, then private fields.
/// The largest of them takes 24 bytes; the smaller ones leave the tail unused.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct NativeItem
{
    public ulong StoreId;
    public ulong Private1;
    public ulong Private2;

    public readonly bool IsNull => StoreId == 0;
}

/// <summary>The kinds of <see cref="NativeExtern"/>.</summary>
internal enum NativeExternKind : byte
{
    Function = 0,
    Global = 1,
    Table = 2,
    Memory = 3,
    SharedMemory = 4,
    Tag = 5,
}

/// <summary>An export or import: its kind, then the item.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct NativeExtern
{
    [FieldOffset(0)]
    public NativeExternKind Kind;

    [FieldOffset(8)]
    public NativeItem Item;
}

/// <summary>The kinds of <see cref="NativeValue"/>.</summary>
internal enum NativeValueKind : byte
{
    I32 = 0,
    I64 = 1,
    F32 = 2,
    F64 = 3,
    V128 = 4,
    FuncRef = 5,
    ExternRef = 6,
    AnyRef = 7,
    ExnRef = 8,
}

/// <summary>A tagged value, as globals and tables are read and written with.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct NativeValue
{
    [FieldOffset(0)]
    public NativeValueKind Kind;

    [FieldOffset(8)]
    public ulong Low;

    [FieldOffset(16)]
    public ulong High;

    [FieldOffset(8)]
    public NativeItem Reference;
}

/// <summary>An untagged argument or result of a call, 16 bytes. An <c>i32</c> fills only the lowest four.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct RawValue
{
    [FieldOffset(0)]
    public int I32;

    [FieldOffset(0)]
    public long I64;

    [FieldOffset(0)]
    public float F32;

    [FieldOffset(0)]
    public double F64;

    [FieldOffset(0)]
    public UInt128 V128;

    [FieldOffset(0)]
    public ulong Low;

    [FieldOffset(8)]
    public ulong High;
}

/// <summary>How a custom allocator of linear memories presents itself to the library (<c>wasmtime_memory_creator_t</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeMemoryCreator
{
    public nint Environment;
    public delegate* unmanaged<nint, nint, nuint, nuint, nuint, nuint, NativeLinearMemory*, nint> NewMemory;
    public delegate* unmanaged<nint, void> Finalizer;
}

/// <summary>One linear memory of a custom allocator (<c>wasmtime_linear_memory_t</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeLinearMemory
{
    public nint Environment;
    public delegate* unmanaged<nint, nuint*, nuint*, byte*> GetMemory;
    public delegate* unmanaged<nint, nuint, nint> GrowMemory;
    public delegate* unmanaged<nint, void> Finalizer;
}
