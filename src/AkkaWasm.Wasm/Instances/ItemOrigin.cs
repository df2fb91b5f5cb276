namespace AkkaWasm.Wasm.Instances;

/// <summary>What an import is linked to in the end, through all instances that pass it on.</summary>
/// <param name="Instance">The number of the instance that defines the item; of a host function, the number of the instance that imports it from the host.</param>
/// <param name="Index">The item's index there, in the index space of its kind.</param>
internal readonly record struct ItemOrigin(int Instance, int Index);
