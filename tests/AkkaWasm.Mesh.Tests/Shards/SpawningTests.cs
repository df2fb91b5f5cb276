using System.Text;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

/// <summary>Agents start agents within quotas, and end by themselves when nobody needs them.</summary>
public sealed class SpawningTests
{
    private static readonly ApoptosisPolicy Orphaned = new() { Orphaned = true };

    /// <summary>"spawn NAME", "stop NAME", "timer", "ask", "trap"; what else comes is noted.</summary>
    private static GuestFault? Obey(GuestMemory memory, Turn turn)
    {
        var words = TestGuests.TextOf(turn).Split(' ');
        switch (words[0])
        {
            case "spawn": turn.Spawn(words[1]); break;
            case "stop": turn.Stop(words[1]); break;
            case "timer": turn.Schedule(3_600_000, "", default); break;
            case "ask": turn.Request("nobody", default, 3_600_000); break;
            case "trap": return TestGuests.Trap();
            default: memory.Seen.Add(TestGuests.TextOf(turn)); break;
        }
        return null;
    }

    private static AgentDefinition Kin(ApoptosisPolicy? apoptosis = null, SpawnQuota? quota = null, AgentLimits? limits = null) => Family("kin", "kin.*", 2, "obeys") with
    {
        Apoptosis = apoptosis ?? ApoptosisPolicy.None, Spawn = quota ?? SpawnQuota.Default, Limits = limits ?? AgentLimits.Default,
    };

    private static AgentDefinition First(SpawnQuota? quota = null) => Agent("first", "do", "obeys") with { Spawn = quota ?? SpawnQuota.Default };

    private static TestMesh Start(params AgentDefinition[] agents) => new TestMesh(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], agents), new TestGuests().With("obeys", Obey)).Run();

    private static TestMesh Do(TestMesh mesh, params string[] commands)
    {
        foreach (var command in commands)
        {
            var at = command.IndexOf(':', StringComparison.Ordinal);
            mesh.Publish(at < 0 ? "do" : command[..at], command[(at + 1)..]);
            mesh.RunToIdle();
        }
        return mesh;
    }

    private static string[] Living(TestMesh mesh) => [.. mesh.Shard.Agents.Where(a => a.Definition == "kin" && a.State != AgentState.Stopped).Select(a => a.Key!)];

    private static string Refusal(TestMesh mesh, string agent) => Encoding.UTF8.GetString(mesh.On($"mesh.agent.{agent}.spawn-refused")[^1].Data.Span);

    private static TestMesh Pass(TestMesh mesh, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            mesh.NowNs += 1_000_000_000;
            mesh.ObserveHealth();
            mesh.RunToIdle();
        }
        return mesh;
    }

    /// <summary>The records of a mesh in which an agent ends by itself.</summary>
    internal static IEnumerable<LogRecord> Records()
    {
        var mesh = Do(Start(First(), Kin(new ApoptosisPolicy { IdleAfter = TimeSpan.FromSeconds(2) })), "spawn kin/a", "kin.b:x");
        return Pass(mesh, 5).CommitAll().Store.Records();
    }

    [Fact]
    public void The_quotas_of_all_agents_above_hold()
    {
        var mesh = Do(Start(First(new SpawnQuota { MaxAgents = 3 }), Kin(quota: new SpawnQuota { MaxDepth = 2 })), "spawn kin/a", "kin.a:spawn kin/b", "kin.b:spawn kin/c");
        Assert.Equal(["a", "b", "c"], Living(mesh));

        Do(mesh, "kin.c:spawn kin/d");
        Assert.Contains("'kin/d' was not started: it would stand 3 generations below 'kin/a', 2 are allowed (spawn.max-depth)", Refusal(mesh, "kin.c"), StringComparison.Ordinal);
        Do(mesh, "spawn kin/a", "kin.a:spawn kin/e");
        Assert.Contains("'first' has 3 agents below it, 3 are allowed (spawn.max-agents)", Refusal(mesh, "kin.a"), StringComparison.Ordinal);
        Assert.Empty(mesh.On("mesh.agent.first.spawn-refused"));

        mesh = Do(mesh.CommitAll().Restart().RunToIdle(), "kin.b:stop kin/c", "kin.a:spawn kin/e");
        Assert.Equal(["a", "b", "e"], Living(mesh));
        Do(mesh, "kin.elsewhere:x", "kin.a:spawn kin/f");
        Assert.Equal(["a", "b", "e", "elsewhere"], Living(mesh)); // who came by an event is below nobody
    }

    [Fact]
    public void What_agents_may_use_counts_against_the_memory_of_those_above()
    {
        var limits = new AgentLimits { MemoryBytes = 1_000_000, GcHeapBytes = 3_000_000 };
        var mesh = Do(Start(First(new SpawnQuota { MaxMemoryBytes = 8_000_000 }), Kin(limits: limits)), "spawn kin/a", "spawn kin/b", "spawn kin/c");
        Assert.Equal(["a", "b"], Living(mesh));
        Assert.Contains("the agents below 'first' could use 12000000 bytes with it, 8000000 are allowed (spawn.max-memory", Refusal(mesh, "first"), StringComparison.Ordinal);

        mesh.Apply(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], First(new SpawnQuota { MaxMemoryBytes = 8_000_000 }), Kin(limits: limits with { GcHeapBytes = 1_000_000 })));
        Do(mesh.RunToIdle(), "spawn kin/c", "spawn kin/d", "spawn kin/e");
        Assert.Equal(["a", "b", "c", "d"], Living(mesh));
    }

    [Fact]
    public void Who_has_nothing_to_do_for_long_ends_and_begins_anew_with_its_next_event()
    {
        var mesh = Start(First(), Kin(new ApoptosisPolicy { IdleAfter = TimeSpan.FromSeconds(10) }));
        Do(mesh, "kin.idle:x", "kin.timer:timer", "kin.asks:ask", "kin.traps:trap", "kin.busy:x", "kin.paused:x");
        Assert.Null(mesh.Shard.Pause("kin/paused", mesh.NowNs));
        Pass(mesh, 6);
        Do(mesh, "kin.busy:y");
        mesh = Pass(mesh.CommitAll().Restart().RunToIdle(), 6);
        Assert.Equal(["timer", "asks", "traps", "busy", "paused"], Living(mesh));
        Assert.Contains("it had nothing to do for 00:00:10 (apoptosis.idle-after)", Encoding.UTF8.GetString(Assert.Single(mesh.On("mesh.agent.kin.idle.stopped")).Data.Span), StringComparison.Ordinal);
        Assert.Equal(RetirementReason.Idle, Assert.Single(mesh.Store.Records().OfType<RetirementRecord>()).Reason);

        Do(mesh, "kin.idle:z");
        Assert.Equal((2, AgentState.Running), (mesh.Status("kin/idle").Incarnation, mesh.Status("kin/idle").State));
        Assert.Equal(["z"], mesh.Seen("kin/idle"));
    }

    [Fact]
    public void Orphans_end_with_those_that_started_them_where_their_definition_says_so()
    {
        var mesh = Do(Start(First(), Agent("other", "do2", "obeys"), Kin(Orphaned), Family("stays", "stays.*", 2, "obeys")), "spawn kin/a", "kin.a:spawn kin/b", "kin.b:spawn stays/c", "kin.own:x");
        Do(mesh, "stop kin/a");
        Assert.Equal(["own"], Living(mesh));
        Assert.Equal(AgentState.Running, mesh.Status("stays/c").State);
        Assert.Contains("'kin/a', which had started it, was stopped (apoptosis.orphaned)", Encoding.UTF8.GetString(Assert.Single(mesh.On("mesh.agent.kin.b.stopped")).Data.Span), StringComparison.Ordinal);

        Do(mesh, "spawn kin/a", "do2:spawn kin/b");
        Assert.Equal(["b", "own"], Living(mesh)); // a was stopped by command and stays so; b had ended by itself
    }

    [Fact]
    public void When_a_quota_becomes_smaller_the_youngest_go_first()
    {
        var mesh = Do(Start(First(), Kin(new ApoptosisPolicy { OverBudget = true })), "spawn kin/a", "spawn kin/b", "kin.a:spawn kin/c", "kin.own:x");
        mesh.Apply(Of([Group(GroupDefinition.Default, Policy(HealingDirective.Resume))], First(new SpawnQuota { MaxAgents = 1 }), Kin(new ApoptosisPolicy { OverBudget = true })));
        mesh.RunToIdle();
        Assert.Equal(["a", "own"], Living(mesh));
        Assert.All(mesh.Store.Records().OfType<RetirementRecord>(), r => Assert.Equal(RetirementReason.OverBudget, r.Reason));
        Assert.Equal(["a", "own"], Living(mesh.CommitAll().Restart().RunToIdle()));
    }

    [Fact]
    public void Policies_that_cannot_be_are_refused()
    {
        var problems = TopologyCheck.Check(Of(
            First(new SpawnQuota { MaxDepth = 0 }), Agent("single", "x", "obeys") with { Apoptosis = Orphaned }, Kin(new ApoptosisPolicy { IdleAfter = TimeSpan.Zero })));
        Assert.Equal(["agents.first.spawn", "agents.single.apoptosis", "agents.kin.apoptosis.idle-after"], problems.Select(p => p.Path));
    }
}
