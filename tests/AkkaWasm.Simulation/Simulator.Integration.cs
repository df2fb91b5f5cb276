using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Simulation;

/// <content>An agent that changes the topology, and asks for what it may not.</content>
internal sealed partial class Simulator
{
    /// <summary>The agent that changes the topology.</summary>
    public const string Integrator = "integrator";

    /// <summary>The group in which it may.</summary>
    public const string IntegratedGroup = "helpers";

    /// <summary>What its agents publish to at most.</summary>
    public const string IntegratedPublish = "alert.*";

    private static readonly string[] Wishes =
    [
        "put helper0 helpers noter#1 500 alert.* quake.>", "put helper1 helpers noter 1000 alert.tick feed.a", "put helper0 helpers noter#2 500 alert.* quake.>", "drop helper1",
        "put helper2 helpers noter 100 alert.* alert.*", "plan put helper1 helpers noter#7 1000 alert.tick feed.a", "drop helper0 500", "put helper1 helpers noter#1 900 alert.tick feed.a",
        "pause helper0", "resume helper0", "drop helper2",
        "put helper0 helpers noter 5000 alert.* quake.>", "put helper1 helpers noter 1000 > feed.a", "put helper3 helpers noter 100 alert.* >", "put helper4 default noter 100 alert.* quake.>", "drop histogram",
        "put integrator default integrator 1000 alert.* feed.>", "pause histogram", "nonsense",
    ];

    private static MeshTopology WithIntegrator(MeshTopology topology, Dice dice)
    {
        var agent = Agent(Integrator, "feed.>", Integrator) with
        {
            SnapshotEveryTurns = 1 + dice.Next(8), HashEveryTurns = 3, Spawn = new SpawnQuota { MaxAgents = 2 + dice.Next(2) },
            Capabilities = new Capabilities { Publish = [IntegratedPublish], Integrate = [$"{IntegratedGroup}.*"], Subscribe = ["quake.>", "alert.*"] },
        };
        return topology with { Groups = [.. topology.Groups, Group(IntegratedGroup, Policy(HealingDirective.Restart, HealingDirective.Reset))], Agents = [.. topology.Agents, agent] };
    }

    /// <summary>Asks for something on some of its events, now and then only if the topology is still that of its last answer.</summary>
    public static GuestFault? Integrate(GuestMemory memory, Turn turn, Behaviour note)
    {
        if (turn.Input.Correlation != 0)
        {
            memory.Seen.Add(TestGuests.TextOf(turn));
            if (memory.Seen.Count > 20) memory.Seen.RemoveAt(0);
            using var json = JsonDocument.Parse(turn.Input.Data);
            memory["at"] = long.Parse(json.RootElement.GetProperty("position").GetString()!.Split('-')[^1]);
            memory["open"]--;
            return null;
        }
        if (note(memory, turn) is { } fault) return fault;
        if (memory["count"] % 3 != 0 || memory["open"] > 2) return null;
        var which = Wishes[(int)((turn.Input.Offset * 7 + memory["count"]) % Wishes.Length)];
        turn.Integrate(Encoding.UTF8.GetBytes(turn.Input.Offset % 4 == 0 && memory["at"] > 0 ? $"if {memory["at"]} {which}" : which));
        memory["open"]++;
        return null;
    }
}
