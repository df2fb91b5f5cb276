namespace AkkaWasm.Wasm.Snapshots;

/// <summary>A global's value: the bits of a number or vector, or a reference.</summary>
/// <param name="Index">The global index.</param>
/// <param name="Kind">Number, vector or reference.</param>
/// <param name="Bits">The bits; of a reference to a function 0 for null or its place in <see cref="ItemImage.Functions"/> plus one, of others a <see cref="ReferenceCode"/>.</param>
internal readonly record struct GlobalImage(int Index, WasmValueKind Kind, UInt128 Bits);

/// <summary>A table.</summary>
/// <param name="Index">The table index.</param>
/// <param name="Elements">Its references, coded as those of globals.</param>
internal sealed record TableImage(int Index, uint[] Elements);

/// <summary>A function by the instance that knows it and its index there, imported ones included.</summary>
internal readonly record struct FunctionName(int Instance, int Index);

/// <summary>What of one instance is not memory.</summary>
/// <param name="Globals">The globals that can change or hold objects.</param>
/// <param name="Tables">The tables that can change or hold objects.</param>
/// <param name="DroppedSegments">For each segment that can be dropped, whether it was.</param>
/// <param name="ObjectSegments">The references of each element segment of objects, coded as in tables; none if it was dropped.</param>
internal sealed record InstanceItems(GlobalImage[] Globals, TableImage[] Tables, bool[] DroppedSegments, uint[][] ObjectSegments);

/// <summary>What an object is.</summary>
internal enum ObjectKind : byte
{
    /// <summary>A struct of a type of the type section.</summary>
    Struct,

    /// <summary>An array of a type of the type section.</summary>
    Array,

    /// <summary>An exception with a tag.</summary>
    Exception,

    /// <summary>A host's reference.</summary>
    HostReference,
}

/// <summary>A type of objects by the instance that has it and its type index there; of an exception its tag index, of a host's reference zeros.</summary>
internal readonly record struct ObjectTypeName(ObjectKind Kind, int Instance, int Index);

/// <summary>
/// The objects that can be reached, in the order in which they are found: from the instances' globals and tables, then breadth first. Equal graphs
/// are equal bytes.
/// </summary>
/// <param name="Types">The types in the order in which objects of them are found.</param>
/// <param name="ObjectTypes">Each object's place in <paramref name="Types"/>.</param>
/// <param name="Fields">
/// The objects' contents one after the other, little endian, without gaps: a struct's or exception's fields in order, an array's length in 4 bytes
/// and its elements, a host reference's key in 8. References take 4 bytes and are coded as in globals.
/// </param>
internal sealed record HeapImage(ObjectTypeName[] Types, uint[] ObjectTypes, byte[] Fields)
{
    public static readonly HeapImage Empty = new([], [], []);
}

/// <summary>What is not memory.</summary>
/// <param name="Instances">The items of each instance, in the order of instantiation.</param>
/// <param name="Functions">The functions that anything refers to, in the order in which they are found.</param>
/// <param name="Heap">The objects.</param>
internal sealed record ItemImage(InstanceItems[] Instances, FunctionName[] Functions, HeapImage Heap);

/// <summary>How references other than to functions are written: 0 is null, an odd number an i31 with its 31 bits above, an even one an object.</summary>
internal static class ReferenceCode
{
    public const uint Null = 0;

    /// <summary>As many objects as there are codes for.</summary>
    public const int MaxObjects = int.MaxValue - 1;

    public static bool IsObject(uint code) => code != Null && (code & 1) == 0;

    public static bool IsI31(uint code) => (code & 1) != 0;

    public static uint OfObject(int id) => (uint)(id + 1) << 1;

    public static int ObjectOf(uint code) => (int)(code >> 1) - 1;
}
