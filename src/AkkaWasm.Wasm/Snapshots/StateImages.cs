namespace AkkaWasm.Wasm.Snapshots;

/// <summary>A global's value: the bits of a number or vector, or a function.</summary>
/// <param name="Index">The global index.</param>
/// <param name="Kind">Number, vector or reference.</param>
/// <param name="Bits">The bits; of a function reference the function index plus one, 0 for null.</param>
internal readonly record struct GlobalImage(int Index, WasmValueKind Kind, UInt128 Bits);

/// <summary>A table of function references.</summary>
/// <param name="Index">The table index.</param>
/// <param name="Elements">Function indices plus one, 0 for null.</param>
internal sealed record TableImage(int Index, uint[] Elements);

/// <summary>What is not memory.</summary>
/// <param name="Globals">The globals that can change.</param>
/// <param name="Tables">The tables of function references.</param>
/// <param name="DroppedSegments">For each segment that code can drop, whether it did.</param>
internal sealed record ItemImage(GlobalImage[] Globals, TableImage[] Tables, bool[] DroppedSegments);
