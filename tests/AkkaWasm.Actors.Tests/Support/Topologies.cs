using System.Collections.Immutable;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Support;

/// <summary>Short ways to write a topology down.</summary>
internal static class Topologies
{
    public static MeshTopology Of(params AgentDefinition[] agents) => new("test", SupervisionPolicy.Default, [], [.. agents]);

    public static MeshTopology Of(ImmutableArray<GroupDefinition> groups, params AgentDefinition[] agents) => new("test", SupervisionPolicy.Default, groups, [.. agents]);

    /// <summary>An agent of a guest in <c>tests/guests</c>. Its images are counted by turns alone.</summary>
    public static AgentDefinition Wat(string name, string guest, params string[] subscriptions) => new()
    {
        Name = name, ModuleHash = ModuleStore.HashOf(Repository.Guest(guest)), ModuleFile = guest + ".wat", Subscriptions = [.. subscriptions],
        Capabilities = new Capabilities { Publish = [">"], Schedule = true, Spawn = true, Send = [">"], Request = [">"], Watch = [">"] },
        SnapshotAtMostEvery = TimeSpan.Zero,
    };

    public static IReadOnlyDictionary<string, ModuleFile> Modules(params string[] guests) =>
        guests.ToDictionary(g => ModuleStore.HashOf(Repository.Guest(g)), g => new ModuleFile(Repository.Guest(g), g + ".wat"));
}
