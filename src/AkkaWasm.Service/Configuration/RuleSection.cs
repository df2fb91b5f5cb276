using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>A rule as the configuration says it, before the module is read that it names.</summary>
/// <param name="Definition">The rule; hash and file of the module are still missing.</param>
/// <param name="Module">Where a module is named, or null if it names none.</param>
internal sealed record ConfiguredRule(RuleDefinition Definition, ModuleReferenceInFile? Module);

/// <summary>Reads rules. What the values must keep to is checked with the topology.</summary>
internal static class RuleSection
{
    private static readonly Dictionary<RuleSignal, Func<HoconCursor, double>> Units = new()
    {
        [RuleSignal.FailureRate] = line => line.AsDouble(), [RuleSignal.Lag] = line => line.Count(), [RuleSignal.Age] = line => line.AsDuration().Ticks * 100.0,
        [RuleSignal.TurnTime] = line => line.AsDuration().Ticks * 100.0, [RuleSignal.Memory] = line => line.AsSize(), [RuleSignal.Quarantine] = line => line.Count(),
    };

    private static readonly Dictionary<RuleVerb, Func<HoconCursor, RuleAction>> Verbs = new()
    {
        [RuleVerb.Alert] = _ => new RuleAction(RuleVerb.Alert), [RuleVerb.Restart] = _ => new RuleAction(RuleVerb.Restart), [RuleVerb.Pause] = _ => new RuleAction(RuleVerb.Pause),
        [RuleVerb.Rewind] = verb => new RuleAction(RuleVerb.Rewind) { Rewind = ReadTarget(verb) },
        [RuleVerb.Replace] = verb => new RuleAction(RuleVerb.Replace) { Replacement = new RuleReplacement("", "", ReadWatch(verb)) },
        [RuleVerb.Replicate] = verb => new RuleAction(RuleVerb.Replicate) { By = verb.Find("by")?.AsInt() ?? 1 },
        [RuleVerb.Shed] = verb => new RuleAction(RuleVerb.Shed) { Keep = verb.Find("keep")?.AsInt() ?? 0 },
    };

    public static ConfiguredRule Read(string name, HoconCursor section, ConfigurationTree tree)
    {
        var (clearAt, clear) = (ReadClearAt(section), section.Find("clear"));
        var when = ImmutableArray.CreateBuilder<RuleLine>();
        foreach (var signal in RuleWords.AllSignals)
        {
            var cleared = clear?.Find(RuleWords.Of(signal)) is { } below ? Units[signal](below) : default(double?);
            if (section.At("when").Find(RuleWords.Of(signal)) is { } line) when.Add(new RuleLine(signal, Units[signal](line), cleared ?? Whole(signal, Units[signal](line) * clearAt)));
            else if (cleared is not null) throw SettingBounds.Refused(clear!, $"clears {RuleWords.Of(signal)}, for which when has no line", "add the line, or leave this out");
        }
        var then = section.At("then").AsList().Select(item => (Item: item, Action: ReadAction(item))).ToArray();
        var module = then.Where(t => t.Action.Verb == RuleVerb.Replace && t.Item.Kind == HoconKind.Object).Select(t => ModuleReferenceSection.Read(t.Item.At("replace.module"), tree)).FirstOrDefault();
        return new ConfiguredRule(ReadTimes(section, name) with { Of = section.At("of").AsString(), When = when.ToImmutable(), Then = [.. then.Select(t => t.Action)] }, module);
    }

    /// <summary>A share of a line as it could be written itself: a whole number of events, bytes or of the 100 ns that times are counted in.</summary>
    private static double Whole(RuleSignal signal, double value) => signal switch
    {
        RuleSignal.FailureRate => value,
        RuleSignal.Age or RuleSignal.TurnTime => Math.Ceiling(value / 100) * 100,
        _ => Math.Ceiling(value),
    };

    /// <summary>What has a default.</summary>
    public static RuleDefinition ReadTimes(HoconCursor section, string name) => new()
    {
        Name = name, Of = "", For = section.At("for").Duration(TimeSpan.Zero), CoolDown = section.At("cool-down").Duration(TimeSpan.Zero), AtMost = section.At("at-most").AsInt(),
        Per = section.At("per").AsDuration(), IsDryRun = section.At("dry-run").AsBoolean(),
    };

    /// <summary>Which share of a line clears it.</summary>
    public static double ReadClearAt(HoconCursor section) => section.At("clear-at").AsDouble();

    /// <summary>A verb alone, or as the one key of an object that says more.</summary>
    private static RuleAction ReadAction(HoconCursor item)
    {
        if (item.Kind != HoconKind.Object) return Alone(item, Verb(item, item.AsString()));
        if (item.Entries() is not [var (word, said)]) throw SettingBounds.Refused(item, "must be one verb", "write each verb as an item of its own");
        return Verbs[Verb(item, word)](said);
    }

    private static RuleVerb Verb(HoconCursor item, string word)
    {
        foreach (var verb in RuleWords.AllVerbs)
            if (RuleWords.Of(verb) == word) return verb;
        throw SettingBounds.Refused(item, $"must be one of {string.Join(", ", RuleWords.AllVerbs.Select(RuleWords.Of))} but is '{word}'", "choose one that is there");
    }

    private static RuleAction Alone(HoconCursor item, RuleVerb verb) => verb switch
    {
        RuleVerb.Replace => throw SettingBounds.Refused(item, "is replace and names no module", "write { replace { module = \"….wasm\" } }"),
        RuleVerb.Rewind => new RuleAction(verb) { Rewind = RewindTarget.Default },
        _ => new RuleAction(verb),
    };

    private static RewindTarget ReadTarget(HoconCursor verb) => new()
    {
        Turns = verb.Find("turns")?.AsInt() ?? RewindTarget.Default.Turns, Snapshots = verb.Find("snapshots")?.AsInt() ?? 0, Inputs = verb.Find("inputs")?.AsEnum<RewindInputs>() ?? RewindInputs.Suppressed,
        PreviousVersion = verb.Find("previous-version")?.AsBoolean() ?? false,
    };

    private static CanaryPolicy? ReadWatch(HoconCursor verb)
    {
        var (share, none) = (verb.Find("share"), new CanaryPolicy());
        if (verb.Find("watch") is not { } watch)
            return share is null ? null : throw SettingBounds.Refused(share, "says on whom the module is tried first, and watch does not say for how long", "add watch { for = 5 minutes }, or leave share out");
        return new CanaryPolicy
        {
            Watch = watch.Find("for")?.AsDuration() ?? none.Watch, MaxFailures = watch.Find("max-failures")?.AsInt() ?? none.MaxFailures,
            WithinTimeRange = watch.Find("within")?.AsDuration() ?? none.WithinTimeRange, Inputs = watch.Find("inputs")?.AsEnum<RewindInputs>() ?? none.Inputs,
            ShareBasisPoints = share is null ? none.ShareBasisPoints : ReadShare(share),
        };
    }

    private static int ReadShare(HoconCursor share) => KeyShare.TryParse(share.AsString(), out var basisPoints) ? basisPoints
        : throw SettingBounds.Refused(share, $"must be a share but is '{share.AsString()}'", "write 0.01% to 100%, as 10%");
}
