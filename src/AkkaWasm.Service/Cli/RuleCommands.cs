using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>rule list</c>, <c>rule show NAME</c>, on a running node.</summary>
internal static class RuleCommands
{
    private static readonly ListAndShow Rules =
        new(RuleEndpoints.Path, "rules", ["name", "of", "state", "dry_run", "holding", "acted", "would_act", "refused", "exhausted", "failed"])
        {
            ListText = "Lists the rules: what each is doing, for how many agents its lines are crossed, and how often it came to what.",
            ShowText = "Shows a rule: its lines, for whom they are crossed since when, its cool-downs, and its last steps with what was seen.",
            NameText = "Its name, as slow-monitors.", Sentences = Sentences, ArePartsApart = true,
            Parts =
            [
                ("when", ["signal", "above", "clear"]), ("holds", ["agent", "crossed", "since", "values"]), ("scopes", ["name", "acts", "refusals", "last", "cooling_until", "exhausted"]),
                ("recent", ["position", "at", "step", "agent", "values", "text"]),
            ],
        };

    public static Command Build(CliContext context, OutputOption output) =>
        new("rule", "Shows the rules by which a running mesh heals itself.") { Rules.BuildList(context, output), Rules.BuildShow(context, output) };

    private static IEnumerable<string> Sentences(JsonElement rule)
    {
        var verbs = string.Join(", ", rule.GetProperty("verbs").EnumerateArray().Select(v => v.GetString()));
        yield return $"{rule.GetProperty("name")} of {rule.GetProperty("of")}: {rule.GetProperty("state")}, then {verbs}{(rule.GetProperty("dry_run").GetBoolean() ? " (dry run)" : "")}";
    }
}
