using System.Collections.Immutable;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Configuration;

/// <summary>Reads the modules and folders that agents name and makes sure that each can be an agent.</summary>
internal static class ModuleLoader
{
    /// <summary>The end of the name of a file with signatures, beside that of the module.</summary>
    public const string SignatureEnding = ".sig";

    /// <summary>The same with the names that the configuration's own data folder has.</summary>
    /// <exception cref="ConfigurationException">A file is missing or cannot be an agent, or a name means nothing; all such problems are listed.</exception>
    public static ServiceConfiguration Load(ServiceConfiguration configuration) => Load(configuration, ModuleNamesInUse.Of(configuration.Node.DataFolder));

    /// <summary>The configuration with its modules and folders, by content; a file that several agents name is read once, one that is named by its content or in the store not at all.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="names">What names mean.</param>
    /// <exception cref="ConfigurationException">A file is missing or cannot be an agent, or a name means nothing; all such problems are listed.</exception>
    public static ServiceConfiguration Load(ServiceConfiguration configuration, ModuleNamesInUse names)
    {
        var problems = new List<string>();
        var modules = new Dictionary<string, ModuleFile>(StringComparer.Ordinal);
        var found = new Dictionary<(string File, AgentKind Kind, bool Loops), ResolvedModule?>();
        var folders = new FolderLoader();
        using var engine = new LazyEngine(() => new WasmEngine(EngineOf(configuration.Node)));
        foreach (var agent in configuration.WithReplacements)
        {
            if (agent.Module is not { } module)
            {
                problems.Add($"the agent '{agent.Definition.Name}' says no module at {agent.Origin}; add module = \"….wasm\"");
                continue;
            }
            if (found.ContainsKey(KeyOf(agent, module))) continue;
            found[KeyOf(agent, module)] = module.IsComposed ? Compose(engine, agent, module, names, modules, problems)
                : PinnedReference.Find(module.Written) is { } pinned ? new ResolvedModule(pinned.Name, pinned.Hash)
                : ModuleNamesInUse.IsOne(module.Written) ? names.Find(agent, module, problems)
                : TryLoad(engine.Value, agent, module, modules, problems);
        }
        var withFolders = configuration.Agents.Select(agent => agent with { Definition = folders.Load(agent, problems) }).ToArray();
        if (problems.Count > 0) throw new ConfigurationException(problems);
        var agents = withFolders
            .Select(agent => (Agent: agent, Module: agent.Module!))
            .Select(a => (a.Agent, Module: found[KeyOf(a.Agent, a.Module)]!))
            .Select(a => a.Agent with { Definition = a.Agent.Definition with { ModuleHash = a.Module.Hash, ModuleFile = a.Module.Name } })
            .ToImmutableArray();
        var topology = configuration.Node.Topology with
        {
            Agents = [.. agents.Select(agent => agent.Definition)], Rules = [.. configuration.Rules.Select(rule => WithModule(rule, configuration.Agents, found))],
        };
        return configuration with { Agents = agents, Node = configuration.Node with { Topology = topology, Modules = modules, Folders = folders.Packed } };
    }

    /// <summary>A rule that replaces names its module by content; one about an agent that is not there stays as it is, and is refused with the topology.</summary>
    private static RuleDefinition WithModule(ConfiguredRule rule, ImmutableArray<ConfiguredAgent> agents, Dictionary<(string File, AgentKind Kind, bool Loops), ResolvedModule?> found)
    {
        if (rule.Module is not { } module || agents.FirstOrDefault(a => a.Definition.Name == rule.Definition.Definition) is not { } agent
            || found[KeyOf(agent, module)] is not { } resolved) return rule.Definition;
        return rule.Definition with
        {
            Then = [.. rule.Definition.Then.Select(a => a.Replacement is { } by ? a with { Replacement = by with { ModuleHash = resolved.Hash, ModuleFile = resolved.Name } } : a)],
        };
    }

    /// <summary>
    /// As the node's own engine, so that what is compiled here is compiled for it too; but a folder for compiled modules is not made for a check.
    /// </summary>
    private static WasmEngineOptions EngineOf(MeshNodeOptions node)
    {
        var cache = node.Engine.CacheFolder ?? Path.Combine(node.DataFolder, "cache");
        return new WasmEngineOptions
        {
            ConsumeFuel = node.Engine.ConsumeFuel, CanonicalizeNan = node.Engine.CanonicalizeNan, MaxStackBytes = node.Engine.MaxStackBytes,
            CacheFolder = Directory.Exists(cache) ? cache : null,
        };
    }

    /// <summary>A file is checked once for each kind of agent that it is to be.</summary>
    private static (string File, AgentKind Kind, bool Loops) KeyOf(ConfiguredAgent agent, ModuleReferenceInFile module) =>
        (module.File, agent.Definition.Kind, agent.Definition.Wasi.InputLoops);

    private static ResolvedModule? Compose(
        LazyEngine engine, ConfiguredAgent agent, ModuleReferenceInFile module, ModuleNamesInUse names, Dictionary<string, ModuleFile> modules, List<string> problems) =>
        ModuleComposition.TryCompose(agent, module, names, problems) is { } bytes && TryCheck(engine.Value, agent, module, bytes, problems) is { } hash
            ? Added(modules, hash, new ModuleFile(bytes, module.Written))
            : null;

    private static ResolvedModule Added(Dictionary<string, ModuleFile> modules, string hash, ModuleFile file)
    {
        modules[hash] = file;
        return new ResolvedModule(file.File, hash);
    }

    private static ResolvedModule? TryLoad(WasmEngine engine, ConfiguredAgent agent, ModuleReferenceInFile module, Dictionary<string, ModuleFile> modules, List<string> problems)
    {
        var bytes = TryRead(agent, module, problems);
        if (bytes is null || TryCheck(engine, agent, module, bytes, problems) is not { } hash) return null;
        var signatures = File.Exists(module.File + SignatureEnding) ? File.ReadAllText(module.File + SignatureEnding) : null;
        return Added(modules, hash, new ModuleFile(bytes, module.Written) { Signatures = signatures });
    }

    private static string? TryCheck(WasmEngine engine, ConfiguredAgent agent, ModuleReferenceInFile module, byte[] bytes, List<string> problems)
    {
        try
        {
            return ModuleCheck.Check(engine, bytes, agent.Definition with { ModuleFile = module.Written });
        }
        catch (ModuleRefusedException e)
        {
            problems.Add($"the module of the agent '{agent.Definition.Name}', named at {module.Origin}, is refused: {e.Message.TrimEnd('.')}");
            return null;
        }
    }

    /// <summary>The bytes of a file that an agent names; null if it cannot be read.</summary>
    public static byte[]? TryRead(ConfiguredAgent agent, ModuleReferenceInFile module, List<string> problems)
    {
        try
        {
            return File.ReadAllBytes(module.File);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add($"the module '{module.Written}' of the agent '{agent.Definition.Name}' is not there at {module.Origin}; it was looked for as {module.File}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"the module '{module.Written}' of the agent '{agent.Definition.Name}' cannot be read at {module.Origin}; {e.Message.TrimEnd('.')}");
        }
        return null;
    }

    /// <summary>An engine that is made only if a module has to be looked at.</summary>
    private sealed class LazyEngine(Func<WasmEngine> make) : IDisposable
    {
        private WasmEngine? made;

        public WasmEngine Value => made ??= make();

        public void Dispose() => made?.Dispose();
    }
}
