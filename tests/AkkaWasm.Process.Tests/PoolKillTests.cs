using System.Globalization;
using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>A node is killed as <c>kill -9</c> does while its pool gets one size after the other and events come, again and again.</summary>
public sealed class PoolKillTests
{
    private const int Keys = 8;
    private const int MostMembers = 4;

    private static int Kills => Math.Max(3, KillTests.Kills / 10);

    [Fact]
    public async Task Whenever_it_is_killed_each_event_is_handled_once_and_those_of_a_key_in_their_order()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["mesh.conf"], $$"""
            akka-wasm.mesh {
              name = pools
              agents.crew {
                module = "{{Path.Combine(NodeProcess.Root, "tests", "guests", "counter.wat")}}", subscribe = ["probe.*"], capabilities.publish = [count.out], snapshot-every-turns = 20
                pool { size = 1, max = {{MostMembers}}, key = "{2}", grow-lag = null, grow-age = null, shrink-after = null }
              }
            }
            """);
        var place = new Place(folder["data"], folder["mesh.conf"], ["--data", folder["data"], "--config", folder["mesh.conf"]]);
        var random = new Random(KillTests.Seed);
        var acknowledged = new List<string>();
        for (var kill = 0; kill < Kills; kill++) await RunAndKillAsync(place, TimeSpan.FromMilliseconds(300 + random.Next(1_500)), kill, acknowledged);

        var summary = await place.RunToIdleAsync();
        using var verified = await NodeProcess.RunAsync(["log", "verify", .. place.Log]);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        var (events, turns) = (await EventsAsync(place, "probe.>"), await EventsAsync(place, "count.out"));
        Assert.Empty(acknowledged.Except(events.Select(e => e.Id)));
        Assert.Equal(events.Select(e => e.Offset), turns.Select(t => t.Cause).Order());
        var keyOf = events.ToDictionary(e => e.Offset, e => e.Topic);
        foreach (var key in turns.GroupBy(t => keyOf[t.Cause])) Assert.Equal(key.Select(t => t.Cause).Order(), key.Select(t => t.Cause));
        Assert.True(await CountAsync(place, "mesh.pool.crew.>") > Kills && summary.Agents.Length > 1, "the pool changed too seldom");
        using var replayed = await NodeProcess.RunAsync(["replay", "--all", "--verify", .. place.Log]);
        Assert.True(replayed.ExitCode == 0, replayed.Output + replayed.Errors);
    }

    private static async Task RunAndKillAsync(Place place, TimeSpan moment, int kill, List<string> acknowledged)
    {
        using var node = place.Serve();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var url = await node.ListeningAsync(place.Data, patience.Token);
        Assert.True(url is not null, $"the node did not listen: {node.Errors}");
        using var end = new CancellationTokenSource(moment);
        var publishing = Enumerable.Range(0, Keys).Select(key => Publisher.PostAsync(url, string.Create(CultureInfo.InvariantCulture, $"k{key}"), $"{kill}-{key}", acknowledged, end.Token));
        await Task.WhenAll([.. publishing, ResizeAsync(url, end.Token)]);
        await node.KillAsync();
    }

    private static async Task ResizeAsync(Uri url, CancellationToken end)
    {
        using var client = new HttpClient { BaseAddress = url };
        for (var members = 1; !end.IsCancellationRequested; members = (members % MostMembers) + 1)
        {
            try
            {
                using var answer = await client.PostAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/pools/crew/resize?members={members}"), null, end);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
            {
                // the node is to be killed now
            }
        }
    }

    private static async Task<int> CountAsync(Place place, string pattern) => (await EventsAsync(place, pattern)).Length;

    private static async Task<(long Offset, string Id, string Topic, long Cause)[]> EventsAsync(Place place, string pattern)
    {
        using var log = await NodeProcess.RunAsync(["log", "show", .. place.Log, "--topic", pattern, "--output", "json"]);
        Assert.True(log.ExitCode == 0, log.Errors);
        return [.. log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            var record = JsonDocument.Parse(line).RootElement;
            var (position, e) = (record.GetProperty("position").GetString()!, record.GetProperty("event"));
            var cause = record.TryGetProperty("cause", out var offset) ? offset.GetInt64() : -1;
            return (long.Parse(position[(position.LastIndexOf('-') + 1)..], CultureInfo.InvariantCulture), e.GetProperty("id").GetString()!, e.GetProperty("type").GetString()!, cause);
        })];
    }
}
