using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>A history with everything that healing can bring into a shard's state.</summary>
internal static class HealingScenario
{
    public static IEnumerable<LogRecord> Records()
    {
        var policy = Topologies.Policy(HealingDirective.Rewind, HealingDirective.Stop) with { EventRetries = 3, Rewind = new RewindTarget { Turns = 2 } };
        var family = Topologies.Family("kin", "kin.*", 2, "noter") with { Circuit = new CircuitPolicy { MinAgents = 1 } };
        var topology = Topologies.Of([Topologies.Group(GroupDefinition.Default, policy)], Topologies.Agent("noter", "in.>") with { SnapshotEveryTurns = 3 }, family);
        var mesh = new TestMesh(topology, HealingTests.Guests()).Run();
        foreach (var text in new[] { "1", "2", "3", "4", "trap", "5" }) mesh.Publish("in.a", text);
        mesh.RunToIdle();
        mesh.Publish("kin.a", "trap");
        mesh.Run();
        mesh.Shard.Pause("noter", mesh.NowNs);
        mesh.Shard.SimulateCrash("noter", mesh.NowNs);
        mesh.Publish("in.a", "6");
        mesh.RunToIdle();
        return mesh.Store.Records();
    }
}
