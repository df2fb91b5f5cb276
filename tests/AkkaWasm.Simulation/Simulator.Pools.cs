using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation.Checkers;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Simulation;

/// <content>A pool grows and shrinks by itself, by operators and by changes of the topology, under everything else.</content>
internal sealed partial class Simulator
{
    /// <summary>In how many steps a pool is looked at or changed once, where there is one.</summary>
    private const int StepsPerPoolChange = 8;

    private const string PoolName = "crew";

    /// <summary>Lines that are reached often, and few keys for the partitions.</summary>
    private static MeshTopology WithPool(MeshTopology topology, Dice dice)
    {
        var group = dice.Of([GroupDefinition.Default, "resuming", "resetting", "rewinding"]);
        var pool = Agent(PoolName, "quake.> feed.> alert.*", "noter", group) with
        {
            SnapshotEveryTurns = 1 + dice.Next(8), HashEveryTurns = 3,
            Pool = new PoolPolicy
            {
                Key = new AgentKey(2), Partitions = 6 + dice.Next(4), Size = 1 + dice.Next(3), Min = 1, Max = 4, GrowLag = 2, GrowAge = TimeSpan.FromSeconds(2), ShrinkLag = 2,
                ShrinkAge = TimeSpan.FromMilliseconds(500), ShrinkAfter = TimeSpan.FromSeconds(1), CoolDown = TimeSpan.FromSeconds(dice.Next(3)),
            },
        };
        return topology with { Agents = topology.Agents.Add(pool) };
    }

    /// <summary>What the pool is called now.</summary>
    private string NameOfPool => mesh!.Shard.Topology!.Agents.First(a => a.Pool is not null).Name;

    private void ChangePools()
    {
        if (!options.Pools || !mesh!.IsReady || mesh.IsDraining || mesh.IsReplacing || !dice.OneIn(StepsPerPoolChange)) return;
        var wanted = 1 + dice.Next(5);
        if (dice.OneIn(4) && mesh.Shard.FindPool(NameOfPool)?.Members.FirstOrDefault(m => m.Role == PoolMemberRole.Stopped) is { } stopped) Do("a reset", (s, now) => s.Reset(stopped.Name, now));
        else if (dice.OneIn(4)) Do("another size of a pool", (s, now) => s.ResizePool(NameOfPool, wanted, "", now));
        else if (dice.OneIn(8)) ChangePoolSize(Math.Min(wanted, 4));
        else if (dice.OneIn(30)) TakeMeshBack();
        else mesh.ObservePools();
    }

    private void ChangePoolSize(int size)
    {
        var running = mesh!.Shard.Topology!;
        var name = NameOfPool;
        var agents = running.Agents.Select(a => a.Name == name ? a with { Pool = a.Pool! with { Size = size } } : a);
        var answer = mesh.Apply(running with { Agents = [.. agents] }, null, drain: null);
        if (answer.Outcome == TopologyOutcome.Refused && mesh.Shard.Canaries.All(c => c.Definition != name)) throw new SimulationException($"The size of the pool could not be changed: {answer.Plan.Problems[0].Message}");
    }
}
