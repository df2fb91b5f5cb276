using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// Kills the node as <c>kill -9</c> does, at moments drawn from a seed, and starts it again, while events are posted to it. The number of
/// kills is 50 in CI and 10 elsewhere; AKKAWASM_KILLS sets another, AKKAWASM_SEED another seed.
/// </summary>
public sealed class KillTests
{
    private const int KillsPerFolder = 5;

    private static int Kills => Number("AKKAWASM_KILLS") ?? (Environment.GetEnvironmentVariable("CI") == "true" ? 50 : 10);

    [Fact]
    public async Task Whatever_moment_it_is_killed_at_the_mesh_ends_in_the_same_state_and_has_every_acknowledged_event()
    {
        var seed = Number("AKKAWASM_SEED") ?? 20180207;
        var random = new Random(seed);
        using var reference = new TemporaryFolder();
        var clock = Stopwatch.StartNew();
        var expected = await Summary.RunToIdleAsync(reference["data"]);
        var span = clock.Elapsed;
        var alerts = await AlertsAsync(reference["data"]);

        for (var round = 0; round < (Kills + KillsPerFolder - 1) / KillsPerFolder; round++)
        {
            using var folder = new TemporaryFolder();
            var data = folder["data"];
            var acknowledged = new List<string>();
            for (var kill = 0; kill < Math.Min(KillsPerFolder, Kills - round * KillsPerFolder); kill++)
                await RunAndKillAsync(data, span * random.NextDouble(), $"{round}-{kill}", acknowledged);
            var context = $"seed {seed}, round {round}";
            var summary = await Summary.RunToIdleAsync(data);
            Assert.True(expected.Agents.SequenceEqual(summary.Agents), $"{context}: {string.Join('\n', expected.Agents.Except(summary.Agents))}");
            foreach (var count in new[] { "healed", "quarantined", "alerts" }) Assert.True(expected[count] == summary[count], $"{context}: {count} is {summary[count]}, not {expected[count]}");
            Assert.Equal(alerts, await AlertsAsync(data));
            Assert.Empty(acknowledged.Except(await IdsAsync(data, "probe.>")));
        }
    }

    private static async Task RunAndKillAsync(string data, TimeSpan moment, string name, List<string> acknowledged)
    {
        using var node = NodeProcess.Serve(data);
        using var end = new CancellationTokenSource(moment);
        await PostAsync(node, data, name, acknowledged, end.Token);
        await node.KillAsync();
    }

    /// <summary>Posts events one after the other until the moment comes; those that were acknowledged are noted.</summary>
    private static async Task PostAsync(NodeProcess node, string data, string name, List<string> acknowledged, CancellationToken end)
    {
        var url = await node.ListeningAsync(data, end);
        Assert.True(!node.HasExited, $"the node ended by itself: {node.Errors}");
        if (url is null) return;
        using var client = new HttpClient { BaseAddress = url };
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            var id = $"{name}-{number}";
            var content = new StringContent($$$"""{"specversion":"1.0","id":"{{{id}}}","source":"/probe","type":"probe.{{{name}}}","data":{"n":{{{number}}}}}""", Encoding.UTF8);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
            try
            {
                using var answer = await client.PostAsync("/v1/events", content, end);
                if (answer.IsSuccessStatusCode) acknowledged.Add(id);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
            {
                // not acknowledged: it may be there or not
            }
        }
    }

    private static async Task<string[]> AlertsAsync(string data) => [.. (await EventsAsync(data, "alert.>")).Select(e => e.GetProperty("data").GetRawText()).Order(StringComparer.Ordinal)];

    private static async Task<string[]> IdsAsync(string data, string pattern) => [.. (await EventsAsync(data, pattern)).Select(e => e.GetProperty("id").GetString()!)];

    private static async Task<JsonElement[]> EventsAsync(string data, string pattern)
    {
        using var log = await NodeProcess.RunAsync("log", "show", "--data", data, "--topic", pattern, "--output", "json");
        Assert.True(log.ExitCode == 0, log.Errors);
        return [.. log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event"))];
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
