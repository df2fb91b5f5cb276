using System.Reflection;
using System.Text.Json;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Tests.Codecs;

public sealed class ShardStateCodecTests
{
    private static readonly JsonSerializerOptions WithFields = new() { IncludeFields = true };

    /// <summary>What is known only while a shard runs: where the actors are, what is in memory.</summary>
    private static readonly HashSet<string> OfTheProcess =
        ["Phase", "Token", "InFlight", "Dirty", "MemoryImage", "RebuildFailures", "HasWork", "Info", "Window", "Touched", "DroppedImages", "CommittedOffset", "Agents",
            "Place", "IsLeaving", "CannotBeSaved", "TurnsAwake", "CompactFor", "AskedRewind", "RewindGivenUp", "WaitingForPaused", "Use", "IsNoticed", "IsPreparing"];

    /// <summary>Guests fail, and nothing else, so that groups fail too.</summary>
    private static readonly SimulationOptions Failures = new() { Without = Fault.All & ~(Fault.Trap | Fault.HostFault), Steps = 500 };

    [Fact]
    public void Everything_that_follows_from_records_is_saved()
    {
        var unseen = Properties<AgentEntry>().Concat(Properties<ShardState>()).Select(p => p.Name).ToHashSet();
        var histories = Enumerable.Range(0, 16).Select(seed => new Simulator(seed, seed < 6 ? Failures : new SimulationOptions { Replaces = seed % 4 == 0 }).Run())
            .Select(h => (h.Mesh.Options, Records: h.Records.AsEnumerable(), Every: 29));
        foreach (var (options, records, every) in histories.Append((new ShardOptions(), Shards.HealingScenario.Records(), 1)).Append((new ShardOptions(), Shards.MeshRewindTests.Records(), 1))
            .Append((new ShardOptions(), Shards.GroupTests.Records(), 1)).Append((new ShardOptions(), Shards.SpawningTests.Records(), 1)).Append((new ShardOptions(), Shards.PoolTests.Records(), 3))
            .Append((new ShardOptions(), Shards.CanaryTests.Records(), 1)).Append((new ShardOptions(), Shards.RollBackTests.Records(), 1)).Append((new ShardOptions(), Shards.IntegrationTests.Records(), 1))
            .Append((new ShardOptions(), Shards.RuleTests.Records(), 1)).Append((new ShardOptions(), Shards.RetentionTests.Records(), 7)).Append((new ShardOptions(), Shards.PastTests.Records(), 1))
            .Append((new ShardOptions(), Shards.VersionRewindTests.Records(), 1)).Append((new ShardOptions(), Shards.RenameTests.Records(), 1)))
        {
            var state = new ShardState(options);
            var blank = new AgentEntry(0, "", "", null, -1);
            foreach (var record in records)
            {
                state.Apply(record);
                if (record.Offset % every != 0) continue;
                var back = new ShardState(options);
                var bytes = ShardStateCodec.CaptureWhole(state).ToMemory();
                ShardStateCodec.Read(bytes, back);
                Assert.Equal(bytes.ToArray(), ShardStateCodec.CaptureWhole(back).ToMemory().ToArray());
                Compare(state, back, new ShardState(options), unseen);
                foreach (var (one, other) in state.Agents.Zip(back.Agents)) Compare(one, other, blank, unseen);
            }
        }
        unseen.ExceptWith(["LastChecksum"]);
        Assert.Empty(unseen);
    }

    private static void Compare<T>(T one, T other, T blank, HashSet<string> unseen)
    {
        foreach (var property in Properties<T>())
        {
            var value = Show(property.GetValue(one));
            Assert.True(value == Show(property.GetValue(other)), $"{typeof(T).Name}.{property.Name} is {value} and comes back as {Show(property.GetValue(other))}.");
            if (value != Show(property.GetValue(blank))) unseen.Remove(property.Name);
        }
    }

    private static string Show(object? value) => value switch
    {
        OffsetQueue queue => string.Join(',', queue.ToArray()),
        ImageCatalogue images => string.Join(';', images.All),
        TimerQueue timers => JsonSerializer.Serialize(timers.All),
        TotalsLedger totals => Bytes(totals.Write),
        IdempotencyWindow known => Bytes(known),
        SortedDictionary<string, Pool> pools => string.Join(";", pools.Keys), // what is in them is in PoolMoments
        System.Collections.Immutable.ImmutableArray<PoolMoment> pools => Bytes(w => w.List(pools, PoolCodec.WriteMoment)),
        Dictionary<string, AkkaWasm.Mesh.Healing.Circuit> circuits => string.Join(';', circuits.OrderBy(c => c.Key).Select(c => $"{c.Key}:{Bytes(c.Value.Write)}")),
        SortedDictionary<string, CanaryWatch> canaries => string.Join(';', canaries.Select(c => $"{c.Key}:{Bytes(w => CanaryCodec.WriteWatch(w, c.Value))}")),
        SortedDictionary<string, PastSubscription> pasts => string.Join(';', pasts.Values.Select(p => $"{p.Definition} {string.Join(' ', p.Patterns)} {string.Join(' ', p.Except)} {p.SinceNs} {p.Until} {p.ReadThrough}")),
        SortedDictionary<string, RuleState> rules => string.Join(';', rules.Select(r => $"{r.Key}:{Bytes(w => RuleCodec.WriteState(w, r.Value))}")),
        Dictionary<string, AgentEntry> forks => string.Join(',', forks.Select(f => $"{f.Key} of {f.Value.DefinitionName}").Order(StringComparer.Ordinal)),
        IEnumerable<AgentEntry> agents => string.Join(',', agents.Select(a => a.Number).Order()),
        AkkaWasm.Mesh.Healing.FailureLedger ledger => Bytes(ledger.Write),
        Dictionary<string, AkkaWasm.Mesh.Healing.FailureLedger> ledgers => string.Join(';', ledgers.OrderBy(l => l.Key).Select(l => $"{l.Key}:{Bytes(l.Value.Write)}")),
        Dictionary<string, ReadOnlyMemory<byte>> cursors => JsonSerializer.Serialize(cursors.OrderBy(c => c.Key)),
        Dictionary<string, List<int>> watchers => JsonSerializer.Serialize(watchers.OrderBy(w => w.Key)),
        Dictionary<long, int> numbers => JsonSerializer.Serialize(numbers.OrderBy(n => n.Key)),
        Dictionary<string, int> numbers => JsonSerializer.Serialize(numbers.OrderBy(n => n.Key)),
        _ => JsonSerializer.Serialize(value, WithFields),
    };

    private static string Bytes(IdempotencyWindow known)
    {
        var captured = known.Capture();
        var bytes = new byte[captured.Bytes];
        captured.WriteTo(bytes);
        return Convert.ToHexString(bytes);
    }

    private static string Bytes(Action<ByteWriter> write)
    {
        var writer = new ByteWriter();
        write(writer);
        return Convert.ToHexString(writer.Written);
    }

    private static IEnumerable<PropertyInfo> Properties<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => !OfTheProcess.Contains(p.Name));
}
