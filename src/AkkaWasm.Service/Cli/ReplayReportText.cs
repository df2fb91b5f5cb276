using System.Text.Json;
using AkkaWasm.Actors;

namespace AkkaWasm.Service.Cli;

/// <summary>What a verification by replay found, for people and for machines.</summary>
internal static class ReplayReportText
{
    public static void Write(CliContext context, ReplayReport report)
    {
        TextTable.WritePairs(context,
        [
            ("agent", report.Agent),
            ("incarnation", $"{report.Incarnation}"),
            ("turns", $"{report.Turns} run again as recorded"),
            ("failures", $"{report.Failures} run again as recorded"),
            ("hashes", $"{report.Hashes} compared"),
            ("last input", report.LastInput < 0 ? "none" : $"{report.LastInput}"),
            ("state hash", report.StateHash?.ToString() ?? "none"),
        ]);
        foreach (var skipped in report.Skipped) context.Out.WriteLine($"not run again: {skipped.Input}, {skipped.Reason}");
        WriteDivergence(context, report);
    }

    /// <summary>A row for each agent, then what cannot be repeated, then where the first one went another way.</summary>
    public static void Write(CliContext context, IReadOnlyList<ReplayReport> reports)
    {
        TextTable.Write(context, ["agent", "incarnation", "turns", "failures", "hashes", "not run", "state hash"], reports.Select(r => new[]
        {
            r.Agent, $"{r.Incarnation}", $"{r.Turns}", $"{r.Failures}", $"{r.Hashes}", $"{r.Skipped.Length}", r.IsFaithful ? r.StateHash?.ToString() ?? "none" : "diverges",
        }));
        foreach (var report in reports)
            foreach (var skipped in report.Skipped) context.Out.WriteLine($"not run again: {report.Agent}, {skipped.Input}, {skipped.Reason}");
        var (turns, failures) = (reports.Sum(r => r.Turns), reports.Sum(r => r.Failures));
        context.Out.WriteLine($"{reports.Count} agents, {turns} turns and {failures} failures run again as recorded, {reports.Count(r => !r.IsFaithful)} agents diverge");
        foreach (var report in reports) WriteDivergence(context, report);
    }

    public static void WriteJson(Utf8JsonWriter json, ReplayReport report)
    {
        json.WriteStartObject();
        json.WriteString("agent", report.Agent);
        json.WriteBoolean("faithful", report.IsFaithful);
        json.WriteNumber("incarnation", report.Incarnation);
        json.WriteNumber("turns", report.Turns);
        json.WriteNumber("failures", report.Failures);
        json.WriteNumber("hashes", report.Hashes);
        json.WriteNumber("last_input", report.LastInput);
        Http.AgentJson.WriteHash(json, report.StateHash);
        if (report.Divergence is { } divergence)
        {
            json.WriteStartObject("divergence");
            json.WriteNumber("input", divergence.Input);
            json.WriteString("message", divergence.Message);
            json.WriteEndObject();
        }
        json.WriteList("skipped", report.Skipped, skipped =>
        {
            json.WriteStartObject();
            json.WriteNumber("input", skipped.Input);
            json.WriteString("reason", skipped.Reason);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static void WriteDivergence(CliContext context, ReplayReport report)
    {
        if (report.Divergence is { } divergence) ErrorReport.Write(context, json: false, ExitCode.Failed, $"at {divergence.Input} the replay went another way: {divergence.Message}");
    }
}
