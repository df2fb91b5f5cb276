using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Configuration;

/// <summary>Composes the modules that an agent names together.</summary>
internal static class ModuleComposition
{
    /// <summary>The composed module; null if something is wrong.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="module">Its module.</param>
    /// <param name="names">What names of modules mean.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static byte[]? TryCompose(ConfiguredAgent agent, ModuleReferenceInFile module, ModuleNamesInUse names, List<string> problems)
    {
        var before = problems.Count;
        var parts = module.Parts.Select(part => new ModulePart(part.Name, Bytes(agent, part.Module, names, problems), part.Module.Written) { Links = module.Links }).ToArray();
        if (problems.Count > before) return null;
        try
        {
            return ModuleComposer.Compose(parts).Bytes.ToArray();
        }
        catch (Exception e) when (e is ModuleRefusedException or ArgumentException)
        {
            var message = e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : e.Message;
            problems.Add($"the module of the agent '{agent.Definition.Name}', named at {module.Origin}, cannot be composed: {message.TrimEnd('.')}");
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Bytes(ConfiguredAgent agent, ModuleReferenceInFile part, ModuleNamesInUse names, List<string> problems)
    {
        if (PinnedReference.Find(part.Written) is { } pinned) return Content(agent, part, pinned.Hash, names, problems);
        if (ModuleNamesInUse.IsOne(part.Written)) return names.Find(agent, part, problems) is { } named ? Content(agent, part, named.Hash, names, problems) : default;
        return ModuleLoader.TryRead(agent, part, problems);
    }

    private static ReadOnlyMemory<byte> Content(ConfiguredAgent agent, ModuleReferenceInFile part, string hash, ModuleNamesInUse names, List<string> problems)
    {
        if (names.Read(hash) is { } bytes) return bytes;
        problems.Add($"the module '{part.Written}' of the agent '{agent.Definition.Name}', named at {part.Origin}, is to be composed with others, and its bytes are not here; name a file, or push the composed module");
        return default;
    }
}
