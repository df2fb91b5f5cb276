using System.Text;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class RequestTests
{
    private static GuestFault? Asker(GuestMemory memory, Turn turn)
    {
        if (turn.Input.Topic == "go") memory["asked"] = turn.Request("ask", turn.Input.Data, 1_000);
        else memory.Seen.Add($"{(turn.Input.Origin == EventOrigin.Timer ? turn.Input.Subject : "reply")}:{TestGuests.TextOf(turn)}:{turn.Input.Correlation == memory["asked"]}");
        return null;
    }

    private static TestMesh Mesh(Behaviour answerer) =>
        new TestMesh(Of(Agent("asker", "go"), Agent("answerer", "ask later")), new TestGuests().With("asker", Asker).With("answerer", answerer)).Run();

    private static GuestFault? Reply(Turn turn, string text)
    {
        turn.Reply(Encoding.UTF8.GetBytes(text));
        return null;
    }

    [Fact]
    public void A_reply_comes_to_the_requester_with_the_correlation_and_ends_the_time_out()
    {
        var mesh = Mesh((_, turn) => Reply(turn, TestGuests.TextOf(turn) + "!"));
        mesh.Publish("go", "hello");
        mesh.Run();
        Assert.Null(mesh.Shard.NextAlarmNs);
        Assert.Equal(["reply:hello!:True"], mesh.Pass(TimeSpan.FromSeconds(5)).Seen("asker"));
    }

    [Fact]
    public void A_request_without_a_reply_is_answered_by_its_time_out_once()
    {
        var mesh = Mesh((_, _) => null);
        mesh.Publish("go", "hello");
        Assert.Empty(mesh.Run().Pass(TimeSpan.FromMilliseconds(999)).Seen("asker"));
        Assert.Equal(["timeout::True"], mesh.Pass(TimeSpan.FromMilliseconds(1)).Pass(TimeSpan.FromSeconds(9)).Seen("asker"));
    }

    [Fact]
    public void A_reply_after_the_time_out_or_a_second_one_is_a_dead_letter()
    {
        var mesh = Mesh((_, turn) => { turn.Reply("1"u8.ToArray()); return Reply(turn, "2"); });
        mesh.Publish("go", "hello");
        Assert.Equal(["reply:1:True"], mesh.RunToIdle().Seen("asker"));
        var letter = Assert.Single(mesh.On("mesh.deadletter.answerer"));
        Assert.Contains("answered before", Encoding.UTF8.GetString(letter.Data.Span));
    }

    [Fact]
    public void A_reply_that_comes_late_does_not_reach_the_requester()
    {
        var mesh = Mesh((_, turn) => Reply(turn, "late"));
        mesh.Publish("go", "hello");
        var (asker, answerer) = (mesh.Status("asker").Number, mesh.Status("answerer").Number);
        mesh.Take(new(StepKind.Turn, asker));
        mesh.NowNs += 2 * TestMesh.Second;
        mesh.Tick();
        mesh.Take(new(StepKind.Turn, answerer));
        Assert.Equal(["timeout::True"], mesh.RunToIdle().Seen("asker"));
        Assert.Single(mesh.On("mesh.deadletter.answerer"));
    }

    [Fact]
    public void Something_that_is_no_request_cannot_be_replied_to()
    {
        var mesh = Mesh((_, turn) => Reply(turn, "?"));
        mesh.Publish("later");
        mesh.RunToIdle();
        Assert.Equal(("bad-reply", FaultKind.BadArgument), (mesh.Status("answerer").LastFault!.Code, mesh.Status("answerer").LastFault!.Kind));
    }

    [Fact]
    public void A_request_survives_a_restart_and_is_answered_once()
    {
        var mesh = Mesh((_, turn) => Reply(turn, "yes"));
        mesh.Publish("go", "hello");
        mesh.Take(new(StepKind.Turn, mesh.Status("asker").Number));
        mesh = mesh.Restart().RunToIdle();
        Assert.Equal(["reply:yes:True"], mesh.Pass(TimeSpan.FromSeconds(5)).Seen("asker"));
    }

    [Fact]
    public void A_timer_and_a_request_of_one_turn_have_handles_of_their_own()
    {
        var guests = new TestGuests().With("both", (memory, turn) =>
        {
            if (turn.Input.Topic == "go") (memory["timer"], memory["request"]) = (turn.Schedule(10, "", default), turn.Request("ask", default, 20));
            else memory.Seen.Add(turn.Input.Correlation == memory["timer"] ? "timer" : turn.Input.Correlation == memory["request"] ? "time-out" : "?");
            return null;
        });
        var mesh = new TestMesh(Of(Agent("both", "go")), guests).Run();
        mesh.Publish("go");
        Assert.Equal(["timer", "time-out"], mesh.Run().Pass(TimeSpan.FromMilliseconds(20)).Seen("both"));
    }

    [Fact]
    public void A_time_out_cannot_be_cancelled_like_a_timer()
    {
        var guests = new TestGuests().With("both", (memory, turn) =>
        {
            if (turn.Input.Topic == "go") turn.Cancel(turn.Request("ask", default, 20));
            else memory.Seen.Add("time-out");
            return null;
        });
        var mesh = new TestMesh(Of(Agent("both", "go")), guests).Run();
        mesh.Publish("go");
        Assert.Equal(["time-out"], mesh.Run().Pass(TimeSpan.FromMilliseconds(20)).Seen("both"));
    }

    [Fact]
    public void A_request_at_the_deepest_allowed_place_still_times_out()
    {
        var guests = new TestGuests()
            .With("hop", (_, turn) => { turn.Publish($"hop{int.Parse(turn.Input.Topic[3..]) + 1}", default); return null; })
            .With("asker", (memory, turn) => { if (turn.Input.Topic == "hop2") turn.Request("ask", default, 20); else memory.Seen.Add(turn.Input.Subject ?? "?"); return null; });
        var mesh = new TestMesh(Of(Agent("hop", "hop0 hop1"), Agent("asker", "hop2")), guests, new() { MeshName = "test", MaxCausalDepth = 3 }).Run();
        mesh.Publish("hop0");
        Assert.Equal(["timeout"], mesh.Run().Pass(TimeSpan.FromMilliseconds(20)).Seen("asker"));
    }
}
