using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary forms of rules, of their steps and of what is known of them. Each begins with a version.</summary>
internal static class RuleCodec
{
    /// <summary>A field is only ever added at the end of its part under a new version.</summary>
    private const byte Version = 2;

    public static void WriteDefinition(ByteWriter w, RuleDefinition rule)
    {
        w.Byte(Version);
        w.Text(rule.Name);
        w.Text(rule.Of);
        w.List(rule.When, (to, line) => { to.Byte((byte)line.Signal); to.Double(line.Above); to.Double(line.Clear); });
        w.Int(rule.For.Ticks);
        w.Int(rule.CoolDown.Ticks);
        w.Int(rule.AtMost);
        w.Int(rule.Per.Ticks);
        w.List(rule.Then, WriteAction);
        w.Bool(rule.IsDryRun);
    }

    public static RuleDefinition ReadDefinition(ByteReader r)
    {
        var version = ReadVersion(r);
        return new RuleDefinition
        {
            Name = r.Text(), Of = r.Text(), When = r.List(from => new RuleLine(Signal(from), from.Double(), from.Double())), For = new TimeSpan(r.Int()), CoolDown = new TimeSpan(r.Int()),
            AtMost = r.Int32(), Per = new TimeSpan(r.Int()), Then = r.List(from => ReadAction(from, version)), IsDryRun = r.Bool(),
        };
    }

    private static void WriteAction(ByteWriter w, RuleAction action)
    {
        w.Byte((byte)action.Verb);
        WriteTarget(w, action.Rewind);
        w.Bool(action.Replacement is not null);
        if (action.Replacement is { } replacement) WriteReplacement(w, replacement);
        w.Int(action.By);
        w.Int(action.Keep);
    }

    private static RuleAction ReadAction(ByteReader r, byte version) =>
        new(Verb(r)) { Rewind = ReadTarget(r, version), Replacement = r.Bool() ? ReadReplacement(r, version) : null, By = r.Int32(), Keep = r.Int32() };

    private static void WriteTarget(ByteWriter w, RewindTarget? target)
    {
        w.Bool(target is not null);
        if (target is null) return;
        w.Int(target.Turns);
        w.Int(target.Snapshots);
        w.Byte((byte)target.Inputs);
        w.Bool(target.PreviousVersion);
    }

    private static RewindTarget? ReadTarget(ByteReader r, byte version) =>
        r.Bool() ? new RewindTarget { Turns = r.Int32(), Snapshots = r.Int32(), Inputs = (RewindInputs)r.Byte(), PreviousVersion = version >= 2 && r.Bool() } : null;

    private static void WriteReplacement(ByteWriter w, RuleReplacement replacement)
    {
        w.Text(replacement.ModuleHash);
        w.Text(replacement.ModuleFile);
        w.Bool(replacement.Watch is not null);
        if (replacement.Watch is not { } watch) return;
        w.Int(watch.Watch.Ticks);
        w.Int(watch.MaxFailures);
        w.Int(watch.WithinTimeRange.Ticks);
        w.Byte((byte)watch.Inputs);
        w.Int(watch.ShareBasisPoints);
    }

    private static RuleReplacement ReadReplacement(ByteReader r, byte version) => new(r.Text(), r.Text(), r.Bool() ? ReadWatch(r, version) : null);

    private static CanaryPolicy ReadWatch(ByteReader r, byte version) => new()
    {
        Watch = new TimeSpan(r.Int()), MaxFailures = r.Int32(), WithinTimeRange = new TimeSpan(r.Int()), Inputs = (RewindInputs)r.Byte(),
        ShareBasisPoints = version >= 2 ? r.Int32() : KeyShare.All,
    };

    public static void WriteRecord(ByteWriter w, BlockContext c, RuleRecord r)
    {
        w.Byte(Version);
        w.Byte((byte)r.Step);
        w.Text(r.Rule);
        w.Int(r.Agent);
        w.List(r.Values, (to, value) => { to.Byte((byte)value.Signal); to.Double(value.Value); to.Double(value.Line); });
        w.Text(r.Text);
        w.Int(r.AtNs - c.BaseTimeNs);
        w.List(r.Verbs, (to, verb) => to.Byte((byte)verb));
        w.Text(r.Scope);
        w.List(r.Shed, (to, offset) => to.Int(offset));
        WriteTarget(w, r.Rewind);
    }

    public static RuleRecord ReadRecord(ByteReader r, BlockContext c)
    {
        var version = ReadVersion(r);
        var (step, rule, agent) = (Step(r), r.Text(), r.Int32());
        return new RuleRecord(step, rule, agent, r.List(from => new RuleValue(Signal(from), from.Double(), from.Double())), r.Text(), r.Int() + c.BaseTimeNs)
        {
            Verbs = r.List(Verb), Scope = r.Text(), Shed = r.List(from => from.Int()), Rewind = ReadTarget(r, version),
        };
    }

    /// <summary>All that is known of a rule.</summary>
    public static void WriteState(ByteWriter w, RuleState state)
    {
        w.Byte(Version);
        w.List(state.Holds, (to, hold) => { to.Int(hold.Key); to.Int(hold.Value.CrossedNs); to.Int(hold.Value.SinceNs); to.Bool(hold.Value.HasActed); });
        w.List(state.Scopes, (to, scope) => { to.Text(scope.Key); WriteScope(to, scope.Value); });
        w.List(state.Recent, (to, step) => RecordCodec.WriteWithOffset(to, step, (too, record) => WriteRecord(too, BlockContext.Outside, record)));
        w.List(state.Counts, (to, count) => to.Int(count));
    }

    public static RuleState ReadState(ByteReader r)
    {
        ReadVersion(r);
        var state = new RuleState();
        foreach (var (agent, hold) in r.List(from => (from.Int32(), new RuleHold(from.Int(), from.Int(), from.Bool())))) state.Holds[agent] = hold;
        foreach (var (name, scope) in r.List(from => (from.Text(), ReadScope(from)))) state.Scopes[name] = scope;
        foreach (var step in r.List(from => RecordCodec.ReadWithOffset(from, record => ReadRecord(record, BlockContext.Outside)))) state.Recent.Enqueue(step);
        var counts = r.List(from => from.Int());
        if (counts.Length != state.Counts.Length) throw new DecodeException($"byte {r.Position}: {counts.Length} counts of a rule where there are {state.Counts.Length}");
        counts.CopyTo(state.Counts);
        state.Restore();
        return state;
    }

    private static void WriteScope(ByteWriter w, RuleScope scope)
    {
        w.List(scope.Acts, (to, at) => to.Int(at));
        w.Int(scope.LastNs);
        w.Int(scope.Refusals);
        w.Bool(scope.IsExhausted);
    }

    private static RuleScope ReadScope(ByteReader r) => new() { Acts = [.. r.List(from => from.Int())], LastNs = r.Int(), Refusals = r.Int32(), IsExhausted = r.Bool() };

    private static byte ReadVersion(ByteReader r)
    {
        var version = r.Byte();
        return version is > 0 and <= Version ? version : throw new DecodeException($"byte {r.Position - 1}: version {version} of a rule is not known to this program");
    }

    private static RuleSignal Signal(ByteReader r) => r.Byte() is var value && value <= (byte)RuleSignal.Quarantine ? (RuleSignal)value
        : throw new DecodeException($"byte {r.Position - 1}: there is no signal of rules {value}");

    private static RuleVerb Verb(ByteReader r) => r.Byte() is var value && value <= (byte)RuleVerb.Pause ? (RuleVerb)value
        : throw new DecodeException($"byte {r.Position - 1}: there is no verb of rules {value}");

    private static RuleStep Step(ByteReader r) => r.Byte() is var value && value <= (byte)RuleStep.Failed ? (RuleStep)value
        : throw new DecodeException($"byte {r.Position - 1}: there is no step of rules {value}");
}
