using System.Net;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Http;

/// <summary>The past over HTTP.</summary>
public sealed class TimeTravelTests
{
    private readonly FakeLog log = new();

    [Fact]
    public async Task An_agents_state_at_a_position_is_answered()
    {
        log.Moment = Moment;
        await using var server = await TestServer.StartAsync(log: log);

        var json = await GetAsync(server, "/v1/agents/a/state?at=0-1-7");

        Assert.Equal(("a at 7", 3), (log.Asked, json.GetProperty("turns").GetInt32()));
    }

    [Fact]
    public async Task Turns_are_answered_in_pages()
    {
        log.StepsThere = [.. Enumerable.Range(1, 5).Select(Step)];
        await using var server = await TestServer.StartAsync(log: log);

        var first = await GetAsync(server, "/v1/agents/a/turns?limit=2");
        var rest = await GetAsync(server, $"/v1/agents/a/turns?from={first.GetProperty("next").GetString()}&limit=9");

        Assert.Equal([1, 2], Numbers(first));
        Assert.Equal([3, 4, 5], Numbers(rest));
        Assert.False(rest.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task Causes_and_cuts_are_answered()
    {
        log.Causes = new CauseReport([log.Entries[3]], new CauseNode(log.Entries[3], [new CauseNode(log.Entries[5], [])]), true);
        log.Cuts = [new MeshMoment("m", new Position(0, 1, 4), 0, "t", [], [], [], new AkkaWasm.Mesh.Shards.ShardTotals())];
        await using var server = await TestServer.StartAsync(log: log);

        var why = await GetAsync(server, "/v1/log/why/0-1-3?forward=true&limit=5");
        Assert.Equal("why 3, forward True, 16, 5", log.Asked);
        Assert.Equal("healing", why.GetProperty("effects")[0].GetProperty("record").GetProperty("kind").GetString());
        Assert.True(why.GetProperty("is_cut").GetBoolean());
        Assert.Equal("0-1-4", (await GetAsync(server, "/v1/mesh/state")).GetProperty("cut").GetString());
    }

    [Theory]
    [InlineData("/v1/agents/nobody/state", 404, "The log has no agent 'nobody'; see /v1/agents for those that are there.")]
    [InlineData("/v1/agents/a/state?at=x", 400, "The parameter 'at' must be a position but is 'x'; write one as 0-1-1707, or an offset.")]
    [InlineData("/v1/agents/a/turns?limit=100000", 400, "The parameter 'limit' must be a number from 1 to 200 but is '100000'.")]
    [InlineData("/v1/log/why/999", 404, "The log has no record at 999.")]
    [InlineData("/v1/mesh/state?hashes=maybe", 400, "The parameter 'hashes' must be true or false but is 'maybe'.")]
    public async Task What_cannot_be_answered_is_said(string path, int status, string detail)
    {
        await using var server = await TestServer.StartAsync(log: log);

        var answer = await server.Client.GetAsync(path);

        Assert.Equal((status, detail), ((int)answer.StatusCode, (await ReadAsync(answer)).GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task What_is_in_the_log_is_answered()
    {
        log.Statistics = new LogStatistics
        {
            Blocks = 7, Records = 90, First = new Position(0, 1, 50), Last = new Position(0, 2, 139), FirstAtNs = 1_000_000_000, LastAtNs = 2_000_000_000, NeededFrom = 60, IsHeld = true, HoldCount = 1,
            RecordsByKind = System.Collections.Immutable.ImmutableSortedDictionary<string, long>.Empty.Add("turn", 40), BusiestTopics = [("in.a", 30)],
            Beginning = new LogBeginning(50, 1_000_000_000, 12, 9), Holds = [new LogHold(60, LogHoldReason.Waiting, "a")],
        };
        await using var server = await TestServer.StartAsync(log: log);

        var json = await GetAsync(server, "/v1/log");

        Assert.Equal(("0-1-50", "0-2-139", "1970-01-01T00:00:01.000Z"), (json.GetProperty("first").GetString(), json.GetProperty("last").GetString(), json.GetProperty("first_at").GetString()));
        Assert.Equal((7, 90, 12, 60), (json.GetProperty("blocks").GetInt32(), json.GetProperty("records").GetInt32(), json.GetProperty("removed_blocks").GetInt32(), json.GetProperty("needed_from").GetInt32()));
        Assert.Equal((40, 30), (json.GetProperty("records_by_kind").GetProperty("turn").GetInt32(), json.GetProperty("busiest_topics").GetProperty("in.a").GetInt32()));
        Assert.True(json.GetProperty("held").GetBoolean());
        Assert.Equal(("a", "has not handled it yet"), (json.GetProperty("holds")[0].GetProperty("agent").GetString(), json.GetProperty("holds")[0].GetProperty("reason").GetString()));
    }

    [Theory]
    [InlineData("/v1/log")]
    [InlineData("/v1/log/why/7")]
    [InlineData("/v1/agents/a/state?at=7")]
    [InlineData("/v1/agents/a/turns?to=7")]
    [InlineData("/v1/agents/a/difference?from=7&to=8")]
    [InlineData("/v1/mesh/state?at=7")]
    public async Task What_was_before_the_beginning_of_the_log_is_gone(string path)
    {
        log.Failure = new LogBeginsLaterException(7, new LogBeginning(50, 1_000_000_000, 12, 9));
        await using var server = await TestServer.StartAsync(log: log);

        var answer = await server.Client.GetAsync(path);

        Assert.Equal((HttpStatusCode.Gone, log.Failure.Message), (answer.StatusCode, (await ReadAsync(answer)).GetProperty("detail").GetString()));
        Assert.Contains("the log begins at offset 50, since 1970-01-01T00:00:01Z", log.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_its_history_says_so()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.Client.GetAsync("/v1/log");

        Assert.Equal((HttpStatusCode.NotFound, "This node serves no history."), (answer.StatusCode, (await ReadAsync(answer)).GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task No_more_replays_run_than_are_allowed()
    {
        log.Moment = Moment;
        await using var server = await TestServer.StartAsync(TestServer.Options with { MaxReplays = 0 }, log: log);

        var answer = await server.Client.GetAsync("/v1/agents/a/state");

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("""{"name":"b","at":"0-1-7"}""", 201, "fork a b 7")]
    [InlineData("""{"name":"b"}""", 201, "fork a b ")]
    [InlineData("""{"name":"taken"}""", 409, "fork a taken ")]
    [InlineData("""{"at":7}""", 400, null)]
    [InlineData("""{"name":"b","when":7}""", 400, null)]
    [InlineData("no", 400, null)]
    public async Task An_agent_is_forked(string body, int status, string? call)
    {
        await using var server = await TestServer.StartAsync();

        var answer = await server.Client.PostAsync("/v1/agents/a/fork", TestServer.Body(body, "application/json"));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(call, server.Node.Calls.SingleOrDefault());
    }

    [Fact]
    public async Task The_mesh_is_taken_back()
    {
        await using var server = await TestServer.StartAsync();

        var answer = await ReadAsync(await server.Client.PostAsync("/v1/mesh/rewind", TestServer.Body("""{"to":"0-1-5","sources":true,"dry_run":true}""", "application/json")));
        var refused = await server.Client.PostAsync("/v1/mesh/rewind", TestServer.Body("""{"to":101}""", "application/json"));

        Assert.Equal(["rewind 5 True True", "rewind 101 False False"], server.Node.Calls);
        Assert.Equal("rewound", answer.GetProperty("agents")[0].GetProperty("action").GetString());
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task Verbs_fork_and_rewind_through_a_node()
    {
        await using var server = await TestServer.StartAsync();
        var url = server.Url.ToString();

        var fork = await Terminal.RunAsync("agent", "fork", "monitors/a", "--as", "b", "--at", "7", "--url", url);
        var rewind = await Terminal.RunAsync("mesh", "rewind", "--to", "5", "--dry-run", "--url", url);
        var refused = await Terminal.RunAsync("agent", "fork", "a", "--as", "taken", "--url", url);

        Assert.Equal((0, $"agent b goes on from the state of monitors/a{Environment.NewLine}"), (fork.Code, fork.Out));
        Assert.Equal(["fork monitors/a b 7", "rewind 5 False True", "fork a taken "], server.Node.Calls);
        Assert.Contains("nothing was changed; 10 records since 5 would count no more", rewind.Out, StringComparison.Ordinal);
        Assert.Equal((1, $"error: there is an agent or a definition 'taken' already; choose another name{Environment.NewLine}"), (refused.Code, refused.Error));
    }

    private static AgentMoment Moment { get; } = new() { Agent = "a", Definition = "a", Incarnation = 1, LastInput = 7, LastTurn = 8, Turns = 3, Failures = 0, Hash = new StateHash(9) };

    private static ReplayStep Step(int number) => new()
    {
        Number = number, Turn = number + 10, Incarnation = 1, Attempt = 1, Input = new CommittedEvent(new Position(0, 1, number), $"e{number}", "/tests", new MeshEvent { Topic = "in" }),
    };

    private static IEnumerable<int> Numbers(JsonElement page) => page.GetProperty("turns").EnumerateArray().Select(step => step.GetProperty("number").GetInt32());

    private static async Task<JsonElement> GetAsync(TestServer server, string path)
    {
        var answer = await server.Client.GetAsync(path);
        var json = await ReadAsync(answer);
        Assert.True(answer.IsSuccessStatusCode, json.GetRawText());
        return json;
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.Clone();
}
