using System.Text.Json;
using AkkaWasm.Service.Tests.Http;

namespace AkkaWasm.Service.Tests.Cli;

public sealed class TopCommandTests
{
    private static string Url(TestServer server) => server.Url.ToString();

    [Fact]
    public async Task Where_nobody_looks_at_a_terminal_a_table_is_printed_once()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(TopEndpointTests.Agent("monitors/alaska"));

        var outcome = await Terminal.RunAsync("mesh", "top", "--url", Url(server), "--sort", "age", "--limit", "7", "--names", "monitors/*");

        Assert.Equal((0, "", "top Age 7 monitors.*"), (outcome.Code, outcome.Error, Assert.Single(server.Node.Calls)));
        var lines = outcome.Out.TrimEnd().Split(Environment.NewLine);
        Assert.Equal("1 agents by age, of 1,000,000; 1 do something or are not well", lines[0]);
        Assert.Matches("^agent +state +health +lag +age +failing +turn +memory +put aside +life +healed +why$", lines[1]);
        Assert.Matches(@"^monitors/alaska +running +overloaded +1234 +12\.3 s +25 % +1\.5 ms +3 MiB +3 +2 +0 +says: it \[31m burns; A turn takes long$", lines[2]);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public async Task As_json_it_is_what_the_node_answers()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(TopEndpointTests.Agent("a"));

        var outcome = await Terminal.RunAsync("mesh", "top", "--once", "--url", Url(server), "--output", "json");

        using var json = JsonDocument.Parse(outcome.Out);
        Assert.Equal(("lag", "a"), (json.RootElement.GetProperty("sort").GetString(), json.RootElement.GetProperty("agents")[0].GetProperty("name").GetString()));
        Assert.Equal("top Lag 50 ", Assert.Single(server.Node.Calls));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_looked_at_again_and_again_until_it_is_told_to_end(bool inTerminal)
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(TopEndpointTests.Agent("a"));
        using var end = new CancellationTokenSource();
        server.Node.OnTop = count => { if (count == 3) end.Cancel(); };

        var outcome = await Terminal.RunAsync(["mesh", "top", "--every", "100ms", "--url", Url(server)], change: c => c with { IsOutTerminal = inTerminal }, cancellation: end.Token);

        Assert.Equal(0, outcome.Code);
        Assert.Contains("agents by lag, of 1,000,000", outcome.Out, StringComparison.Ordinal);
        Assert.True(server.Node.Calls.Count >= 3);
    }

    [Fact]
    public async Task An_interval_that_is_none_and_an_order_that_is_none_are_refused_in_a_sentence()
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal(new Outcome(2, "", $"error: --every must be a time from 100ms to 1d but is '1ms'; write one as 2s{Environment.NewLine}"), await Terminal.RunAsync("mesh", "top", "--every", "1ms", "--url", Url(server)));
        Assert.Equal(
            new Outcome(2, "", $"error: 'sort' must be one of lag, age, failures, time, memory, health but is 'size'{Environment.NewLine}"),
            await Terminal.RunAsync("mesh", "top", "--sort", "size", "--url", Url(server)));
    }

    [Fact]
    public async Task A_list_in_an_order_asks_the_node_for_it_and_shows_the_level()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(TopEndpointTests.Agent("a"));

        var outcome = await Terminal.RunAsync("agent", "list", "--sort", "health", "--limit", "3", "--url", Url(server));

        Assert.Equal("top Health 3 ", Assert.Single(server.Node.Calls));
        Assert.Matches("a +running .* overloaded", outcome.Out);
    }
}
