using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>The mesh of <c>config/earthquakes</c>, built without its configuration file.</summary>
internal static class Earthquakes
{
    private static string Folder => Path.Combine(Repository.Root, "config", "earthquakes");

    public static MeshNodeOptions Options(string dataFolder)
    {
        var modules = new Dictionary<string, ModuleFile>();
        var resume = new SupervisionPolicy { Directive = HealingDirective.Resume };
        return new MeshNodeOptions
        {
            DataFolder = dataFolder,
            Topology = new MeshTopology("earthquakes", SupervisionPolicy.Default,
                [new GroupDefinition("feed", null, SupervisionPolicy.Default), new GroupDefinition("statistics", null, resume)],
                [
                    Agent(modules, "ingest/ingest.wasm", "ingest", "feed", "usgs.feed") with { Capabilities = new Capabilities { Publish = ["quake.*", "seismic.other.*"] } },
                    Agent(modules, "monitors/monitors.wasm", "monitors", "statistics", "quake.*") with
                    {
                        Key = new AgentKey(2), Capabilities = new Capabilities { Publish = ["alert.swarm.*"] }, Config = """{"quakes":5,"window_ms":3600000}"""u8.ToArray(),
                        PassivateIdleAfter = TimeSpan.FromMinutes(10),
                    },
                    Agent(modules, "histogram/histogram.wasm", "histogram", "statistics", "quake.>"),
                    Agent(modules, "archive/archive.wat", "archive", "feed", "usgs.feed") with { Limits = new AgentLimits { MemoryBytes = 5L << 30 } },
                ]),
            Modules = modules,
            Sources =
            [
                new FileSourceOptions { Name = "week", Path = Path.Combine(Folder, "usgs-all-week-2018-02.geojson"), Format = FileSourceFormat.GeoJsonFeatures, Topic = "usgs.feed" },
            ],
        };
    }

    /// <summary>The same mesh with the histogram that counts negative magnitudes.</summary>
    public static TopologyTarget WithSignedHistogram(MeshTopology topology)
    {
        var modules = new Dictionary<string, ModuleFile>();
        var signed = Agent(modules, "histogram-signed/histogram-signed.wasm", "histogram", "statistics", "quake.>");
        return new TopologyTarget(topology with { Agents = [.. topology.Agents.Select(a => a.Name == signed.Name ? signed : a)] }) { Modules = modules };
    }

    private static AgentDefinition Agent(Dictionary<string, ModuleFile> modules, string file, string name, string group, string subscription)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder, "agents", file));
        var hash = ModuleStore.HashOf(bytes);
        modules[hash] = new ModuleFile(bytes, file);
        return new AgentDefinition { Name = name, ModuleHash = hash, ModuleFile = file, Group = group, Subscriptions = [subscription] };
    }
}
