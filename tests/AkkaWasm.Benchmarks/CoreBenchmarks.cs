using System.Collections.Immutable;
using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Benchmarks;

/// <summary>The sequencer alone, on one thread, without actors, guests and a disk: what a turn costs the one thread that everything goes through.</summary>
internal static class CoreBenchmarks
{
    private const int Agents = 100;
    private const int BatchEvents = 1_000;

    public static Task RunAsync(Rounds rounds, Report report)
    {
        var turns = rounds.Scale(400_000);
        Measure("an event published, its turn taken in", () => Publish(turns));
        Measure("a turn that emits an event", () => Hop(turns));
        return Task.CompletedTask;

        void Measure(string what, Action way)
        {
            var cpu = new List<double>();
            for (var round = 0; round < rounds.Count; round++)
            {
                var before = Environment.CpuUsage.TotalTime;
                way();
                cpu.Add(Rounds.CpuMicroseconds(before, turns));
            }
            report.Row($"sequencer alone: {what}, CPU", "µs", Rounds.Quantile(cpu, 0.5));
        }
    }

    private static void Publish(int turns)
    {
        var machine = new Machine(i => [$"in.{i}"], _ => []);
        for (var at = 0; at < turns; at += BatchEvents)
        {
            if (machine.Shard.Publish(BenchMesh.Batch(at, BatchEvents, Agents), null, at) is { } problem) throw new InvalidOperationException(problem.Message);
            machine.RunTurns();
        }
    }

    private static void Hop(int turns)
    {
        var topics = Enumerable.Range(0, Agents).Select(i => string.Create(CultureInfo.InvariantCulture, $"hop.{i}")).ToArray();
        var machine = new Machine(i => i == 0 ? ["hop.0", "in.0"] : [topics[i]], e => [new EventEmitted(new MeshEvent
        {
            Topic = topics[e.Offset % Agents], Data = new byte[100], Origin = EventOrigin.Emitted, Cause = e.Offset, Depth = e.Depth + 1,
        })]);
        machine.Shard.Publish(BenchMesh.Batch(0, BatchEvents, 1), null, 0);
        while (machine.Turns < turns) machine.RunTurns();
    }

    /// <summary>A shard whose agents answer every event at once.</summary>
    private sealed class Machine
    {
        private readonly Func<MeshEvent, TurnOutput[]> outputs;
        private long now;

        public Machine(Func<int, ImmutableArray<string>> subscriptions, Func<MeshEvent, TurnOutput[]> outputs)
        {
            this.outputs = outputs;
            var definitions = Enumerable.Range(0, Agents).Select(i => new AgentDefinition { Name = $"a{i}", ModuleHash = "0", Subscriptions = subscriptions(i) });
            Shard.Open(new MeshTopology("bench", SupervisionPolicy.Default, [], [.. definitions]), 0);
            while (RunTurns())
            {
            }
        }

        public Shard Shard { get; } = new(new ShardOptions { MeshName = "bench", MaxCausalDepth = 1 << 19, MaxBacklog = 2_000_000, StateEveryRecords = int.MaxValue });

        public long Turns { get; private set; }

        /// <summary>Hands out what waits, takes the turns in and commits.</summary>
        public bool RunTurns()
        {
            var taken = Shard.TakeEffects();
            foreach (var effect in taken)
            {
                if (effect is RebuildAgent rebuild) Shard.AgentReady(rebuild.Agent, rebuild.Token, ++now);
                else if (effect is DeliverEvents deliver) Answer(deliver);
            }
            while (Shard.CutBlock() is { } block) Shard.Committed(block);
            return taken.Count > 0;
        }

        private void Answer(DeliverEvents deliver)
        {
            foreach (var e in deliver.Events)
            {
                Turns++;
                Shard.Complete(new TurnResult { Agent = deliver.Agent, Token = deliver.Token, Input = e.Offset, Outputs = e.Origin == EventOrigin.Lifecycle ? [] : outputs(e), Digest = 1 }, ++now);
            }
        }
    }
}
