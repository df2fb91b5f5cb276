using AkkaWasm.Actors;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Benchmarks;

/// <summary>Durable turns a second with log and snapshots on a PostgreSQL server of its own on this machine, beside one persisted event per turn on the same server.</summary>
internal static class PostgresBenchmarks
{
    private const string Provider = "PostgreSQL.15";

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        if (PostgresServer.Obstacle is { } obstacle)
        {
            await Console.Error.WriteLineAsync($"postgres is not measured: {obstacle}");
            return;
        }
        using var server = new PostgresServer();
        var baseline = await OneEventPerTurn.MeasureAsync(rounds.Scale(5_000), new StoreOptions(Provider, server.NewSchema()));
        var store = new StoreOptions(Provider, server.NewSchema());
        await using var ours = await DurableTurns.StartAsync(options => options with { Journal = store, Snapshots = store });
        var before = server.ProcessorTime;
        await DurableTurns.MeasureAsync(rounds, ours);
        report.Row("durable turns on PostgreSQL, as durable", "turns/s", ours.TurnsPerSecond, "one persisted event per turn", baseline);
        report.Row("durable turns on PostgreSQL: CPU of the node, the publisher's too", "µs/turn", ours.CpuPerTurn);
        report.Row("durable turns on PostgreSQL: CPU of the server", "µs/turn", (server.ProcessorTime - before).TotalMicroseconds / ours.Turns);
    }
}
