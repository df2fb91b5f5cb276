using System.Net;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Service.Tests.Http;

public sealed class TopEndpointTests
{
    public static AgentStatus Agent(string name) => new()
    {
        Number = 0, Name = name, Definition = name.Split('/')[0], State = AgentState.Running, Pending = 1234, Incarnation = 2, Quarantined = 3, LastInput = Position.None,
        Health = new AgentHealthStatus
        {
            Level = AgentHealthLevel.Overloaded, AgeNs = 12_340_000_000, FailureShare = 0.25, TurnNs = 1_500_000, MemoryBytes = 3 << 20,
            Reported = new HealthStatement(HealthSignal.Guest, AgentHealthLevel.Degraded, "it\u001b[31m burns", 41, 0),
            Observed = new HealthStatement(HealthSignal.TurnTime, AgentHealthLevel.Overloaded, "A turn takes long.", 42, 1_000_000_000),
        },
    };

    [Fact]
    public async Task The_first_agents_in_an_order_are_asked_for_and_no_more_are_sent()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.AddRange([Agent("b"), Agent("a/x"), Agent("c")]);

        using var json = JsonDocument.Parse(await server.Client.GetStringAsync("/v1/agents?sort=memory&limit=2&names=a/*"));

        Assert.Equal("top Memory 2 a.*", Assert.Single(server.Node.Calls));
        Assert.Equal(("memory", 1_000_000, 2), (json.RootElement.GetProperty("sort").GetString(), json.RootElement.GetProperty("known").GetInt32(), json.RootElement.GetProperty("agents").GetArrayLength()));
        var health = json.RootElement.GetProperty("agents")[0].GetProperty("health");
        Assert.Equal(
            """{"level":"overloaded","reported":{"level":"degraded","reason":"it\u001B[31m burns","offset":41,"at":"1970-01-01T00:00:00.0000000Z"},"observed":{"level":"overloaded","signal":"turn-time","reason":"A turn takes long.","offset":42,"at":"1970-01-01T00:00:01.0000000Z"},"age_ms":12340,"failure_share":0.25,"turn_ms":1.5,"memory_bytes":3145728}""",
            JsonSerializer.Serialize(health));
    }

    [Theory]
    [InlineData("sort=size", "'sort' must be one of lag, age, failures, time, memory, health but is 'size'.")]
    [InlineData("limit=0", "'limit' must be a number from 1 up but is '0'.")]
    [InlineData("limit=x", "'limit' must be a number from 1 up but is 'x'.")]
    [InlineData("names=a..b", "'names' must be a pattern over names of agents")]
    public async Task What_is_no_order_is_refused_in_a_sentence(string query, string says)
    {
        await using var server = await TestServer.StartAsync();

        using var answer = await server.Client.GetAsync($"/v1/agents?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_show_the_health_of_agents_by_definition()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.AddRange([Agent("m/x"), Agent("m/y"), Agent("s") with { State = AgentState.Stopped }]);

        var metrics = await server.Client.GetStringAsync("/metrics");

        Assert.Matches("akkawasm_agent_health\\{.*definition=\"m\".*level=\"overloaded\".*\\} 2", metrics);
        Assert.DoesNotMatch("akkawasm_agent_health\\{.*definition=\"s\"", metrics);
        Assert.Matches("akkawasm_agent_lag\\{.*definition=\"m\".*\\} 2468", metrics);
        Assert.Matches("akkawasm_agent_lag_age_seconds\\{.*definition=\"m\".*\\} 12.34", metrics);
        Assert.Matches("akkawasm_agent_memory_bytes\\{.*definition=\"m\".*\\} 6291456", metrics);
    }
}
