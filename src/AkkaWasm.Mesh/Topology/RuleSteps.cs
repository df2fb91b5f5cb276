using System.Collections.Immutable;
using System.Globalization;
using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Topology;

/// <summary>Says what a change of a topology does to its rules.</summary>
internal static class RuleSteps
{
    private static readonly (string Name, Func<RuleDefinition, string> Text)[] Fields =
    [
        ("of", r => r.Of),
        ("when", r => Lines(r, line => line.Above)),
        ("clear", r => Lines(r, line => line.Clear)),
        ("for", r => r.For.ToString("c", CultureInfo.InvariantCulture)),
        ("cool-down", r => r.CoolDown.ToString("c", CultureInfo.InvariantCulture)),
        ("at-most", r => r.AtMost.ToString(CultureInfo.InvariantCulture)),
        ("per", r => r.Per.ToString("c", CultureInfo.InvariantCulture)),
        ("then", r => $"[{string.Join(", ", r.Then.Select(Text))}]"),
        ("dry-run", r => r.IsDryRun ? "true" : "false"),
    ];

    public static IEnumerable<TopologyStep> Of(ImmutableArray<RuleDefinition> before, ImmutableArray<RuleDefinition> after)
    {
        var was = before.ToDictionary(r => r.Name, StringComparer.Ordinal);
        foreach (var rule in after)
        {
            if (!was.Remove(rule.Name, out var known)) yield return new(TopologyStepKind.RuleDefined, Path(rule), [], 0);
            else if (!TopologyCodec.AreSame(known, rule)) yield return new(TopologyStepKind.RuleChanged, Path(rule), Differences(known, rule), 0);
        }
        foreach (var rule in before)
            if (was.ContainsKey(rule.Name)) yield return new(TopologyStepKind.RuleRemoved, Path(rule), [], 0);
    }

    /// <summary>What an action is, in a few words: <c>rewind by 10 turns</c>.</summary>
    public static string Text(RuleAction action) => action switch
    {
        { Verb: RuleVerb.Rewind, Rewind: { PreviousVersion: true } to } => $"rewind to the previous version, inputs {Word(to)}",
        { Verb: RuleVerb.Rewind, Rewind: { Snapshots: > 0 } to } => string.Create(CultureInfo.InvariantCulture, $"rewind to snapshot {to.Snapshots}, inputs {Word(to)}"),
        { Verb: RuleVerb.Rewind, Rewind: { } to } => string.Create(CultureInfo.InvariantCulture, $"rewind by {to.Turns} turns, inputs {Word(to)}"),
        { Verb: RuleVerb.Replace, Replacement: { } by } => $"replace by {by.ModuleFile} ({by.ModuleHash[..Math.Min(12, by.ModuleHash.Length)]}){Share(by.Watch)}{Text(by.Watch)}",
        { Verb: RuleVerb.Replicate } => string.Create(CultureInfo.InvariantCulture, $"replicate by {action.By}"),
        { Verb: RuleVerb.Shed } => string.Create(CultureInfo.InvariantCulture, $"shed all but {action.Keep}"),
        _ => RuleWords.Of(action.Verb),
    };

    private static string Share(CanaryPolicy? watch) => watch is { ShareBasisPoints: < KeyShare.All and var share } ? $" on {KeyShare.TextOf(share)} of the agents" : "";

    private static string Text(CanaryPolicy? watch) =>
        watch is null ? "" : string.Create(CultureInfo.InvariantCulture, $", watched for {watch.Watch:c}, {watch.MaxFailures} failures in {watch.WithinTimeRange:c}");

    private static string Word(RewindTarget target) => target.Inputs.ToString().ToLowerInvariant();

    private static string Path(RuleDefinition rule) => $"rules.{rule.Name}";

    private static string Lines(RuleDefinition rule, Func<RuleLine, double> at) =>
        $"[{string.Join(", ", rule.When.Select(line => $"{RuleWords.Of(line.Signal)} {RuleWords.Text(line.Signal, at(line))}"))}]";

    private static ImmutableArray<FieldChange> Differences(RuleDefinition before, RuleDefinition after) =>
        [.. Fields.Where(f => f.Text(before) != f.Text(after)).Select(f => new FieldChange(f.Name, TopologyField.Clip(f.Text(before)), TopologyField.Clip(f.Text(after))))];
}
