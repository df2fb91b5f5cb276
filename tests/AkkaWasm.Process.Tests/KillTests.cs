using System.Diagnostics;
using System.Globalization;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// Kills the node as <c>kill -9</c> does, at moments drawn from a seed, and starts it again, while events are posted to it. The number of
/// kills is 50 in CI and 10 elsewhere, on PostgreSQL a fifth of that; AKKAWASM_KILLS sets another, AKKAWASM_SEED another seed.
/// </summary>
[Collection(PostgresCollection.Name)]
public sealed class KillTests(PostgresServer server)
{
    private const int KillsPerFolder = 5;

    /// <summary>How often a process is killed.</summary>
    internal static int Kills => Number("AKKAWASM_KILLS") ?? (Environment.GetEnvironmentVariable("CI") == "true" ? 50 : 10);

    internal static int Seed => Number("AKKAWASM_SEED") ?? 20180207;

    [Fact]
    public Task Whatever_moment_it_is_killed_at_the_mesh_ends_in_the_same_state_and_has_every_acknowledged_event() => KillAsync(Kills, Place.OnSqlite);

    [PostgresFact]
    public Task Whatever_moment_it_is_killed_at_with_its_log_on_PostgreSQL_the_same_holds() => KillAsync(Math.Max(1, Kills / 5), folder => Place.OnPostgres(folder, server));

    private static async Task KillAsync(int kills, Func<TemporaryFolder, Place> placeIn)
    {
        var seed = Seed;
        var random = new Random(seed);
        using var reference = new TemporaryFolder();
        var straight = Place.OnSqlite(reference);
        var clock = Stopwatch.StartNew();
        var expected = await straight.RunToIdleAsync();
        var span = clock.Elapsed;
        var alerts = await AlertsAsync(straight);

        for (var round = 0; round < (kills + KillsPerFolder - 1) / KillsPerFolder; round++)
        {
            using var folder = new TemporaryFolder();
            var place = placeIn(folder);
            var acknowledged = new List<string>();
            for (var kill = 0; kill < Math.Min(KillsPerFolder, kills - round * KillsPerFolder); kill++)
                await RunAndKillAsync(place, span * random.NextDouble(), $"{round}-{kill}", acknowledged);
            var context = $"seed {seed}, round {round}";
            var summary = await place.RunToIdleAsync();
            Assert.True(expected.Agents.SequenceEqual(summary.Agents), $"{context}: {string.Join('\n', expected.Agents.Except(summary.Agents))}");
            foreach (var count in new[] { "healed", "quarantined", "alerts" }) Assert.True(expected[count] == summary[count], $"{context}: {count} is {summary[count]}, not {expected[count]}");
            Assert.Equal(alerts, await AlertsAsync(place));
            Assert.Empty(acknowledged.Except((await place.EventsAsync("probe.>")).Select(e => e.GetProperty("id").GetString()!)));
        }
    }

    private static async Task RunAndKillAsync(Place place, TimeSpan moment, string name, List<string> acknowledged)
    {
        using var node = place.Serve();
        using var end = new CancellationTokenSource(moment);
        var url = await node.ListeningAsync(place.Data, end.Token);
        Assert.True(!node.HasExited, $"the node ended by itself: {node.Errors}");
        if (url is not null) await Publisher.PostAsync(url, name, acknowledged, end.Token);
        await node.KillAsync();
    }

    private static async Task<string[]> AlertsAsync(Place place) => [.. (await place.EventsAsync("alert.>")).Select(e => e.GetProperty("data").GetRawText()).Order(StringComparer.Ordinal)];

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
