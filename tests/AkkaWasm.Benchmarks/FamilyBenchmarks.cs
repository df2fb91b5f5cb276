using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// Families of many agents: what one that sleeps takes of the sequencer's memory, and how long it takes from publishing an event until the turn of the one
/// that it wakes is committed, as a subscriber of the node's sees it.
/// </summary>
internal static class FamilyBenchmarks
{
    private const int BatchEvents = 1_000;

    /// <summary>One more of so many is woken before it is measured.</summary>
    private const int WarmUpShare = 5;

    public static async Task RunAsync(Rounds rounds, Report report)
    {
        var known = rounds.Scale(1_000_000);
        Memory(known, report);
        await WakeAsync(known, Math.Min(30_000, known * 3 / 10), rounds.Scale(5_000), report);
    }

    /// <summary>Agents that came to be, handled one event, were saved and sleep.</summary>
    private static void Memory(int agents, Report report)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var shard = new Shard(new ShardOptions { MeshName = "bench", LogWindowBytes = 1 << 20, StateEveryRecords = int.MaxValue, IdempotencyKeys = 1, MaxBacklog = int.MaxValue, MaxAwake = BatchEvents });
        shard.Open(new MeshTopology("bench", SupervisionPolicy.Default, [], [Family(new AgentDefinition { Name = "f", ModuleHash = "0", SnapshotEveryTurns = 1_000 }, agents)]), 0);
        for (var at = 0; at < agents; at += BatchEvents)
        {
            if (shard.Publish(Batch(at, Enumerable.Range(at, BatchEvents)), null, at) is { } problem) throw new InvalidOperationException(problem.Message);
            Drive(shard, at);
        }
        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        report.Row($"memory of the sequencer, {agents:N0} known agents", "B/agent", (double)used / agents);
        Change(shard, agents, report);
        var start = Stopwatch.GetTimestamp();
        var state = shard.SaveState();
        report.Row("its state written", "ms", Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        report.Row("its state", "B/agent", (double)state.Length / agents);
        GC.KeepAlive(shard);
    }

    /// <summary>How long the others wait while another definition is planned and changed.</summary>
    private static void Change(Shard shard, int agents, Report report)
    {
        var (planned, applied) = (new List<double>(), new List<double>());
        for (var i = 0; i < 20; i++)
        {
            var other = new AgentDefinition { Name = "other", ModuleHash = "0", Subscriptions = [$"o.{i}"] };
            var target = new MeshTopology("bench", SupervisionPolicy.Default, [], [Family(new AgentDefinition { Name = "f", ModuleHash = "0", SnapshotEveryTurns = 1_000 }, agents), other]);
            var start = Stopwatch.GetTimestamp();
            shard.PlanTopology(target);
            planned.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            start = Stopwatch.GetTimestamp();
            var answer = shard.ApplyTopology(target, null, "bench", "", i);
            if (answer.Outcome != TopologyOutcome.Applied) throw new InvalidOperationException($"The change was not made: {answer.Outcome}");
            applied.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Drive(shard, i);
        }
        report.Row($"beside {agents:N0} known agents another definition is planned", "ms", Rounds.Quantile(planned, 0.5));
        report.Row("the same changed", "ms", Rounds.Quantile(applied, 0.5));
    }

    private static async Task WakeAsync(int known, int maxAwake, int samplesWanted, Report report)
    {
        await using var mesh = await BenchMesh.StartAsync("small.wat", 1, (_, d) => Family(d, known),
            change: o => o with { Engine = o.Engine with { MaxAwake = maxAwake, Allocation = GuestAllocation.Dense }, Shard = o.Shard with { MaxBacklog = int.MaxValue } });
        for (var at = 0; at < known; at += BatchEvents)
        {
            var reply = await mesh.Node.PublishAsync(Batch(at, Enumerable.Range(at, Math.Min(BatchEvents, known - at))));
            if (reply.Problem is { } problem) throw new InvalidOperationException(problem.Message);
            await mesh.Node.WhenIdleAsync();
        }
        var asleep = (await mesh.Node.AgentsAsync()).Where(a => a.State == AgentState.Asleep).Select(a => int.Parse(a.Key!, CultureInfo.InvariantCulture)).Take(samplesWanted + (samplesWanted / WarmUpShare)).ToArray();
        while (mesh.Node.Status.Load.UnsavedImages > 0) await Task.Delay(100); // of those that were just put to sleep: one that wakes is to be measured, not a rush of sleepers
        var turns = Channel.CreateUnbounded<long>();
        mesh.Node.System.ActorOf(TurnWatcher.Props(turns.Writer));
        using var row = new BareRow(Path.Combine(mesh.Folder, "bare.db"), BareRow.BlockBytes);
        var (samples, rows, pauses, garbage, woken) = (new List<double>(), new List<double>(), TimeSpan.Zero, 0L, 0);
        foreach (var key in asleep)
        {
            if (woken == asleep.Length - samplesWanted) // the disk has taken back what those who came to be had written
            {
                samples.Clear();
                rows.Clear();
                (pauses, garbage) = (GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());
            }
            var start = Stopwatch.GetTimestamp();
            var reply = await mesh.Node.PublishAsync(Batch(known + woken++, [key]));
            while (await turns.Reader.ReadAsync() < reply.Positions[0].Offset) { }
            samples.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            await mesh.Node.WhenIdleAsync();
            start = Stopwatch.GetTimestamp();
            row.Write();
            row.Write();
            rows.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
        report.Row($"a sleeping agent of {known:N0}, {maxAwake:N0} awake: its event to its turn committed and seen, p50", "µs", Rounds.Quantile(samples, 0.5), "two rows, nothing but SQLite, p50", Rounds.Quantile(rows, 0.5));
        report.Row("the same, p95", "µs", Rounds.Quantile(samples, 0.95), "two rows, nothing but SQLite, p95", Rounds.Quantile(rows, 0.95));
        report.Row("the same, p99", "µs", Rounds.Quantile(samples, 0.99), "two rows, nothing but SQLite, p99", Rounds.Quantile(rows, 0.99));
        report.Row("garbage of all threads", "B/wake", (GC.GetTotalAllocatedBytes() - garbage) / (double)samples.Count);
        report.Row("pauses of the garbage collector meanwhile, all together", "ms", (GC.GetTotalPauseDuration() - pauses).TotalMilliseconds);
        report.Row("the longest pause for a whole collection", "ms", LongestPause());
    }

    /// <summary>With all that is known in memory.</summary>
    private static double LongestPause()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: false);
        GC.WaitForFullGCComplete();
        var longest = 0.0;
        foreach (var pause in GC.GetGCMemoryInfo(GCKind.Background).PauseDurations) longest = Math.Max(longest, pause.TotalMilliseconds);
        return longest;
    }

    /// <summary>Lets every agent handle what it is given and go to sleep again, saved.</summary>
    private static void Drive(Shard shard, long now)
    {
        while (shard.TakeEffects() is { Count: > 0 } effects)
        {
            foreach (var effect in effects)
            {
                if (effect is RebuildAgent rebuild) shard.AgentReady(rebuild.Agent, rebuild.Token, now);
                else if (effect is DeliverEvents deliver) Answer(shard, deliver, now);
                else if (effect is PutToSleep sleep) Sleep(shard, sleep);
                else if (effect is SaveImage save) shard.ImageSaved(save.Agent, save.Image, now);
            }
            while (shard.CutBlock() is { } block) shard.Committed(block);
        }
    }

    private static void Answer(Shard shard, DeliverEvents deliver, long now)
    {
        foreach (var e in deliver.Events) shard.Complete(new TurnResult { Agent = deliver.Agent, Token = deliver.Token, Input = e.Offset, Digest = 1 }, now);
    }

    private static void Sleep(Shard shard, PutToSleep sleep)
    {
        var status = shard.FindAgent(shard.Agent(sleep.Agent)!.Name)!;
        shard.ImageTaken(sleep.Agent, sleep.Token, new AgentImage(status.Name, status.Incarnation, status.LastInput, status.Turns, default, ReadOnlyMemory<byte>.Empty));
        shard.AgentAsleep(sleep.Agent, sleep.Token);
    }

    private static AgentDefinition Family(AgentDefinition definition, int keys) =>
        definition with { Name = "f", Subscriptions = ["f.*"], Key = new AgentKey(2), MaxKeys = keys };

    private static PublishBatch Batch(int from, IEnumerable<int> keys) => new([.. keys.Select((key, i) => new MeshEvent
    {
        Topic = string.Create(CultureInfo.InvariantCulture, $"f.{key}"), Id = (from + i).ToString("x", CultureInfo.InvariantCulture), Source = "/bench", Data = new byte[100],
    })]);
}
