using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>A history with everything that healing can bring into a shard's state.</summary>
internal static class HealingScenario
{
    public static IEnumerable<LogRecord> Records()
    {
        var policy = Policy(HealingDirective.Rewind, HealingDirective.Stop) with { EventRetries = 3, Rewind = new RewindTarget { Turns = 2 } };
        var mesh = new TestMesh(Of([Group(GroupDefinition.Default, policy)], Agent("noter", "in.>") with { SnapshotEveryTurns = 3 }), HealingTests.Guests()).Run();
        foreach (var text in new[] { "1", "2", "3", "4", "trap", "5" }) mesh.Publish("in.a", text);
        mesh.RunToIdle();
        return mesh.Store.Records();
    }
}
