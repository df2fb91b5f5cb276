using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>The agents of <c>config/examples</c>, one for each language, through the program as its users run it.</summary>
public sealed class ExampleTests
{
    private const string Poison = """{"id":"poison","of":"nothing that the feed sends"}""";
    private const string Question = """{"id":"question","region":"ca"}""";

    [Theory]
    [Example("c")]
    [Example("cpp")]
    [Example("assemblyscript")]
    [Example("wat")]
    [Example("kotlin")]
    [Example("javascript")]
    [Example("ruby")]
    public async Task An_agent_is_killed_in_between_healed_of_a_poisonous_event_restored_and_replayed(string language)
    {
        var example = Example.Of(language);
        using var folder = new TemporaryFolder();
        var (whole, killed) = (folder["whole"], folder["killed"]);
        var expected = await RunAsync(example.Serve(whole, folder.Path));

        await KillAsync(killed, example.Serve(killed, folder.Path), turns: 0);
        await KillAsync(killed, example.Serve(killed, folder.Path), turns: expected["turns"] / 2);
        var recovered = await RunAsync(example.Serve(killed, folder.Path));
        var healed = await RunAsync(example.Serve(killed, folder.Path, Example.Source(folder.Path, "poison", "usgs.feed", Poison)));
        var restored = await RunAsync(example.Serve(killed, folder.Path));

        Assert.Equal((Example.Features, 0, 0), (expected["events_in"], expected["healed"], expected["quarantined"]));
        Assert.Equal(expected["turns"], recovered["turns"]);
        var published = await PublishedAsync(whole, example.Output);
        Assert.NotEmpty(published);
        Assert.Equal(published, await PublishedAsync(killed, example.Output));
        Assert.Equal((2, 1), (healed["healed"], healed["quarantined"]));
        Assert.Equal(recovered.HashOf(example.Agent), healed.HashOf(example.Agent));
        Assert.Equal(recovered.HashOf(example.Agent), restored.HashOf(example.Agent));
        await VerifyAsync(killed, example.Agent, recovered.HashOf(example.Agent));
    }

    [Theory]
    [Example("kotlin")]
    public async Task An_agent_answers_from_the_graph_that_it_keeps(string language)
    {
        var example = Example.Of(language);
        using var folder = new TemporaryFolder();
        await RunAsync(example.Serve(folder["data"], folder.Path));

        await RunAsync(example.Serve(folder["data"], folder.Path, Example.Source(folder.Path, "questions", "quakes.query", Question)));

        using var answer = JsonDocument.Parse(Assert.Single(await PublishedAsync(folder["data"], "quakes.answer")));
        var region = answer.RootElement;
        Assert.Equal("ca", region.GetProperty("region").GetString());
        Assert.InRange(region.GetProperty("quakes").GetInt32(), 100, 399);
        Assert.InRange(region.GetProperty("largest_cluster").GetInt32(), 10, region.GetProperty("quakes").GetInt32());
        Assert.NotEmpty(region.GetProperty("neighbours").EnumerateArray());
    }

    /// <summary>The log is sound, and all of the agent's turns, run again from its first, end in this state.</summary>
    private static async Task VerifyAsync(string data, string agent, string stateHash)
    {
        using var log = await NodeProcess.RunAsync("log", "verify", "--data", data);
        Assert.True(log.ExitCode == 0, log.Output + log.Errors);
        using var replay = await NodeProcess.RunAsync("replay", agent, "--verify", "--data", data);
        Assert.True(replay.ExitCode == 0, replay.Output + replay.Errors);
        Assert.Contains(stateHash, replay.Output, StringComparison.Ordinal);
    }

    private static async Task<Summary> RunAsync(string[] serve)
    {
        using var node = await NodeProcess.RunAsync([.. serve, "--until-idle", "--report", "json"]);
        return new Summary(node);
    }

    /// <summary>Serves until the agents have handled that many events, or all, then ends the process as <c>kill -9</c> does.</summary>
    private static async Task KillAsync(string data, string[] serve, long turns)
    {
        using var node = NodeProcess.Start(serve);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var url = await node.ListeningAsync(data, limit.Token);
        Assert.True(url is not null, $"the node does not listen: {node.Errors}");
        using var client = new HttpClient { BaseAddress = url };
        while (await TurnsAsync(client, limit.Token) < turns) await Task.Delay(5, limit.Token);
        await node.KillAsync();
    }

    private static async Task<long> TurnsAsync(HttpClient client, CancellationToken cancellation)
    {
        using var agents = JsonDocument.Parse(await client.GetStringAsync("/v1/agents", cancellation));
        return agents.RootElement.GetProperty("agents").EnumerateArray().Sum(agent => agent.GetProperty("turns").GetInt64());
    }

    private static async Task<string[]> PublishedAsync(string data, string pattern)
    {
        using var log = await NodeProcess.RunAsync("log", "show", "--data", data, "--topic", pattern, "--output", "json");
        Assert.True(log.ExitCode == 0, log.Errors);
        return [.. log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using var entry = JsonDocument.Parse(line);
            return entry.RootElement.GetProperty("event").GetProperty("data").GetRawText();
        })];
    }
}
