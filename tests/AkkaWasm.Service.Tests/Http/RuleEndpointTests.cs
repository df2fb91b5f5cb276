using System.Net;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Http;

/// <summary>Rules, over HTTP and on the command line.</summary>
public sealed class RuleEndpointTests
{
    private static Task<Outcome> RunAsync(TestServer server, params string[] args) => Terminal.RunAsync([.. args, "--url", server.Url.ToString()]);

    private static IEnumerable<string> Lines(Outcome outcome) => outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim()).Where(l => l.Length > 0);

    [Fact]
    public async Task Rules_are_listed_and_shown_with_what_they_saw_and_did()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(["NAME OF STATE DRY RUN HOLDING ACTED WOULD ACT REFUSED EXHAUSTED FAILED", "slow crew/* cooling-down false 1 1 0 0 0 0"], Lines(await RunAsync(server, "rule", "list")));
        Assert.Equal(
        [
            "slow of crew/*: cooling-down, then shed",
            "SIGNAL ABOVE CLEAR", "lag 100 80",
            "AGENT CROSSED SINCE VALUES", "crew/1 2023-11-14T22:13:20Z 2023-11-14T22:13:20Z lag 120",
            "NAME ACTS REFUSALS LAST COOLING UNTIL EXHAUSTED", "crew/1 1 0 2023-11-14T22:13:20Z 2023-11-14T22:14:20Z false",
            "POSITION AT STEP AGENT VALUES TEXT", "0-1-42 2023-11-14T22:13:20Z acted crew/1 lag 130 shed all but 10 (120 events)",
        ], Lines(await RunAsync(server, "rule", "show", "slow")));
        Assert.Contains("\"cooling_until\": \"2023-11-14T22:14:20Z\"", (await RunAsync(server, "rule", "show", "slow", "--output", "json")).Out, StringComparison.Ordinal);
        Assert.Contains("\"rules\": [", (await RunAsync(server, "rule", "list", "--output", "json")).Out, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync("/v1/rules/fast")).StatusCode);
        Assert.Contains("there is no rule 'fast'", (await RunAsync(server, "rule", "show", "fast")).Error, StringComparison.Ordinal);
    }
}
