using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>rule list</c>, <c>rule show NAME</c>, on a running node.</summary>
internal static class RuleCommands
{
    private static readonly string[] OfRule = ["name", "of", "state", "dry_run", "holding", "acted", "would_act", "refused", "exhausted", "failed"];
    private static readonly string[] OfLine = ["signal", "above", "clear"];
    private static readonly string[] OfHold = ["agent", "crossed", "since", "values"];
    private static readonly string[] OfScope = ["name", "acts", "refusals", "last", "cooling_until", "exhausted"];
    private static readonly string[] OfStep = ["position", "at", "step", "agent", "values", "text"];

    public static Command Build(CliContext context, OutputOption output) => new("rule", "Shows the rules by which a running mesh heals itself.") { BuildList(context, output), BuildShow(context, output) };

    private static Command BuildList(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddTo(new Command("list", "Lists the rules: what each is doing, for how many agents its lines are crossed, and how often it came to what."));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync(RuleEndpoints.Path, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else Write(context, OfRule, answer.RootElement.GetProperty("rules"));
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildShow(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var name = new Argument<string>("NAME") { Description = "Its name, as slow-monitors." };
        var command = node.AddTo(new Command("show", "Shows a rule: its lines, for whom they are crossed since when, its cool-downs, and its last steps with what was seen.") { name });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync($"{RuleEndpoints.Path}/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}", cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else Write(context, answer.RootElement);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static void Write(CliContext context, JsonElement rule)
    {
        var verbs = string.Join(", ", rule.GetProperty("verbs").EnumerateArray().Select(v => v.GetString()));
        context.Out.WriteLine($"{rule.GetProperty("name")} of {rule.GetProperty("of")}: {rule.GetProperty("state")}, then {verbs}{(rule.GetProperty("dry_run").GetBoolean() ? " (dry run)" : "")}");
        foreach (var (part, columns) in new[] { ("when", OfLine), ("holds", OfHold), ("scopes", OfScope), ("recent", OfStep) })
        {
            if (rule.GetProperty(part).GetArrayLength() == 0) continue;
            context.Out.WriteLine();
            Write(context, columns, rule.GetProperty(part));
        }
    }

    private static void Write(CliContext context, string[] columns, JsonElement rows) => TextTable.Write(
        context, [.. columns.Select(c => c.Replace('_', ' ').ToUpperInvariant())], rows.EnumerateArray().Select(row => columns.Select(column => Text(row.GetProperty(column))).ToArray()));

    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : value.ToString();
}
