using System.Net;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Http;

/// <summary>Groups of agents, over HTTP and on the command line.</summary>
public sealed class GroupEndpointTests
{
    private static Task<Outcome> RunAsync(TestServer server, params string[] args) => Terminal.RunAsync([.. args, "--url", server.Url.ToString()]);

    [Fact]
    public async Task Groups_are_listed_with_what_is_above_them_and_whether_they_wait()
    {
        await using var server = await TestServer.StartAsync();
        var text = await RunAsync(server, "group", "list");
        var json = await RunAsync(server, "group", "list", "--output", "json");

        Assert.Equal(["GROUP IN STATE AGENTS", "default - running 3", "edge default paused 1"], text.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim()));
        Assert.Contains("\"name\": \"edge\"", json.Out, StringComparison.Ordinal);
        Assert.Contains("\"parent\": null", json.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    public async Task Each_verb_reaches_the_node_and_says_that_it_is_done(string verb)
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(new Outcome(0, $"edge: {verb} done{Environment.NewLine}", ""), await RunAsync(server, "group", verb, "edge"));
        Assert.Equal("{\"group\":\"edge\",\"done\":\"" + verb + "\"}", (await RunAsync(server, "group", verb, "edge", "--output", "json")).Out.Trim());
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.PostAsync($"/v1/groups/edge/{verb}", null)).StatusCode);
        Assert.Equal(Enumerable.Repeat($"{verb} group edge", 3), server.Node.Calls);
    }

    [Fact]
    public async Task What_is_not_there_or_cannot_be_done_is_said()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.PostAsync("/v1/groups/edge/stop", null)).StatusCode);
        server.Node.Refusal = "The group 'edge' is paused already.";
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsync("/v1/groups/edge/pause", null)).StatusCode);
        Assert.Equal(new Outcome(1, "", $"error: the group 'edge' is paused already{Environment.NewLine}"), await RunAsync(server, "group", "pause", "edge"));
        server.Node.Refusal = "There is no group 'nowhere'.";
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.PostAsync("/v1/groups/nowhere/pause", null)).StatusCode);
    }

    [Fact]
    public async Task A_change_of_the_topology_says_how_long_agents_that_go_may_drain()
    {
        await using var server = await TestServer.StartAsync();
        var topology = await server.Client.GetStringAsync("/v1/topology");
        using var same = new StringContent(topology);
        await server.Client.PostAsync("/v1/topology/apply?drain=90s", same);
        using var again = new StringContent(topology);
        var wrong = await server.Client.PostAsync("/v1/topology/apply?drain=soon", again);

        Assert.Equal(["drain 00:01:30"], server.Node.Calls);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("'drain' must be a time as 30s", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
