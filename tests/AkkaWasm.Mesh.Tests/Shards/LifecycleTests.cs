using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class LifecycleTests
{
    /// <summary>"spawn NAME", "stop NAME", "watch NAME", "send NAME"; what else comes is noted.</summary>
    private static GuestFault? Director(GuestMemory memory, Turn turn)
    {
        var words = TestGuests.TextOf(turn).Split(' ');
        switch (words[0])
        {
            case "spawn": turn.Spawn(words[1]); break;
            case "stop": turn.Stop(words[1]); break;
            case "watch": turn.Watch(words[1]); break;
            case "send": turn.Send(words[1], Encoding.UTF8.GetBytes(words[2])); break;
            default: memory.Seen.Add($"{turn.Input.Topic}:{TestGuests.TextOf(turn)}"); break;
        }
        return null;
    }

    private static TestMesh Mesh(params string[] commands)
    {
        var guests = new TestGuests().With("director", Director).With("noter", TestGuests.Note);
        var mesh = new TestMesh(Of(Agent("director", "do"), Agent("second", "do2", "director"), Agent("plain", "in.plain", "noter"), Family("workers", "work.*", 2, "noter")), guests).Run();
        return Do(mesh, commands);
    }

    private static TestMesh Do(TestMesh mesh, params string[] commands)
    {
        foreach (var command in commands) mesh.Publish("do", command);
        return mesh.RunToIdle();
    }

    [Fact]
    public void A_spawned_agent_comes_to_be_without_an_event_and_only_once()
    {
        var mesh = Mesh("spawn workers/a.b", "spawn workers/a%2Eb");
        var worker = Assert.Single(mesh.Shard.Agents, a => a.Definition == "workers");
        Assert.Equal(("workers/a%2Eb", "a.b", 1L), (worker.Name, worker.Key, worker.Turns));
        mesh.Publish("do", "send workers/a.b hello");
        Assert.Equal(["mesh.inbox.workers.a%2Eb:hello"], mesh.RunToIdle().Seen(worker.Name));
    }

    [Fact]
    public void What_is_no_family_cannot_be_spawned()
    {
        var mesh = Mesh("spawn plain/x", "spawn nobody/x");
        Assert.Equal(2, mesh.On("mesh.agent.director.spawn-refused").Length);
        Assert.Equal(3, mesh.Shard.Totals.Born);
    }

    [Fact]
    public void A_stopped_agent_gets_no_more_events_and_does_not_come_back()
    {
        var mesh = Mesh("spawn workers/a");
        mesh.Publish("work.a", "1");
        mesh.RunToIdle();
        Do(mesh, "stop workers/a");
        mesh.Publish("work.a", "2");
        mesh.RunToIdle();
        Assert.Equal((AgentState.Stopped, 0), (mesh.Status("workers/a").State, mesh.Status("workers/a").Pending));
        Assert.Single(mesh.On("mesh.agent.workers.a.stopped"));
        mesh = mesh.Restart().RunToIdle();
        Assert.Equal(AgentState.Stopped, mesh.Status("workers/a").State);
        Do(mesh, "spawn workers/a", "send workers/a x");
        Assert.Single(mesh.On("mesh.agent.director.spawn-refused"));
        Assert.Contains("no running agent", Encoding.UTF8.GetString(Assert.Single(mesh.On("mesh.deadletter.director")).Data.Span));
    }

    [Fact]
    public void An_agent_stops_only_those_it_started_and_itself()
    {
        var mesh = Mesh("spawn workers/a", "stop plain", "stop nobody");
        mesh.Publish("do2", "stop workers/a");
        mesh.RunToIdle();
        Assert.Equal(2, mesh.On("mesh.agent.director.stop-refused").Length);
        Assert.Single(mesh.On("mesh.agent.second.stop-refused"));
        Assert.NotEqual(AgentState.Stopped, mesh.Status("workers/a").State);
        mesh.Publish("do2", "stop second");
        mesh.Publish("do2", "never seen");
        Assert.Equal(AgentState.Stopped, mesh.RunToIdle().Status("second").State);
        Assert.Equal(0, mesh.Shard.Backlog);
    }

    [Fact]
    public void A_watcher_is_told_once_of_the_end()
    {
        var mesh = Mesh("spawn workers/a", "watch workers/a", "watch workers/a");
        mesh = Do(mesh.Restart(), "stop workers/a");
        Assert.Equal("""mesh.inbox.director:{"agent":"workers/a","incarnation":0,"detail":"stopped"}""", Assert.Single(mesh.Seen("director")));
    }

    [Fact]
    public void Watching_what_does_not_run_is_answered_at_once()
    {
        var mesh = Mesh("watch workers/z");
        Assert.Single(mesh.Seen("director"));
        Do(mesh, "spawn workers/z", "stop workers/z");
        Assert.Single(mesh.Seen("director"));
    }

    [Fact]
    public void A_message_to_nobody_is_a_dead_letter_and_one_to_a_family_makes_its_member()
    {
        var mesh = Mesh("send nobody x", "send plain/x x", "send plain hello", "send workers/new hello");
        Assert.Equal(2, mesh.On("mesh.deadletter.director").Length);
        Assert.Equal(["mesh.inbox.plain:hello"], mesh.Seen("plain"));
        Assert.Equal(["mesh.inbox.workers.new:hello"], mesh.Seen("workers/new"));
    }

    [Fact]
    public void Health_is_an_event_about_the_agent()
    {
        var guests = new TestGuests().With("ill", (_, turn) => { turn.Health(1, "tired"); return null; });
        var mesh = new TestMesh(Of(Agent("ill", "in.>")), guests).Run();
        mesh.Publish("in.a");
        var e = Assert.Single(mesh.RunToIdle().On("mesh.health.ill"));
        Assert.Equal(("""{"level":"degraded","reason":"tired"}""", EventOrigin.Lifecycle), (Encoding.UTF8.GetString(e.Data.Span), e.Origin));
    }

    [Fact]
    public void Agents_can_watch_agents_over_lifecycle_topics()
    {
        var guests = new TestGuests().With("noter", (memory, turn) => { memory.Seen.Add(turn.Input.Topic); return null; }).With("worker", TestGuests.Note);
        var mesh = new TestMesh(Of(Agent("noter", "mesh.agent.worker.> mesh.deadletter.>"), Agent("worker", "in.>"), Agent("deaf", "> *.agent.>", "noter")), guests).Run();
        mesh.Publish("in.a", "trap");
        Assert.Equal(
            ["started", "failed", "healed", "failed", "deadletter", "quarantined", "healed"],
            mesh.RunToIdle().Seen("noter").Select(t => t.Split('.') is ["mesh", "agent", _, var what] ? what : t.Split('.')[1]));
        Assert.Equal(["in.a"], mesh.Seen("deaf"));
    }
}
