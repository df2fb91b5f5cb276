using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>What came of a trial, for people and for machines.</summary>
internal static class TrialText
{
    /// <summary>How many differing turns are printed; JSON has all that the report has.</summary>
    private const int TurnsShown = 100;

    /// <summary>How many outputs of a turn are printed.</summary>
    private const int OutputsShown = 8;

    public static void Write(CliContext context, TrialReport report)
    {
        TextTable.Write(context, [report.Agent, "recorded", "tried"],
        [
            ["module", report.RecordedModuleHash[..12], report.ModuleHash[..12]],
            ["successes", $"{report.Recorded.Successes}", $"{report.Other.Successes}"],
            ["failures", $"{report.Recorded.Failures}", $"{report.Other.Failures}"],
            ["outputs", $"{report.Recorded.Outputs}", $"{report.Other.Outputs}"],
            ["fuel", Fuel(report.Recorded), Fuel(report.Other)],
            ["time", Time(report.Recorded), Time(report.Other)],
            ["memory at the end", $"{report.Recorded.MemoryBytes} bytes", $"{report.Other.MemoryBytes} bytes"],
        ]);
        foreach (var turn in report.Details.Take(TurnsShown))
        {
            context.Out.WriteLine($"{turn.Input.Position} {turn.Input.Event.Topic} {LogEntryText.Data(turn.Input.Event.Data)}");
            foreach (var line in Lines(turn.Recorded)) context.Out.WriteLine($"  recorded  {line}");
            foreach (var line in Lines(turn.Other)) context.Out.WriteLine($"  tried     {line}");
        }
        if (report.Differing > TurnsShown) context.Out.WriteLine($"and {report.Differing - Math.Min(TurnsShown, report.Details.Length)} more; --output json lists {report.Details.Length}");
        if (!report.IsIdentical) context.Out.WriteLine(Counts(report.NewFailures, report.Mended, report.QuarantinedMended, report.Differing));
        context.Out.WriteLine(report.IsIdentical ? $"both do the same in all {report.Turns} turns" : $"{report.Differing} of {report.Turns} turns differ");
    }

    public static void WriteJson(Utf8JsonWriter json, TrialReport report)
    {
        json.WriteStartObject();
        json.WriteString("agent", report.Agent);
        json.WriteBoolean("identical", report.IsIdentical);
        json.WriteNumber("turns", report.Turns);
        json.WriteNumber("differing", report.Differing);
        json.WriteNumber("new_failures", report.NewFailures);
        json.WriteNumber("mended", report.Mended);
        json.WriteNumber("quarantined", report.Quarantined);
        json.WriteNumber("quarantined_mended", report.QuarantinedMended);
        json.WriteString("state", HoconCursor.KebabCase(report.Start.ToString()));
        json.WriteNumber("turns_before", report.TurnsBefore);
        if (report.Problem is not null) json.WriteString("problem", report.Problem);
        Write(json, "recorded", report.RecordedModuleHash, report.Recorded);
        Write(json, "tried", report.ModuleHash, report.Other);
        json.WriteList("details", report.Details, turn =>
        {
            json.WriteStartObject();
            json.WriteString("change", HoconCursor.KebabCase(turn.Change.ToString()));
            if (turn.IsQuarantined) json.WriteBoolean("quarantined", true);
            json.WriteNumber("incarnation", turn.Incarnation);
            json.WriteString("position", turn.Input.Position.ToString());
            json.WritePropertyName("event");
            json.WriteRawValue(CloudEventJson.Write(turn.Input).Span);
            Write(json, "recorded", turn.Recorded);
            Write(json, "tried", turn.Other);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static IEnumerable<string> Lines(TrialOutcome outcome)
    {
        if (outcome.Fault is { } fault)
        {
            yield return $"failed {FaultNames.Of(fault.Kind)}/{fault.Code}: {fault.Message}";
            yield break;
        }
        var outputs = outcome.Outputs.Where(o => o is not LineLogged).ToList();
        if (outputs.Count == 0) yield return "done, without outputs";
        foreach (var output in outputs.Take(OutputsShown)) yield return StepText.Line(output);
        if (outputs.Count > OutputsShown) yield return $"and {outputs.Count - OutputsShown} more outputs";
    }

    /// <summary>Of the turns that differ, how.</summary>
    public static string Counts(long newFailures, long mended, long quarantinedMended, long differing)
    {
        var others = differing - newFailures - mended;
        string[] parts =
        [
            newFailures > 0 ? $"{newFailures} newly fail" : "", mended > 0 ? $"{mended} fail no more ({quarantinedMended} of them in quarantine)" : "",
            others > 0 ? $"{others} do other things or fail otherwise" : "",
        ];
        return string.Join(", ", parts.Where(part => part.Length > 0));
    }

    private static string Time(TrialTotals totals) => string.Create(CultureInfo.InvariantCulture, $"{totals.Elapsed.TotalMilliseconds:0.0} ms");

    private static string Fuel(TrialTotals totals) => totals.Fuel > 0 ? $"{totals.Fuel}" : "not counted";

    private static void Write(Utf8JsonWriter json, string name, string module, TrialTotals totals)
    {
        json.WriteStartObject(name);
        json.WriteString("module", module);
        json.WriteNumber("successes", totals.Successes);
        json.WriteNumber("failures", totals.Failures);
        json.WriteNumber("outputs", totals.Outputs);
        json.WriteNumber("fuel", totals.Fuel);
        json.WriteNumber("elapsed_ms", totals.Elapsed.TotalMilliseconds);
        json.WriteNumber("memory_bytes", totals.MemoryBytes);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, TrialOutcome outcome)
    {
        json.WriteStartObject(name);
        if (outcome.Fault is { } fault)
        {
            json.WritePropertyName("fault");
            AgentJson.Write(json, fault);
        }
        json.WriteList("outputs", outcome.Outputs, output => MomentJson.Write(json, output));
        json.WriteNumber("fuel", outcome.Fuel);
        json.WriteNumber("memory_bytes", outcome.MemoryBytes);
        json.WriteEndObject();
    }
}
