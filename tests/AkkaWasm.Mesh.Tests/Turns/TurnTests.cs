using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Tests.Turns;

public sealed class TurnTests
{
    private static readonly EventIdentity Identity = new("test", (n, _) => n == 0 ? "agent" : "asker");

    private static Turn Turn(Capabilities? capabilities = null, AgentLimits? limits = null, MeshEvent? input = null, bool isReplay = false, int incarnation = 1)
    {
        var definition = new AgentDefinition { Name = "agent", ModuleHash = "m", Capabilities = capabilities ?? Capabilities.None, Limits = limits ?? AgentLimits.Default };
        input ??= new MeshEvent { Topic = "in.a", Offset = 7, AppendedAtNs = 42, Depth = 3 };
        return new Turn(new AgentIdentity(0, "agent", incarnation, definition, (n, _) => n == 0 ? "agent" : "asker"), input, Identity, isReplay);
    }

    private static GuestFault Fault(Action act) => Assert.Throws<GuestFaultException>(act).Fault;

    public static TheoryData<string, Action<Turn>, Capabilities> Calls => new()
    {
        { "publish", t => t.Publish("out.a", default), new Capabilities { Publish = ["out.*"] } },
        { "request", t => t.Request("out.a", default, 1), new Capabilities { Request = ["out.>"] } },
        { "send", t => t.Send("m/k", default), new Capabilities { Send = ["m.k"] } },
        { "schedule", t => t.Schedule(1, "", default), new Capabilities { Schedule = true } },
        { "spawn", t => t.Spawn("m/k"), new Capabilities { Spawn = true } },
        { "stop", t => t.Stop("m/k"), new Capabilities { Spawn = true } },
        { "watch", t => t.Watch("m/k"), new Capabilities { Watch = [">"] } },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Nothing_is_allowed_that_is_not_granted(string call, Action<Turn> act, Capabilities needed)
    {
        var fault = Fault(() => act(Turn()));
        Assert.Equal((FaultKind.Capability, $"may-not-{call}"), (fault.Kind, fault.Code));
        Assert.Contains("grant it with capabilities", fault.Message);
        var granted = Turn(needed);
        act(granted);
        Assert.Single(granted.Outputs);
        foreach (var other in Calls.Where(c => (string)c[0] != call && !(needed.Spawn && (string)c[0] is ("spawn" or "stop"))))
            Assert.Throws<GuestFaultException>(() => ((Action<Turn>)other[1])(Turn(needed)));
    }

    [Fact]
    public void A_timer_publishes_only_where_its_agent_may()
    {
        Assert.Equal(FaultKind.Capability, Fault(() => Turn(new Capabilities { Schedule = true }).Schedule(1, "out.a", default)).Kind);
        Turn(new Capabilities { Schedule = true, Publish = ["out.a"] }).Schedule(1, "out.a", default);
    }

    [Fact]
    public void No_grant_lets_a_guest_publish_under_mesh()
    {
        var turn = Turn(new Capabilities { Publish = [">", "mesh.>"], Request = ["mesh.>"], Schedule = true });
        Action[] calls = [() => turn.Publish("mesh.agent.x", default), () => turn.Publish("mesh", default), () => turn.Request("mesh.x", default, 1), () => turn.Schedule(1, "mesh.x", default)];
        foreach (var act in calls)
            Assert.Equal(FaultKind.BadArgument, Fault(act).Kind);
        Assert.Empty(turn.Outputs);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        var turn = Turn(new Capabilities { Publish = [">"], Request = [">"], Schedule = true, Spawn = true, Send = [">"] });
        foreach (var (code, act) in new (string, Action)[]
        {
            ("bad-publish", () => turn.Publish("a..b", default)), ("bad-publish", () => turn.Publish("", default)), ("bad-request", () => turn.Request("a", default, 0)),
            ("bad-request", () => turn.Request("a", default, long.MaxValue)), ("bad-schedule", () => turn.Schedule(-1, "", default)), ("bad-schedule", () => turn.Schedule(long.MaxValue, "", default)),
            ("bad-spawn", () => turn.Spawn("plain")), ("bad-spawn", () => turn.Spawn("/x")), ("bad-spawn", () => turn.Spawn("x/")), ("bad-send", () => turn.Send("a b", default)),
            ("bad-health", () => turn.Health(3, "")), ("bad-reply", () => turn.Reply(default)), ("bad-publish_as", () => turn.Publish("a", default, new string('s', 2_000))),
        })
            Assert.Equal((FaultKind.BadArgument, code), (Fault(act).Kind, Fault(act).Code));
        Assert.Empty(turn.Outputs);
    }

    [Fact]
    public void What_a_turn_may_emit_is_limited_in_number_and_bytes()
    {
        var turn = Turn(new Capabilities { Publish = [">"] }, AgentLimits.Default with { EmittedEventsPerTurn = 2 });
        turn.Publish("a", default);
        turn.Cancel(1);
        Assert.Equal((FaultKind.Limit, "emitted-events"), (Fault(() => turn.Publish("a", default)).Kind, Fault(() => turn.Publish("a", default)).Code));
        var bytes = Turn(new Capabilities { Publish = [">"] }, AgentLimits.Default with { EmittedBytesPerTurn = 10 });
        bytes.Publish("a", new byte[10]);
        Assert.Equal("emitted-bytes", Fault(() => bytes.Publish("a", new byte[1])).Code);
    }

    [Fact]
    public void A_replayed_turn_is_bound_by_no_grant_and_no_limit_of_today()
    {
        var turn = Turn(limits: AgentLimits.Default with { EmittedEventsPerTurn = 0, EmittedBytesPerTurn = 0 }, isReplay: true);
        foreach (var call in Calls) ((Action<Turn>)call[1])(turn);
        Assert.Equal(7, turn.Outputs.Count);
        Assert.True(turn.IsReplay);
    }

    [Fact]
    public void Ids_handles_and_random_numbers_follow_from_agent_incarnation_and_input()
    {
        Assert.Equal(All(Turn(Free)), All(Turn(Free)));
        Assert.Empty(All(Turn(Free)).Intersect(All(Turn(Free, incarnation: 2))));
        Assert.Empty(All(Turn(Free)).Intersect(All(Turn(Free, input: new MeshEvent { Topic = "in.a", Offset = 8 }))));
        Assert.Equal(All(Turn(Free)).Length, All(Turn(Free)).Distinct().Count());

        static string[] All(Turn turn)
        {
            var random = new byte[13];
            turn.Random(random);
            turn.Publish("a", default);
            turn.Publish("b", default);
            long[] handles = [turn.Schedule(1, "", default), turn.Request("a", default, 1), turn.Schedule(1, "", default), turn.Request("a", default, 1)];
            Assert.All(handles, h => Assert.True(h > 0));
            return [Convert.ToHexString(random), .. handles.Select(h => $"{h}"), .. turn.Outputs.OfType<EventEmitted>().Select(e => Identity.IdOf(e.Event))];
        }
    }

    private static Capabilities Free => new() { Publish = [">"], Request = [">"], Schedule = true };

    [Fact]
    public void The_time_of_a_turn_is_when_its_event_was_appended_and_what_it_emits_is_caused_by_it()
    {
        var turn = Turn(Free);
        turn.Publish("a", new byte[] { 1 }, "subject", "text/plain");
        var e = Assert.IsType<EventEmitted>(Assert.Single(turn.Outputs)).Event;
        Assert.Equal((42, 7L, 4, 0, 0, 1), (turn.NowNs, e.Cause, e.Depth, e.Agent, e.Index, e.Incarnation));
        Assert.Equal(("subject", "text/plain", EventOrigin.Emitted), (e.Subject, e.ContentType, e.Origin));
    }

    [Fact]
    public void A_reply_goes_to_the_requester_with_its_correlation()
    {
        var turn = Turn(input: new MeshEvent { Topic = "ask", Origin = EventOrigin.Request, Agent = 1, Correlation = 99, Offset = 7 });
        turn.Reply(default);
        var e = Assert.IsType<EventEmitted>(Assert.Single(turn.Outputs)).Event;
        Assert.Equal(("mesh.inbox.asker", 99L, EventOrigin.Reply), (e.Topic, e.Correlation, e.Origin));
    }

    [Fact]
    public void The_digest_tells_any_two_different_outputs_apart_and_leaves_log_lines_out()
    {
        var turns = new Action<Turn>[]
        {
            _ => { }, t => t.Publish("a", default), t => t.Publish("b", default), t => t.Publish("a", new byte[1]), t => t.Publish("a", default, "s"), t => t.Publish("a", default, null, "s"),
            t => t.Publish("a", default, ""), t => t.Request("a", default, 1), t => t.Request("a", default, 2), t => t.Schedule(1, "", default),
            t => t.Schedule(2, "", default), t => t.Schedule(1, "a", default),
            t => t.Cancel(1), t => t.Cancel(2), t => t.Health(0, ""), t => { t.Publish("a", default); t.Publish("a", default); },
        };
        var digests = turns.Select(act => { var turn = Turn(Free); act(turn); return TurnResult.DigestOf(turn.Outputs); }).ToArray();
        Assert.Equal(digests.Length, digests.Distinct().Count());
        var talking = Turn(Free);
        talking.Publish("a", default);
        talking.Log(2, "hello");
        Assert.Equal(digests[1], TurnResult.DigestOf(talking.Outputs));
    }
}
