using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Tests.Http;

public sealed class EndpointTests
{
    private const string Token = "0123456789abcdef";

    private static AgentStatus Agent(string name) => new()
    {
        Number = 0, Name = name, Definition = name.Split('/')[0], Key = name.Contains('/') ? name.Split('/')[1] : null, State = AgentState.Asleep, Turns = 5, Healed = 2,
        LastFault = new GuestFault(FaultKind.Trap, "unreachable", "It trapped.", ["m!f+0x1"]),
    };

    [Fact]
    public async Task Agents_are_listed_by_name()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.AddRange([Agent("b"), Agent("a/x")]);

        using var json = JsonDocument.Parse(await server.Client.GetStringAsync("/v1/agents"));

        var agents = json.RootElement.GetProperty("agents").EnumerateArray().ToArray();
        Assert.Equal(["a/x", "b"], agents.Select(agent => agent.GetProperty("name").GetString()));
        Assert.Equal("asleep", agents[0].GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("a/x", "/v1/agents/a/x")]
    [InlineData("a/x", "/v1/agents/a%2Fx")]
    [InlineData("a/s%C3%BCd", "/v1/agents/a/s%25C3%25BCd")]
    [InlineData("a/quarantine", "/v1/agents/a%2Fquarantine")]
    public async Task An_agent_is_found_by_its_name_with_slashes_plain_or_encoded(string name, string target)
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(Agent(name));

        using var json = JsonDocument.Parse(await server.Client.GetStringAsync(target));

        Assert.Equal(name, json.RootElement.GetProperty("name").GetString());
        Assert.Equal("00000000000000000000000000000abc", json.RootElement.GetProperty("state_hash").GetString());
        Assert.Equal("unreachable", json.RootElement.GetProperty("last_fault").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Quarantined_events_are_shown_released_and_dropped()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(Agent("a/x"));

        using var json = JsonDocument.Parse(await server.Client.GetStringAsync("/v1/agents/a/x/quarantine"));
        var released = await server.Client.PostAsync("/v1/agents/a/x/quarantine/42/release", TestServer.Body("edited", null));
        var unknown = await server.Client.PostAsync("/v1/agents/a/x/quarantine/43/release", null);
        var dropped = await server.Client.DeleteAsync("/v1/agents/a%2Fx/quarantine/7");

        Assert.Equal(42, json.RootElement.GetProperty("events")[0].GetProperty("offset").GetInt64());
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.NoContent), (released.StatusCode, unknown.StatusCode, dropped.StatusCode));
        Assert.Equal(["release a/x 42 edited", "release a/x 43 -", "drop a/x 7"], server.Node.Calls);
    }

    [Theory]
    [InlineData("/v1/agents/nobody", 404, "There is no agent 'nobody'; see /v1/agents for those that are there.")]
    [InlineData("/v1/nothing", 404, "There is nothing at /v1/nothing; see /v1/events, /v1/topics/…/stream, /v1/agents, /v1/topology, /v1/modules, /v1/log, /healthz, /metrics.")]
    public async Task What_is_not_there_is_a_problem_document(string target, int status, string sentence)
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.Client.GetAsync(target);

        Assert.Equal(status, (int)response.StatusCode);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(sentence, problem.RootElement.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData(NodeState.Ready, 200, 200)]
    [InlineData(NodeState.Recovering, 200, 503)]
    [InlineData(NodeState.Draining, 200, 503)]
    [InlineData(NodeState.Failed, 503, 503)]
    public async Task Health_follows_the_node(NodeState state, int live, int ready)
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Status = server.Node.Status with { State = state, Problem = state == NodeState.Ready ? null : "Because.", Load = new NodeLoad(3, 4, 1, 100, 9, 1_000) };

        Assert.Equal(live, (int)(await server.Client.GetAsync("/livez")).StatusCode);
        Assert.Equal(ready, (int)(await server.Client.GetAsync("/readyz")).StatusCode);
        using var health = JsonDocument.Parse(await (await server.Client.GetAsync("/healthz")).Content.ReadAsStringAsync());
        Assert.Equal(state == NodeState.Ready, !health.RootElement.TryGetProperty("reason", out _));
        Assert.Equal((3, 4), (health.RootElement.GetProperty("agents").GetProperty("awake").GetInt32(), health.RootElement.GetProperty("agents").GetProperty("asleep").GetInt32()));
        Assert.Equal("drained", health.RootElement.GetProperty("sources")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task Before_the_node_is_there_the_interface_says_so()
    {
        await using var server = await TestServer.StartAsync(isOpen: false);

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/livez")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("/readyz")).StatusCode);
        var refused = await server.Client.GetAsync("/v1/agents");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    [Fact]
    public async Task Metrics_are_prometheus_text()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(Agent("a"));
        server.Node.Status = server.Node.Status with { Load = new NodeLoad(3, 4, 1, 100, 9, 1_000) { UnsavedImages = 7 } };
        await server.PublishAsync("""{"specversion":"1.0","id":"1","source":"/s","type":"t"}""");

        var text = await server.Client.GetStringAsync("/metrics");

        Assert.Contains("akkawasm_turns_total", text, StringComparison.Ordinal);
        Assert.Matches("""akkawasm_agents_awake\S*(\{[^}]*\})? 3""", text);
        Assert.Matches("""akkawasm_agents_sleeps\S*(\{[^}]*\})? 9""", text);
        Assert.Matches("""akkawasm_images_unsaved\S*(\{[^}]*\})? 7""", text);
        Assert.Matches("""akkawasm_http_events_total\{[^}]*outcome="accepted"[^}]*\} 1""", text);
        Assert.Matches("""akkawasm_agent_healed_total\{[^}]*definition="a"[^}]*\} 2""", text);
        Assert.Matches("""akkawasm_agents\{[^}]*state="asleep"[^}]*\} 1""", text);
    }

    [Theory]
    [InlineData("/v1/agents", null, 401)]
    [InlineData("/v1/agents", "wrong-wrong-wrong", 401)]
    [InlineData("/v1/agents", Token, 200)]
    [InlineData("/V1/agents", null, 401)]
    [InlineData("/metrics", null, 401)]
    [InlineData("/metrics", Token, 200)]
    [InlineData("/readyz", null, 200)]
    public async Task With_a_token_configured_it_is_required_where_the_mesh_is_reached(string target, string? token, int status)
    {
        await using var server = await TestServer.StartAsync(TestServer.Options with { Token = Token });
        if (token is not null) server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        var response = await server.Client.GetAsync(target);

        Assert.Equal(status, (int)response.StatusCode);
        if (status == 401) Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]", 200)]
    [InlineData("evil.example", 403)]
    public async Task Without_a_token_the_node_answers_only_to_names_of_this_machine(string host, int status)
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/agents") { Headers = { Host = host } };

        Assert.Equal(status, (int)(await server.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_port_in_use_is_said_so()
    {
        await using var server = await TestServer.StartAsync();

        var refused = await Assert.ThrowsAsync<ListenException>(() => TestServer.StartAsync(TestServer.Options with { Port = server.Url.Port }));

        Assert.Equal(
            $"the address 127.0.0.1:{server.Url.Port} cannot be listened on: another process listens there; choose another with --set akka-wasm.http.port=…, or 0 for any that is free",
            refused.Message);
    }
}
