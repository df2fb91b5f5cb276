using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>What a mesh has done, when it has nothing left to do.</summary>
internal static class RunReport
{
    private const string AlertToken = "alert";

    /// <summary>One object: totals of the data folder, the same for this run, all agents.</summary>
    public static void WriteJson(CliContext context, MeshSummary summary) => JsonText.WritePage(context.Out, json =>
    {
        json.WriteStartObject();
        WriteTotals(json, summary.Totals);
        WriteTime(json, summary.Totals.Turns, summary.Totals.Active);
        json.WriteList("agents", summary.Agents, agent =>
        {
            json.WriteStartObject();
            json.WriteString("name", agent.Status.Name);
            json.WriteString("state", AgentJson.NameOf(agent.Status.State));
            json.WriteNumber("turns", agent.Status.Turns);
            AgentJson.WriteHash(json, agent.StateHash);
            json.WriteEndObject();
        });
        json.WriteStartObject("this_run");
        WriteTotals(json, summary.ThisRun);
        WriteTime(json, summary.ThisRun.Turns, summary.ThisRun.Active);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>A table: this run beside all runs.</summary>
    public static void WriteText(CliContext context, MeshSummary summary)
    {
        var (now, all) = (summary.ThisRun, summary.Totals);
        string[][] rows =
        [
            Row("events in", now.EventsIn, all.EventsIn),
            Row("events", now.Events, all.Events),
            Row("turns", now.Turns, all.Turns),
            Row("agents born", now.Born, all.Born),
            .. Kinds(now, all).Select(kind => Row($"failures: {FaultNames.Of(kind)}", now.Failures.GetValueOrDefault(kind), all.Failures.GetValueOrDefault(kind))),
            Row("healed", now.Healed, all.Healed),
            Row("quarantined", now.Quarantined, all.Quarantined),
            Row("alerts", Alerts(now), Alerts(all)),
            ["time", Seconds(now.Active), Seconds(all.Active)],
            Row("turns/s", (long)Rate(now.Turns, now.Active), (long)Rate(all.Turns, all.Active)),
        ];
        TextTable.Write(context, ["", "this run", "in all"], rows);
    }

    private static void WriteTotals(Utf8JsonWriter json, ShardTotals totals)
    {
        json.WriteNumber("events_in", totals.EventsIn);
        json.WriteNumber("events", totals.Events);
        json.WriteNumber("turns", totals.Turns);
        json.WriteNumber("healed", totals.Healed);
        json.WriteNumber("quarantined", totals.Quarantined);
        json.WriteNumber("alerts", Alerts(totals));
        json.WriteNumber("born", totals.Born);
        json.WriteStartObject("failures");
        foreach (var (kind, count) in totals.Failures.Where(f => f.Value > 0).OrderBy(f => f.Key)) json.WriteNumber(FaultNames.Of(kind), count);
        json.WriteEndObject();
    }

    private static IEnumerable<FaultKind> Kinds(ShardTotals now, ShardTotals all) =>
        now.Failures.Keys.Union(all.Failures.Keys).Where(kind => all.Failures.GetValueOrDefault(kind) > 0).Order();

    private static long Alerts(ShardTotals totals) => totals.EventsByFirstToken.GetValueOrDefault(AlertToken);

    private static void WriteTime(Utf8JsonWriter json, long turns, TimeSpan time)
    {
        json.WriteNumber("elapsed_ms", Math.Round(time.TotalMilliseconds, 3));
        json.WriteNumber("turns_per_s", Math.Round(Rate(turns, time), 1));
    }

    private static double Rate(long turns, TimeSpan time) => time > TimeSpan.Zero ? turns / time.TotalSeconds : 0;

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.00} s");

    private static string[] Row(string name, long now, long all) => [name, now.ToString("N0", CultureInfo.InvariantCulture), all.ToString("N0", CultureInfo.InvariantCulture)];
}
