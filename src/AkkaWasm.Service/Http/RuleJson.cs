using System.Collections.Immutable;
using System.Text.Json;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Http;

/// <summary>Rules as JSON.</summary>
internal static class RuleJson
{
    /// <summary>The word for a step: <c>would-act</c>.</summary>
    public static string StepOf(RuleStep step) => HoconCursor.KebabCase(step.ToString());

    public static void Write(Utf8JsonWriter json, RuleStatus status)
    {
        json.WriteStartObject();
        json.WriteString("name", status.Rule.Name);
        json.WriteString("of", status.Rule.Of);
        json.WriteString("state", HoconCursor.KebabCase(status.Activity.ToString()));
        json.WriteBoolean("dry_run", status.Rule.IsDryRun);
        json.WriteList("verbs", status.Rule.Then.Select(a => RuleWords.Of(a.Verb)), json.WriteStringValue);
        json.WriteList("when", status.Rule.When, line => WriteLine(json, line));
        json.WriteNumber("holding", status.Holding);
        foreach (var step in Enum.GetValues<RuleStep>()) json.WriteNumber(StepOf(step).Replace('-', '_'), status.CountOf(step));
        json.WriteList("holds", status.Holds, hold => Write(json, hold));
        json.WriteList("scopes", status.Scopes, scope => Write(json, scope));
        json.WriteList("recent", status.Recent, step => Write(json, step));
        json.WriteEndObject();
    }

    private static void WriteLine(Utf8JsonWriter json, RuleLine line)
    {
        json.WriteStartObject();
        json.WriteString("signal", RuleWords.Of(line.Signal));
        json.WriteString("above", RuleWords.Text(line.Signal, line.Above));
        json.WriteString("clear", RuleWords.Text(line.Signal, line.Clear));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RuleHoldStatus hold)
    {
        json.WriteStartObject();
        json.WriteString("agent", hold.Agent);
        json.WriteString("crossed", Time(hold.CrossedNs));
        json.WriteString("since", Time(hold.SinceNs));
        json.WriteString("values", Values(hold.Values));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RuleScopeStatus scope)
    {
        json.WriteStartObject();
        json.WriteString("name", scope.Name);
        json.WriteNumber("acts", scope.Acts);
        json.WriteNumber("refusals", scope.Refusals);
        json.WriteString("last", Time(scope.LastNs));
        json.WriteString("cooling_until", Time(scope.CoolUntilNs));
        json.WriteBoolean("exhausted", scope.IsExhausted);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RuleStepStatus step)
    {
        json.WriteStartObject();
        json.WriteString("position", step.At.ToString());
        json.WriteString("at", Time(step.Record.AtNs));
        json.WriteString("step", StepOf(step.Record.Step));
        json.WriteString("agent", step.Agent);
        json.WriteString("values", Values(step.Record.Values));
        json.WriteString("text", step.Record.Text);
        json.WriteEndObject();
    }

    private static string Values(ImmutableArray<RuleValue> values) => string.Join(", ", values.Select(v => $"{RuleWords.Of(v.Signal)} {RuleWords.Text(v.Signal, v.Value)}"));

    private static DateTime Time(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100);
}
