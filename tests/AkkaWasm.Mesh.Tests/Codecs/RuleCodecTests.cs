using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Tests.Codecs;

/// <summary>What earlier programs wrote of rules: without a share, and without a way back to another module.</summary>
public sealed class RuleCodecTests
{
    [Fact]
    public void A_rule_of_version_1_gives_its_module_to_all_and_goes_back_by_turns()
    {
        var writer = new ByteWriter();
        writer.Byte(1);
        writer.Text("rule");
        writer.Text("many");
        writer.List([new RuleLine(RuleSignal.Lag, 10, 8)], (to, line) => { to.Byte((byte)line.Signal); to.Double(line.Above); to.Double(line.Clear); });
        foreach (var number in new[] { TimeSpan.TicksPerSecond, TimeSpan.TicksPerMinute, 3, TimeSpan.TicksPerHour }) writer.Int(number);
        writer.List([RuleVerb.Rewind, RuleVerb.Replace], WriteAction);
        writer.Bool(true);
        writer.Byte(77);
        var reader = new ByteReader(writer.Written.ToArray());
        var rule = RuleCodec.ReadDefinition(reader);
        Assert.Equal(77, reader.Byte()); // and not a byte more or less
        Assert.Equal(("rule", "many", 3, true), (rule.Name, rule.Of, rule.AtMost, rule.IsDryRun));
        Assert.Equal(new RewindTarget { Turns = 4, Snapshots = 1, Inputs = RewindInputs.Dropped }, rule.Then[0].Rewind);
        var watch = new CanaryPolicy { Watch = TimeSpan.FromMinutes(1), MaxFailures = 5, WithinTimeRange = TimeSpan.FromSeconds(1), Inputs = RewindInputs.Reprocessed };
        Assert.Equal(new RuleReplacement("aa", "a.wasm", watch), rule.Then[1].Replacement);
    }

    [Fact]
    public void A_step_of_version_1_goes_back_by_turns()
    {
        var writer = new ByteWriter();
        writer.Byte(1);
        writer.Byte((byte)RuleStep.Acted);
        writer.Text("rule");
        writer.Int(7);
        writer.List([new RuleValue(RuleSignal.Lag, 11, 10)], (to, value) => { to.Byte((byte)value.Signal); to.Double(value.Value); to.Double(value.Line); });
        writer.Text("text");
        writer.Int(5);
        writer.List([RuleVerb.Rewind], (to, verb) => to.Byte((byte)verb));
        writer.Text("one");
        writer.List(Array.Empty<long>(), (to, offset) => to.Int(offset));
        WriteTarget(writer);
        var reader = new ByteReader(writer.Written.ToArray());
        var step = RuleCodec.ReadRecord(reader, new BlockContext(1, 1_000));
        Assert.True(reader.AtEnd);
        Assert.Equal((RuleStep.Acted, "rule", 7, 1_005, "one"), (step.Step, step.Rule, step.Agent, step.AtNs, step.Scope));
        Assert.Equal(new RewindTarget { Turns = 4, Snapshots = 1, Inputs = RewindInputs.Dropped }, step.Rewind);
    }

    private static void WriteAction(ByteWriter w, RuleVerb verb)
    {
        w.Byte((byte)verb);
        if (verb == RuleVerb.Rewind) WriteTarget(w);
        else w.Bool(false);
        w.Bool(verb == RuleVerb.Replace);
        if (verb == RuleVerb.Replace)
        {
            w.Text("aa");
            w.Text("a.wasm");
            w.Bool(true);
            foreach (var number in new[] { TimeSpan.TicksPerMinute, 5, TimeSpan.TicksPerSecond }) w.Int(number);
            w.Byte((byte)RewindInputs.Reprocessed);
        }
        w.Int(1);
        w.Int(0);
    }

    private static void WriteTarget(ByteWriter w)
    {
        w.Bool(true);
        w.Int(4);
        w.Int(1);
        w.Byte((byte)RewindInputs.Dropped);
    }
}
