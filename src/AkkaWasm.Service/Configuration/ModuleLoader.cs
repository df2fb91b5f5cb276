using System.Collections.Immutable;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Configuration;

/// <summary>Reads the modules and folders that agents name and makes sure that each can be an agent.</summary>
internal static class ModuleLoader
{
    /// <summary>The configuration with its modules and folders, by content; a file that several agents name is read once, one that is named by its content not at all.</summary>
    /// <exception cref="ConfigurationException">A file is missing or cannot be an agent; all such problems are listed.</exception>
    public static ServiceConfiguration Load(ServiceConfiguration configuration)
    {
        var problems = new List<string>();
        var modules = new Dictionary<string, ModuleFile>(StringComparer.Ordinal);
        var hashes = new Dictionary<(string File, AgentKind Kind, bool Loops), string?>();
        var folders = new FolderLoader();
        using var engine = new LazyEngine(() => new WasmEngine(EngineOf(configuration.Node)));
        foreach (var agent in configuration.Agents)
        {
            if (agent.Module is not { } module)
            {
                problems.Add($"the agent '{agent.Definition.Name}' says no module at {agent.Origin}; add module = \"….wasm\"");
                continue;
            }
            if (hashes.ContainsKey(KeyOf(agent, module))) continue;
            hashes[KeyOf(agent, module)] = PinnedReference.Find(module.Written)?.Hash ?? TryLoad(engine.Value, agent, module, modules, problems);
        }
        var withFolders = configuration.Agents.Select(agent => agent with { Definition = folders.Load(agent, problems) }).ToArray();
        if (problems.Count > 0) throw new ConfigurationException(problems);
        var agents = withFolders
            .Select(agent => (Agent: agent, Module: agent.Module!))
            .Select(a => (a.Agent, Hash: hashes[KeyOf(a.Agent, a.Module)]!, File: PinnedReference.Find(a.Module.Written)?.Name ?? a.Module.Written))
            .Select(a => a.Agent with { Definition = a.Agent.Definition with { ModuleHash = a.Hash, ModuleFile = a.File } })
            .ToImmutableArray();
        var topology = configuration.Node.Topology with { Agents = [.. agents.Select(agent => agent.Definition)] };
        return configuration with { Agents = agents, Node = configuration.Node with { Topology = topology, Modules = modules, Folders = folders.Packed } };
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
    private static (string File, AgentKind Kind, bool Loops) KeyOf(ConfiguredAgent agent, ModuleReference module) =>
        (module.File, agent.Definition.Kind, agent.Definition.Wasi.InputLoops);

    private static string? TryLoad(WasmEngine engine, ConfiguredAgent agent, ModuleReference module, Dictionary<string, ModuleFile> modules, List<string> problems)
    {
        try
        {
            var bytes = File.ReadAllBytes(module.File);
            var hash = ModuleCheck.Check(engine, bytes, agent.Definition with { ModuleFile = module.Written });
            modules[hash] = new ModuleFile(bytes, module.Written);
            return hash;
        }
        catch (ModuleRefusedException e)
        {
            problems.Add($"the module of the agent '{agent.Definition.Name}', named at {module.Origin}, is refused: {e.Message.TrimEnd('.')}");
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
