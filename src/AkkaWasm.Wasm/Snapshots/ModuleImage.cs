using AkkaWasm.Wasm.Instances;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>One instance of a snapshot: its module and its links.</summary>
/// <param name="ContentHash">The <see cref="WasmModule.ContentHash"/> of its module.</param>
/// <param name="Links">What each of its imports is linked to, in order; empty if all are host functions.</param>
internal sealed record ModuleImage(string ContentHash, ItemOrigin[] Links);
