using System.Text;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Simulation;

/// <summary>The mesh that is simulated: every way of healing, a family, requests, timers, agents that watch agents; guests in C#.</summary>
internal sealed class SimulatedMesh : ISimulatedWorld
{
    /// <summary>Lines that are reached often.</summary>
    private static readonly HealthPolicy Lines = new()
    {
        DegradedLag = 4, OverloadedLag = 12, DegradedAge = TimeSpan.FromSeconds(2), OverloadedAge = TimeSpan.FromSeconds(10), DegradedFailures = 0.15, MinFailures = 2,
        FailureWindow = TimeSpan.FromSeconds(20), DegradedQuarantine = 3, DegradedTurnTime = 0.6, DegradedMemory = null,
    };

    /// <summary>A clock that guests see though they must not, for <see cref="Sabotage.LeaksTheClock"/>.</summary>
    public Func<long>? LeakedClock { get; set; }

    public MeshTopology Topology(Dice dice)
    {
        var budget = dice.Next(3) switch { 0 => -1, 1 => 3, _ => 20 };
        SupervisionPolicy With(SupervisionPolicy policy) => policy with { MaxNrOfRetries = budget, WithinTimeRange = TimeSpan.FromSeconds(30) };
        var strategy = (SupervisionStrategy)dice.Next(3);
        var every = 1 + dice.Next(12);
        var back = new RewindTarget { Turns = 1 + dice.Next(6), Inputs = dice.OneIn(2) ? RewindInputs.Suppressed : RewindInputs.Reprocessed };
        var circuit = dice.OneIn(3) ? null : new CircuitPolicy { MinAgents = 2 + dice.Next(2), Window = TimeSpan.FromSeconds(20), OpenFor = TimeSpan.FromSeconds(1 + dice.Next(5)), HalfOpenProbes = 1 + dice.Next(3) };
        var ends = dice.OneIn(2) ? ApoptosisPolicy.None : new ApoptosisPolicy { IdleAfter = TimeSpan.FromMilliseconds(100 * (1 + dice.Next(30))), Orphaned = true };
        AgentDefinition Member(AgentDefinition agent, string group = GroupDefinition.Default) => agent with { Group = group, SnapshotEveryTurns = every, HashEveryTurns = 3, KeepSnapshots = 2, KeepOlderSnapshots = 1, Health = Lines };
        return Of(
            [
                Group(GroupDefinition.Default, With(Policy(HealingDirective.Restart, HealingDirective.Reset, HealingDirective.Stop))),
                Group("kin", With(Policy(HealingDirective.Restart, HealingDirective.Stop)) with { Strategy = strategy }),
                Group("resuming", Policy(HealingDirective.Resume)),
                Group("resetting", With(Policy(HealingDirective.Reset, HealingDirective.Stop))),
                Group("together", With(Policy(HealingDirective.Restart, HealingDirective.Stop)) with { Strategy = strategy }),
                Group("inner", Policy(HealingDirective.Escalate), "together"),
                Group("rewinding", With(Policy(HealingDirective.Rewind, HealingDirective.Reset, HealingDirective.Stop)) with { Rewind = back }),
            ],
            Member(Agent("ingest", "feed.>", "ingest")) with { Spawn = new SpawnQuota { MaxAgents = 1 + dice.Next(3) } }, Member(Family("monitors", "quake.*", 2, "noter") with { PassivateIdleAfter = TimeSpan.FromSeconds(1), MaxKeys = 9, Circuit = circuit, Apoptosis = ends }, "kin"),
            Member(Family("watchers", "alert.*", 2, "noter") with { Apoptosis = ends }),
            Member(Agent("histogram", "quake.>", "noter"), "resuming"), Member(Agent("resetter", "feed.b", "noter"), "resetting"),
            Member(Agent("archive", "feed.> alert.*", "noter"), "together"), Member(Agent("copy", "feed.a", "noter"), "together"), Member(Agent("inside", "quake.>", "noter"), "inner"),
            Member(Agent("returner", "feed.> alert.*", "noter"), "rewinding"), Member(Agent("undertaker", "mesh.deadletter.> mesh.agent.*.stopped mesh.health.>", "noter")), Member(Agent("answerer", "ask", "answerer")), Member(Agent("clock", "", "clock")));
    }

    /// <summary>Something for the two topics that come from outside; a sixth of it breaks some guests.</summary>
    public MeshEvent Event(Dice dice, string id, string source, bool traps)
    {
        var text = dice.Next(6) switch { 0 when traps => $"trap{new string('!', dice.Next(3))}", 1 => $"alert {id}", _ => id };
        return TestMesh.Event(dice.OneIn(2) ? "feed.a" : "feed.b", text, id) with { Source = source };
    }

    public IGuestFactory Guests() => new TestGuests { Traits = new GuestTraits { Version = 1, Layout = 1, Migrates = true, Saves = true, Loads = true } }
        .With("noter", Note)
        .With("ingest", Ingest, (memory, turn) => { memory["life"] = turn.Agent.Incarnation; return null; })
        .With(Simulator.Integrator, (memory, turn) => Simulator.Integrate(memory, turn, Note))
        .With("answerer", (memory, turn) => { if (turn.Input.Origin == EventOrigin.Request) turn.Reply(turn.Input.Data); return Note(memory, turn); })
        .With("clock", Clock, (_, turn) => { turn.Schedule(50, "", default); return null; });

    /// <summary>All that a guest can see goes into its memory, so that a difference in any of it shows in the hash.</summary>
    private GuestFault? Note(GuestMemory memory, Turn turn)
    {
        Span<byte> random = stackalloc byte[4];
        turn.Random(random);
        var seen = Encoding.UTF8.GetBytes($"{turn.Input.Topic} {turn.InputId} {turn.InputSource} {turn.NowNs} {turn.Input.Subject} {turn.Input.Correlation} {BitConverter.ToInt32(random)} ");
        memory["sum"] = (long)System.IO.Hashing.XxHash64.HashToUInt64([.. seen, .. turn.Input.Data.Span], memory["sum"]);
        memory["count"]++;
        if (memory["count"] % 3 == 0) turn.Health((int)(memory["count"] / 6 % 3), turn.Input.Data.Length % 2 == 0 ? "even" : "");
        if (LeakedClock is not null) memory["clock"] = LeakedClock();
        var text = TestGuests.TextOf(turn);
        if (text.StartsWith("alert", StringComparison.Ordinal) && turn.Agent.Name.StartsWith("monitors", StringComparison.Ordinal)) turn.Publish($"alert.{text.Length % 3}", turn.Input.Data);
        var parity = (text.Length + turn.Agent.Name.Length + (turn.Agent.Name.Contains('/', StringComparison.Ordinal) ? 1 : 0)) % 2;
        return text.StartsWith("trap", StringComparison.Ordinal) && parity == 0 ? TestGuests.Trap() : null;
    }

    private GuestFault? Ingest(GuestMemory memory, Turn turn)
    {
        var fault = Note(memory, turn);
        if (!turn.Input.Topic.StartsWith("feed", StringComparison.Ordinal)) return fault;
        turn.Publish($"quake.{(turn.Input.Offset * 7) % 6}", turn.Input.Data);
        if (memory["count"] % 4 == 0) memory["asked"] = turn.Request("ask", turn.Input.Data, 500);
        if (memory["count"] % 5 == 0) memory["timer"] = turn.Schedule(turn.Input.Offset % 3 * 20, "", "tick"u8.ToArray());
        if (memory["count"] % 7 == 0) turn.Cancel(memory["timer"]);
        if (memory["count"] % 6 == 0) turn.Spawn($"monitors/spawned{memory["count"] / 6 % 3}");
        if (memory["count"] % 6 == 1) turn.Watch("monitors/spawned1");
        if (memory["count"] % 40 == 0) turn.Stop("monitors/spawned2");
        return fault;
    }

    /// <summary>Ticks a few times with two timers that fire together: the first takes the other back, which is in the mailbox by then.</summary>
    private static GuestFault? Clock(GuestMemory memory, Turn turn)
    {
        if (++memory["ticks"] > 30) return null;
        turn.Cancel(memory["twin"]);
        turn.Schedule(40, "", default);
        memory["twin"] = turn.Schedule(40, "", default);
        turn.Schedule(40, "alert.tick", "alert"u8.ToArray());
        if (memory["ticks"] % 3 == 0) turn.Cancel(turn.Schedule(0, "", default));
        return null;
    }
}
