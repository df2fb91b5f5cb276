using System.Net;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Http;

public sealed class OperatorEndpointTests
{
    private static async Task<TestServer> ServerAsync()
    {
        var server = await TestServer.StartAsync();
        foreach (var name in new[] { "a/x", "b" }) server.Node.Agents.Add(new AgentStatus { Number = 0, Name = name, Definition = name.Split('/')[0] });
        return server;
    }

    private static Task<Outcome> RunAsync(TestServer server, params string[] args) => Terminal.RunAsync([.. args, "--url", server.Url.ToString()]);

    [Theory]
    [InlineData("pause", "pause a/x")]
    [InlineData("resume", "resume a/x")]
    [InlineData("reset", "reset a/x")]
    [InlineData("kill", "kill a/x")]
    [InlineData("rewind", "rewind a/x to= turns=10 snapshots=0 Suppressed")]
    public async Task Each_verb_reaches_the_node_and_says_that_it_is_done(string verb, string call)
    {
        await using var server = await ServerAsync();

        var outcome = await RunAsync(server, "agent", verb, "a/x");
        var json = await RunAsync(server, "agent", verb, "a/x", "--output", "json");
        var byHttp = await server.Client.PostAsync($"/v1/agents/a/x/{verb}", null);

        Assert.Equal(new Outcome(0, $"a/x: {verb} done{Environment.NewLine}", ""), outcome);
        Assert.Equal("{\"agent\":\"a/x\",\"done\":\"" + verb + "\"}", json.Out.Trim());
        Assert.Equal(HttpStatusCode.NoContent, byHttp.StatusCode);
        Assert.Equal([call, call, call], server.Node.Calls);
    }

    [Fact]
    public async Task A_crash_that_is_asked_for_is_announced_as_what_is_to_come()
    {
        await using var server = await ServerAsync();

        var outcome = await RunAsync(server, "agent", "simulate-crash", "a/x");
        var json = await RunAsync(server, "agent", "simulate-crash", "a/x", "--output", "json");
        var byHttp = await server.Client.PostAsync("/v1/agents/a/x/simulate-crash", null);
        var help = await Terminal.RunAsync("agent", "simulate-crash", "--help");

        Assert.Equal(new Outcome(0, $"a/x: the next turn will fail, also if the node ends or recovers before it{Environment.NewLine}", ""), outcome);
        Assert.Equal("{\"agent\":\"a/x\",\"done\":\"simulate-crash\",\"note\":\"the next turn will fail, also if the node ends or recovers before it\"}", json.Out.Trim());
        Assert.Equal(HttpStatusCode.NoContent, byHttp.StatusCode);
        Assert.Equal(Enumerable.Repeat("simulate-crash a/x", 3), server.Node.Calls);
        Assert.Contains("once, also if the node ends or recovers before", help.Out.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rewind_says_how_far_and_what_becomes_of_the_events_since()
    {
        await using var server = await ServerAsync();

        await RunAsync(server, "agent", "rewind", "b", "--to", "0-1-1707", "--inputs", "dropped");
        await RunAsync(server, "agent", "rewind", "b", "--turns", "3");
        await RunAsync(server, "agent", "rewind", "b", "--snapshots", "2", "--inputs", "reprocessed");
        var bad = await RunAsync(server, "agent", "rewind", "b", "--to", "yesterday");

        Assert.Equal(["rewind b to=1707 turns=10 snapshots=0 Dropped", "rewind b to= turns=3 snapshots=0 Suppressed", "rewind b to= turns=10 snapshots=2 Reprocessed"], server.Node.Calls);
        Assert.Equal(new Outcome(2, "", $"error: 'to' must be a position as 0-1-1707, or an offset, but is 'yesterday'{Environment.NewLine}"), bad);
    }

    [Fact]
    public async Task What_cannot_be_done_is_a_conflict_and_who_is_not_there_is_not_found()
    {
        await using var server = await ServerAsync();
        server.Node.Refusal = "The agent 'b' is paused already.";

        Assert.Equal(new Outcome(1, "", $"error: the agent 'b' is paused already{Environment.NewLine}"), await RunAsync(server, "agent", "pause", "b"));
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsync("/v1/agents/b/pause", null)).StatusCode);
        Assert.Equal(new Outcome(1, "", $"error: there is no agent 'nobody'; see /v1/agents for those that are there{Environment.NewLine}"), await RunAsync(server, "agent", "pause", "nobody"));
    }

    [Fact]
    public async Task Quarantine_is_listed_and_shown()
    {
        await using var server = await ServerAsync();

        var list = await RunAsync(server, "topic", "dlq", "list", "--agent", "a", "--code", "unreachable", "--from", "1970-01-01T00:00:01Z");
        var show = await RunAsync(server, "topic", "dlq", "show", "a/x", "42", "--output", "json");
        var missing = await RunAsync(server, "topic", "dlq", "show", "a/x", "9");
        var bad = await RunAsync(server, "topic", "dlq", "list", "--from", "soon");

        Assert.Matches("a/x +42 .*unreachable +It trapped", list.Out);
        using var json = JsonDocument.Parse(show.Out);
        Assert.Equal(("hello", "unreachable"), (json.RootElement.GetProperty("event").GetProperty("data").GetString(), json.RootElement.GetProperty("fault").GetProperty("code").GetString()));
        Assert.Equal(1, missing.Code);
        Assert.Equal(new Outcome(2, "", $"error: 'from' must be a time as 2026-01-31T12:00:00Z but is 'soon'{Environment.NewLine}"), bad);
        Assert.Equal("quarantine a unreachable 1000000000 ", server.Node.Calls[0]);
    }

    [Fact]
    public async Task One_is_released_with_other_data_or_many_by_what_they_have_in_common()
    {
        await using var server = await ServerAsync();

        var one = await RunAsync(server, "topic", "dlq", "release", "a/x", "42", "--data", "edited");
        var many = await RunAsync(server, "topic", "dlq", "release", "--all", "--output", "json");
        var dropped = await RunAsync(server, "topic", "dlq", "drop", "--agent", "a");

        Assert.Equal(new Outcome(0, $"released: 1{Environment.NewLine}", ""), one);
        Assert.Equal((0, "{\"released\":2}"), (many.Code, many.Out.Trim()));
        Assert.Equal(new Outcome(0, $"dropped: 2{Environment.NewLine}", ""), dropped);
        Assert.Equal(["release a/x 42 edited", "release all  ", "drop all a "], server.Node.Calls);
        server.Node.Refusal = "None of the 2 events was released: there is no agent 'b'.";
        Assert.Equal(new Outcome(1, "", $"error: none of the 2 events was released: there is no agent 'b'{Environment.NewLine}"), await RunAsync(server, "topic", "dlq", "release", "--all"));
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.DeleteAsync("/v1/quarantine?all=true")).StatusCode);
    }

    [Fact]
    public async Task What_a_rewind_would_do_is_said_and_not_done()
    {
        await using var server = await ServerAsync();

        var text = await RunAsync(server, "agent", "rewind", "b", "--turns", "2", "--dry-run");
        var json = await RunAsync(server, "agent", "rewind", "b", "--dry-run", "--output", "json");
        server.Node.Refusal = "The agent 'b' is stopped; reset it first.";
        var refused = await RunAsync(server, "agent", "rewind", "b", "--dry-run");

        Assert.EndsWith($"nothing was changed{Environment.NewLine}", text.Out, StringComparison.Ordinal);
        Assert.Matches("to_last_input +70|to last input +70", text.Out);
        using var outlook = JsonDocument.Parse(json.Out);
        Assert.Equal((2, "suppressed", 81), (outlook.RootElement.GetProperty("undone_turns").GetInt32(), outlook.RootElement.GetProperty("inputs").GetString(), outlook.RootElement.GetProperty("emitted")[0].GetInt32()));
        Assert.Equal(new Outcome(1, "", $"error: the agent 'b' is stopped; reset it first{Environment.NewLine}"), refused);
        Assert.Equal(["look b turns=2", "look b turns=10", "look b turns=10"], server.Node.Calls);
    }

    [Fact]
    public async Task Nothing_is_released_or_dropped_by_mistake()
    {
        await using var server = await ServerAsync();

        Assert.Equal(2, (await RunAsync(server, "topic", "dlq", "release")).Code);
        Assert.Equal(2, (await RunAsync(server, "topic", "dlq", "drop", "a/x")).Code);
        Assert.Equal(2, (await RunAsync(server, "topic", "dlq", "release", "--all", "--data", "x")).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.DeleteAsync("/v1/quarantine")).StatusCode);
        Assert.Empty(server.Node.Calls);
    }

    [Fact]
    public async Task Health_says_what_is_degraded_and_why()
    {
        await using var server = await ServerAsync();
        server.Node.Status = server.Node.Status with { Components = [new ComponentStatus("gateway", ComponentState.Restarting, 2, "It broke.", null)] };
        server.Node.Health = new MeshHealth
        {
            Level = HealthLevel.Degraded, Reasons = ["The gateway begins again after a wait: It broke."], Quarantined = 3, Circuits = [("kin", CircuitState.Open, 1_000_000_000)],
            Agents = new Dictionary<AgentState, int> { [AgentState.Running] = 5, [AgentState.Held] = 1 },
        };

        var text = await RunAsync(server, "node", "health");
        var response = await server.Client.GetAsync("/healthz");

        Assert.Equal((0, HttpStatusCode.OK), (text.Code, response.StatusCode));
        Assert.Equal(["degraded", "  The gateway begins again after a wait: It broke.", "agents: 5 running, 1 held; 3 events put aside", "gateway: restarting, begun again 2 times; last: It broke.", ""],
            text.Out.Split(Environment.NewLine));
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(("degraded", "kin", 1), (json.RootElement.GetProperty("status").GetString(), json.RootElement.GetProperty("circuits")[0].GetProperty("family").GetString(),
            json.RootElement.GetProperty("agents").GetProperty("by_state").GetProperty("held").GetInt32()));
    }

    [Fact]
    public async Task A_node_that_does_not_serve_says_why_with_the_exit_code_for_it()
    {
        await using var server = await ServerAsync();
        server.Node.Status = server.Node.Status with { State = NodeState.Recovering, Problem = "The shard ended." };

        Assert.Equal(new Outcome(6, "", $"error: the shard ended{Environment.NewLine}"), await RunAsync(server, "node", "health"));
    }

    [Fact]
    public async Task An_agents_ladder_is_shown()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(new AgentStatus
        {
            Number = 0, Name = "b", Definition = "b", State = AgentState.Healing, Why = "it failed", Directive = HealingDirective.Reset, Rung = 1, BudgetSpent = 2, Budget = 3, LastFailedInput = 17, BackoffUntilNs = 0,
        });

        var get = await RunAsync(server, "agent", "get", "b", "--output", "json");
        var list = await RunAsync(server, "agent", "list");

        using var json = JsonDocument.Parse(get.Out);
        var ladder = json.RootElement.GetProperty("ladder");
        Assert.Equal(("reset", 1, 2, 3, 17), (ladder.GetProperty("directive").GetString(), ladder.GetProperty("rung").GetInt32(), ladder.GetProperty("spent").GetInt32(), ladder.GetProperty("budget").GetInt32(),
            json.RootElement.GetProperty("last_failed_input").GetInt32()));
        Assert.EndsWith("it failed", list.Out.TrimEnd(), StringComparison.Ordinal);
    }
}
