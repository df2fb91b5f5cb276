namespace AkkaWasm.Wasm.Instances;

/// <summary>Whether what a module needs from the start is within an instance's limits.</summary>
internal static class InitialNeeds
{
    public static void Check(ModuleDescription module, WasmLimits limits)
    {
        foreach (var memory in module.Memories.Where(m => m.Import is null))
        {
            if (memory.MinimumPages > (ulong)limits.MemoryBytes / MemoryDescription.PageSizeBytes)
            {
                throw Refused(module, $"memory {memory.Index} begins with {memory.MinimumPages} pages of 64 KiB",
                    $"the limit is {limits.MemoryBytes} bytes", nameof(limits.MemoryBytes));
            }
        }
        foreach (var table in module.Tables.Where(t => t.Import is null))
        {
            if (table.Minimum > (ulong)limits.TableElements)
            {
                throw Refused(module, $"table {table.Index} begins with {table.Minimum} elements",
                    $"the limit is {limits.TableElements}", nameof(limits.TableElements));
            }
        }
        if (module.Memories.Count > limits.Memories)
            throw Refused(module, $"the module has {module.Memories.Count} memories", $"the limit is {limits.Memories}", nameof(limits.Memories));
        if (module.Tables.Count > limits.Tables)
            throw Refused(module, $"the module has {module.Tables.Count} tables", $"the limit is {limits.Tables}", nameof(limits.Tables));
    }

    private static ModuleRefusedException Refused(ModuleDescription module, string need, string limit, string name) =>
        new(module.File, $"{need}, but {limit}: raise {name} or build the module smaller.");
}
