using System.Text.Json;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using FsCheck;
using FsCheck.Fluent;

namespace AkkaWasm.Mesh.Tests.Codecs;

public sealed class CodecTests
{
    private static readonly ShardOptions Options = new() { Writer = "writer", Shard = 2 };

    private static string Show(LogRecord record) => JsonSerializer.Serialize(record, record.GetType(), new JsonSerializerOptions { IncludeFields = true });

    /// <summary>A block of the given records, in epoch 3 from offset 10 on.</summary>
    private static byte[] Block(params LogRecord[] records)
    {
        var builder = new BlockBuilder(Options);
        for (var i = 0; i < records.Length; i++)
        {
            records[i].Offset = 10 + i;
            if (records[i] is EventRecord { Event: var e }) e.Offset = 10 + i;
            builder.Add(records[i], 3, 1_700_000_000_000_000_000);
        }
        return builder.Cut(3, 77, out _).Bytes.ToArray();
    }

    [Fact]
    public void Records_of_every_kind_come_back_as_they_were() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(0, RandomValues.Kinds - 1).ToArbitrary(), (seed, kind) =>
    {
        var values = new RandomValues(seed);
        LogRecord[] records = [values.Record(kind), values.Record((kind + seed % 5) % RandomValues.Kinds)];
        return BlockCodec.Read(Block(records), out _).Select(Show).SequenceEqual(records.Select(Show));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Fact]
    public void Records_that_are_passed_over_begin_where_those_begin_that_are_read() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Gen.Choose(0, RandomValues.Kinds - 1).ToArbitrary(), (seed, kind) =>
    {
        var values = new RandomValues(seed);
        var block = Block(values.Record(kind), values.Record((kind + seed % 5) % RandomValues.Kinds), values.Record(seed % 2), values.Record(kind));
        BlockCodec.Read(block, out _, out var read);
        return BlockCodec.Index(block, out _).Starts.SequenceEqual(read.Starts);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));

    [Fact]
    public void Every_kind_of_record_has_a_row_in_the_codec_and_an_applier()
    {
        var kinds = typeof(LogRecord).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(LogRecord))).ToHashSet();
        var generated = Enumerable.Range(0, RandomValues.Kinds).Select(kind => new RandomValues(1).Record(kind).GetType()).ToHashSet();
        Assert.Equal(kinds.OrderBy(k => k.Name), generated.OrderBy(k => k.Name));
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_of_a_block_is_refused()
    {
        var block = Block(Enumerable.Range(0, RandomValues.Kinds).Where(k => k != 3).Select(new RandomValues(5).Record).ToArray());
        Assert.InRange(block.Length, 200, 24_000);
        for (var bit = 0; bit < block.Length * 8; bit++)
        {
            var damaged = block.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<LogCorruptException>(() => BlockCodec.Read(damaged, out _));
        }
        for (var length = 0; length < block.Length; length++) Assert.Throws<LogCorruptException>(() => BlockCodec.Read(block.AsMemory(0, length), out _));
        Assert.Throws<LogCorruptException>(() => BlockCodec.Read(new byte[block.Length], out _));
        Assert.Throws<LogCorruptException>(() => BlockCodec.Read(block.Append((byte)0).ToArray(), out _));
    }

    [Fact]
    public void A_damaged_block_says_which_offsets_it_held()
    {
        var block = Block(new HealedRecord(1), new HealedRecord(2));
        block[^9] ^= 1;
        var corrupt = Assert.Throws<LogCorruptException>(() => BlockCodec.Read(block, out _));
        Assert.Contains("offsets 10 to 11", corrupt.Message);
        Assert.Equal(10, corrupt.FirstLost);
    }

    [Fact]
    public void Another_version_or_another_thing_is_named()
    {
        var block = Block(new HealedRecord(1));
        block[4] = 9;
        Assert.Contains("format version 9", Assert.Throws<LogCorruptException>(() => BlockCodec.ReadHeader(block)).Message);
        block[0] = 0;
        Assert.Contains("no block of the log", Assert.Throws<LogCorruptException>(() => BlockCodec.ReadHeader(block)).Message);
    }

    [Fact]
    public void Numbers_come_back_at_their_limits()
    {
        long[] numbers = [0, 1, -1, 63, 64, -64, -65, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue];
        var writer = new ByteWriter(1);
        foreach (var number in numbers)
        {
            writer.Int(number);
            writer.UInt((ulong)number);
        }
        var reader = new ByteReader(writer.Written.ToArray());
        foreach (var number in numbers) Assert.Equal((number, (ulong)number), (reader.Int(), reader.UInt()));
        Assert.True(reader.AtEnd);
        Assert.Throws<DecodeException>(() => reader.Byte());
    }

    [Fact]
    public void Damaged_bytes_end_in_a_decode_exception_whatever_they_are() => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
    {
        var values = new RandomValues(seed);
        var writer = new ByteWriter();
        RecordCodec.Write(writer, new BlockContext(3, 0), values.Record(seed % RandomValues.Kinds));
        var bytes = writer.Written.ToArray();
        bytes[seed % bytes.Length] ^= (byte)(1 + seed % 255);
        try
        {
            RecordCodec.Read(new ByteReader(bytes), new BlockContext(3, 0));
        }
        catch (DecodeException)
        {
            return true;
        }
        return true;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void A_topology_of_the_versions_before_is_read_with_the_default_of_what_it_does_not_say()
    {
        var topology = new MeshTopology("m", SupervisionPolicy.Default, [], [new AgentDefinition { Name = "a", ModuleHash = "0", KeepSnapshots = 9, SnapshotAtMostEvery = TimeSpan.Zero }]);
        var writer = new ByteWriter();
        TopologyCodec.Write(writer, topology);
        const int CanaryBytes = 1, RuleBytes = 1; // none
        const int StartBytes = 2, NameBytes = 1; // now, and no name before
        var rules = writer.Written[^RuleBytes..].ToArray();
        var policy = new ByteWriter();
        TopologyCodec.WritePolicy(policy, topology.Root);
        var previousVersion = 1 + 2 + policy.Length - 1; // behind the version, the name and all else that the root's policy says
        byte[] bytes = [.. writer.Written[..previousVersion], .. writer.Written[(previousVersion + 1)..^(CanaryBytes + StartBytes + NameBytes + RuleBytes)], .. rules];
        // without the name before, where subscriptions begin and what says that no other version is tried
        bytes[0] = 12;
        Assert.Null(TopologyCodec.Read(new ByteReader(bytes)).Agents[0].Canary);
        const int SpawningBytes = 8; // 8, 10,000, none, never, false, false
        const int IntegrationBytes = 6; // nothing, nothing, 64 KiB, 4
        bytes = bytes[..^(SpawningBytes + IntegrationBytes + RuleBytes)]; // and without rules, what may be changed, what may be started, and when agents end by themselves
        bytes[0] = 7;
        Assert.Equal((SpawnQuota.Default, ApoptosisPolicy.None), (TopologyCodec.Read(new ByteReader(bytes)).Agents[0].Spawn, TopologyCodec.Read(new ByteReader(bytes)).Agents[0].Apoptosis));
        var lines = new ByteWriter();
        HealthCodec.WritePolicy(lines, HealthPolicy.Default);
        bytes = bytes[..^(lines.Length + 1)]; // and without the lines of health and what says that it is no pool
        bytes[0] = 4;
        var before = TopologyCodec.Read(new ByteReader(bytes)).Agents.Single();
        Assert.Equal((9, TimeSpan.Zero, HealthPolicy.Default), (before.KeepSnapshots, before.SnapshotAtMostEvery, before.Health));
        bytes = bytes[..^1]; // and without the interval, one byte
        bytes[0]--;

        var reader = new ByteReader(bytes);
        var agent = TopologyCodec.Read(reader).Agents.Single();
        Assert.True(reader.AtEnd);
        Assert.Equal((9, TimeSpan.FromSeconds(1)), (agent.KeepSnapshots, agent.SnapshotAtMostEvery));
    }

    [Fact]
    public void Topologies_are_the_same_only_when_all_of_them_is() => Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
    {
        var (one, twin, other) = (new RandomValues(seed).Topology(), new RandomValues(seed).Topology(), new RandomValues(seed + 1).Topology());
        return TopologyCodec.AreSame(one, twin) && !TopologyCodec.AreSame(one, other);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
