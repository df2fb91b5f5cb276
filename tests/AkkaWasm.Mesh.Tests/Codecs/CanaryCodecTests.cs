using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Tests.Codecs;

/// <summary>What earlier programs wrote of changed definitions that are watched: at first with a share that nothing made use of, then without one.</summary>
public sealed class CanaryCodecTests
{
    private const long AtNs = 1_764_000_000_000_000_000;

    private static readonly AgentDefinition Before = new() { Name = "a", ModuleHash = "0" };

    private static readonly CanaryPolicy Policy = new() { Watch = TimeSpan.FromMinutes(7), MaxFailures = 9, WithinTimeRange = TimeSpan.FromSeconds(8), Inputs = RewindInputs.Dropped };

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    [InlineData(2_500)]
    [InlineData(KeyShare.All)]
    public void A_watch_of_version_1_is_read_whether_or_not_a_share_stands_in_it(int? share)
    {
        var writer = new ByteWriter();
        writer.Byte(1);
        writer.Byte((byte)CanaryStep.Began);
        writer.Text("a");
        writer.Bool(true);
        WriteBeginning(writer, share);
        writer.Byte(77);
        var reader = new ByteReader(writer.Written.ToArray());
        var record = CanaryCodec.Read(reader);
        Assert.Equal((CanaryStep.Began, "a", AtNs, Policy, null), (record.Step, record.Definition, record.AtNs, record.Policy, record.Share));
        Assert.Equal("0", record.Before!.ModuleHash);
        Assert.Equal(77, reader.Byte()); // and not a byte more or less
    }

    [Fact]
    public void An_end_of_version_1_says_no_time_and_no_share()
    {
        var writer = new ByteWriter();
        writer.Byte(1);
        writer.Byte((byte)CanaryStep.RolledBack);
        writer.Text("a");
        writer.Bool(false);
        var reader = new ByteReader(writer.Written.ToArray());
        Assert.Equal(new CanaryRecord(CanaryStep.RolledBack, "a"), CanaryCodec.Read(reader));
        Assert.True(reader.AtEnd);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(KeyShare.All)]
    public void A_saved_state_from_before_shares_is_read_likewise(int? share)
    {
        var writer = new ByteWriter();
        WriteBeginning(writer, share);
        foreach (var number in new[] { 12, 3, 4 }) writer.Int(number); // the change, the first who is new, and from where on the log is needed
        for (var list = 0; list < 7; list++) writer.Int(0);
        writer.Bool(true);
        writer.List([AtNs + 1], (to, at) => to.Int(at));
        writer.Int(5);
        writer.List([13L], (to, offset) => to.Int(offset));
        var reader = new ByteReader(writer.Written.ToArray());
        var watch = CanaryCodec.ReadWatch(reader, hasShare: false);
        Assert.True(reader.AtEnd);
        Assert.Equal((12, 3, 4, AtNs, AtNs + (Policy.Watch.Ticks * 100)), (watch.Since, watch.FirstNew, watch.NeededFrom, watch.BeganNs, watch.UntilNs));
        Assert.Equal((true, 5, null, Policy), (watch.IsExceeded, watch.EmittedCount, watch.Share, watch.Policy));
    }

    /// <summary>As both forms of version 1 wrote it; what was between the policy and the time was left out without another version.</summary>
    private static void WriteBeginning(ByteWriter w, int? share)
    {
        TopologyDeltaCodec.Write(w, new TopologyDelta { Put = [Before] });
        w.Int(Policy.Watch.Ticks);
        w.Int(Policy.MaxFailures);
        w.Int(Policy.WithinTimeRange.Ticks);
        w.Byte((byte)Policy.Inputs);
        if (share is { } basisPoints) w.Int(basisPoints);
        w.Int(AtNs);
    }
}
