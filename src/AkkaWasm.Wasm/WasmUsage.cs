namespace AkkaWasm.Wasm;

/// <summary>What a store's instances take right now, together.</summary>
/// <param name="MemoryBytes">The sizes of their linear memories, in bytes; pages never touched take no real memory.</param>
/// <param name="TableElements">The sizes of their tables.</param>
/// <param name="GcHeapBytes">
/// The size of their GC heap, garbage included, in bytes; 0 if there is none, or where the host does not serve the memories (other systems than Linux,
/// and pools).
/// </param>
/// <param name="FuelUsed">Fuel used since <see cref="WasmStore.Fuel"/> was last set; 0 if fuel is not counted.</param>
public readonly record struct WasmUsage(ulong MemoryBytes, ulong TableElements, ulong GcHeapBytes, ulong FuelUsed);
