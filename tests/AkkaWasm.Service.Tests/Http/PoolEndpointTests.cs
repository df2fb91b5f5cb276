using System.Net;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Http;

/// <summary>Pools, over HTTP and on the command line.</summary>
public sealed class PoolEndpointTests
{
    private static Task<Outcome> RunAsync(TestServer server, params string[] args) => Terminal.RunAsync([.. args, "--url", server.Url.ToString()]);

    private static IEnumerable<string> Lines(Outcome outcome) => outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim());

    [Fact]
    public async Task Pools_are_listed_and_shown_with_their_members()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(["NAME SIZE MIN MAX PENDING HELD AGE MS MOVING CHANGED CAUSE", "crew 1 1 4 7 2 1500 3 2023-11-14T22:13:20Z idle"], Lines(await RunAsync(server, "pool", "list")));
        Assert.Equal(
        [
            "crew: 1 members of 1 to 4, 64 partitions",
            "changed at 2023-11-14T22:13:20Z (idle): there was little to do",
            "7 events wait, the oldest for 1500 ms; 2 of them for another member (3 partitions move)",
            "NAME ROLE STATE PARTITIONS PENDING HELD TURNS",
            "crew/1 active running 64 5 2 11",
            "crew/2 resting asleep 0 2 0 9",
        ], Lines(await RunAsync(server, "pool", "show", "crew")));
        var json = await RunAsync(server, "pool", "show", "crew", "--output", "json");
        Assert.Contains("\"age_ms\": 1500", json.Out, StringComparison.Ordinal);
        Assert.Contains("\"role\": \"resting\"", json.Out, StringComparison.Ordinal);
        Assert.Contains("\"pools\": [", (await RunAsync(server, "pool", "list", "--output", "json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_gets_another_size_with_a_reason()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(new Outcome(0, $"crew: 3 members{Environment.NewLine}", ""), await RunAsync(server, "pool", "resize", "crew", "3", "--reason", "a & b"));
        Assert.Equal("{\"pool\":\"crew\",\"members\":2}", (await RunAsync(server, "pool", "resize", "crew", "2", "--output", "json")).Out.Trim());
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.PostAsync("/v1/pools/crew/resize?members=4", null)).StatusCode);
        Assert.Equal(["resize crew 3 'a & b'", "resize crew 2 ''", "resize crew 4 ''"], server.Node.Calls);
    }

    [Fact]
    public async Task What_is_not_there_or_cannot_be_done_is_said()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync("/v1/pools/crowd")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.PostAsync("/v1/pools/crowd/resize?members=2", null)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.PostAsync("/v1/pools/crew/resize?members=many", null)).StatusCode);
        server.Node.Refusal = "The pool 'crew' has 3 members already.";
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsync("/v1/pools/crew/resize?members=3", null)).StatusCode);
        Assert.Equal(new Outcome(1, "", $"error: the pool 'crew' has 3 members already{Environment.NewLine}"), await RunAsync(server, "pool", "resize", "crew", "3"));
    }
}
