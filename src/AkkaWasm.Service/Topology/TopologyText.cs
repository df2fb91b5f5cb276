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
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="HoconException">A key is unknown, or a value of a wrong type or out of range.</exception>
    /// <exception cref="ConfigurationException">A module or folder is not named by its content.</exception>
    public static TopologyTarget Read(string json)
    {
        JsonDocument.Parse(json).Dispose();
        var configuration = ConfigurationReader.ReadTopology(ConfigurationTree.OfText(json, Name));
        var problems = configuration.Agents.SelectMany(NotPinned).ToArray();
        if (problems.Length > 0) throw new ConfigurationException(problems);
        return new TopologyTarget(ModuleLoader.Load(configuration).Node.Topology);
    }

    private static IEnumerable<string> NotPinned(ConfiguredAgent agent)
    {
        if (agent.Module is { } module && PinnedReference.Find(module.Written) is null)
            yield return $"the module '{module.Written}' of the agent '{agent.Definition.Name}' is a path; name it by its content as ingest.wasm@sha256:…, and put its bytes to /v1/modules/… first";
        foreach (var folder in agent.Folders.Where(f => PinnedReference.Find(f.Written) is null))
            yield return $"the folder '{folder.Written}' of the agent '{agent.Definition.Name}' is a path; name it by its content as data@sha256:…, and put what it holds, packed, to /v1/folders/… first";
    }
}
