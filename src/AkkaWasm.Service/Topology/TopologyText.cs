using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Topology;

/// <summary>Reads a topology from text that came from outside: JSON with the keys of a configuration file.</summary>
internal static class TopologyText
{
    private const string Name = "the request's body";

    /// <summary>Reads it. Nothing but the text decides what it says: JSON has no includes and no substitutions, and no file is opened.</summary>
    /// <param name="json">The text.</param>
    /// <param name="names">What names of modules mean.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="HoconException">A key is unknown, or a value of a wrong type or out of range.</exception>
    /// <exception cref="ConfigurationException">A module is named neither by its content nor in the store, or a folder not by its content.</exception>
    public static TopologyTarget Read(string json, ModuleNamesInUse names)
    {
        JsonDocument.Parse(json).Dispose();
        var configuration = ConfigurationReader.ReadTopology(ConfigurationTree.OfText(json, Name));
        var problems = configuration.WithReplacements.SelectMany(NotPinned).ToArray();
        if (problems.Length > 0) throw new ConfigurationException(problems);
        return new TopologyTarget(ModuleLoader.Load(configuration, names).Node.Topology);
    }

    private static IEnumerable<string> NotPinned(ConfiguredAgent agent)
    {
        if (agent.Module is { IsComposed: true })
            yield return $"the module of the agent '{agent.Definition.Name}' is to be composed, which the node does not do; put the composed module to /v1/modules/… first, and name it by its content";
        else if (agent.Module is { } module && PinnedReference.Find(module.Written) is null && !ModuleNamesInUse.IsOne(module.Written))
            yield return $"the module '{module.Written}' of the agent '{agent.Definition.Name}' is a path; name it by its content as ingest.wasm@sha256:…, and put its bytes to /v1/modules/… first, or by the name that it has in the store as ingest@1.2.0";
        foreach (var folder in agent.Folders.Where(f => PinnedReference.Find(f.Written) is null))
            yield return $"the folder '{folder.Written}' of the agent '{agent.Definition.Name}' is a path; name it by its content as data@sha256:…, and put what it holds, packed, to /v1/folders/… first";
    }
}
