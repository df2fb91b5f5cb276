using AkkaWasm.Actors;

namespace AkkaWasm.Service.Configuration;

/// <summary>What the names of modules mean that a configuration uses: <c>histogram@^1.2</c> becomes a version and its content once, before anything is compared or applied.</summary>
/// <param name="where">Where they are looked up, following "is not in".</param>
/// <param name="resolve">What a reference means, or null if there is nothing.</param>
/// <param name="read">The bytes of content by its hash, or null if they are not here; needed where modules are composed.</param>
internal sealed class ModuleNamesInUse(string where, Func<ModuleReference, ResolvedModule?> resolve, Func<string, ReadOnlyMemory<byte>?>? read = null)
{
    /// <summary>Where nothing has a name.</summary>
    public static ModuleNamesInUse None { get; } = new("what this was given", _ => null);

    /// <summary>The names of a data folder, whether or not a node runs on it.</summary>
    public static ModuleNamesInUse Of(string dataFolder) => new($"the data folder '{dataFolder}'", reference =>
    {
        using var modules = OfflineModules.Open(new LogLocation(dataFolder), new ModuleOptions());
        return modules.Resolve(reference);
    }, hash =>
    {
        using var modules = OfflineModules.Open(new LogLocation(dataFolder), new ModuleOptions());
        return modules.Read(hash);
    });

    /// <summary>The references that agents use, and whether the content itself is needed, because it is composed with other modules.</summary>
    public static IEnumerable<(ModuleReference Reference, bool IsPart)> In(ServiceConfiguration configuration)
    {
        foreach (var agent in configuration.WithReplacements)
        {
            if (agent.Module is not { } module) continue;
            var written = module.IsComposed ? module.Parts.Select(part => part.Module.Written) : [module.Written];
            foreach (var text in written.Where(IsOne))
                if (ModuleReference.TryParse(text, out var reference, out _)) yield return (reference, module.IsComposed);
        }
    }

    /// <summary>The bytes of content; null if they are not here.</summary>
    /// <param name="hash">Its SHA-256.</param>
    public ReadOnlyMemory<byte>? Read(string hash) => read?.Invoke(hash);

    /// <summary>Whether an agent's module is named, and neither a file nor content.</summary>
    public static bool IsOne(string written) => PinnedReference.Find(written) is null && ModuleReference.LooksLikeOne(written);

    /// <summary>What a module is that an agent names.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="module">Its module.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public ResolvedModule? Find(ConfiguredAgent agent, ModuleReferenceInFile module, List<string> problems)
    {
        if (!ModuleReference.TryParse(module.Written, out var reference, out var problem))
            problems.Add($"the module '{module.Written}' of the agent '{agent.Definition.Name}' cannot be used at {module.Origin}: {Cli.ErrorReport.AsClause(problem)}");
        else if (resolve(reference) is { } found) return found;
        else problems.Add($"the module '{module.Written}' of the agent '{agent.Definition.Name}', named at {module.Origin}, is not in {where}; push it with module push, or name a file as \"agents/{module.Written}.wasm\"");
        return null;
    }
}
