using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Benchmarks;

/// <summary>How fast a guest is brought back: by replaying recorded turns, and from a failure to the next event.</summary>
internal static class ReplayBenchmarks
{
    private const int TurnsSinceImage = 100;

    public static Task ReplayAsync(Rounds rounds, Report report)
    {
        var turns = rounds.Scale(500_000);
        var (definition, file) = BenchMesh.Define("small.wat");
        var folder = Directory.CreateTempSubdirectory("akkawasm-bench-");
        var store = new ModuleStore(folder.FullName);
        store.Keep(new MeshTopology("bench", SupervisionPolicy.Default, [], [definition]), new Dictionary<string, ModuleFile> { [definition.ModuleHash] = file });
        using (var engine = new GuestEngine(new GuestEngineOptions(), null, store))
        {
            var factory = new WasmGuestFactory(engine);
            var identity = new EventIdentity("bench", (_, _) => "a");
            var agent = new AgentIdentity(0, "a", 1, definition, (_, _) => "a");
            var inputs = Enumerable.Range(0, turns + 1).Select(i => new RecordedTurn(new MeshEvent { Topic = "in.0", Data = new byte[100] }, TurnResult.DigestOf([]))).ToArray();
            var perTurn = rounds.Compare(turns, () => AgentRunner.Rebuild(agent, identity, factory, null, inputs).Dispose());
            report.Row("turns replayed, small guest", "turns/s", 1e9 / perTurn[0]);

            using var runner = AgentRunner.Rebuild(agent, identity, factory, null, inputs.Take(10));
            var image = runner.Capture();
            var rebuild = rounds.Compare(1, () => AgentRunner.Rebuild(agent, identity, factory, image, inputs.Take(TurnsSinceImage)).Dispose());
            report.Row($"guest rebuilt from image and {TurnsSinceImage} turns", "µs", rebuild[0] / 1e3);
        }
        folder.Delete(recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>From the failed turn to the agent being back, by the times of their records.</summary>
    public static async Task HealAsync(Rounds rounds, Report report)
    {
        var policy = new SupervisionPolicy { Directive = HealingDirective.Resume };
        await using var mesh = await BenchMesh.StartAsync("counter.wat", 1, (_, d) => d with
        {
            Subscriptions = ["in.0"], SnapshotEveryTurns = TurnsSinceImage, Capabilities = new Capabilities { Publish = ["count.out"] },
        }, policy);
        var samples = new List<double>();
        for (var round = 0; round < rounds.Count + 3; round++)
        {
            await mesh.Node.PublishAsync(BenchMesh.Batch(round * 1_000, TurnsSinceImage, 1));
            await mesh.Node.WhenIdleAsync();
            await mesh.Node.PublishAsync(new PublishBatch([new MeshEvent { Topic = "in.0", Id = $"trap-{round}", Source = "/bench", Data = Encoding.UTF8.GetBytes("trap") }]));
            await mesh.Node.WhenIdleAsync();
        }
        long failedAt = 0;
        await foreach (var e in mesh.Node.CommittedAsync(TopicPattern.Parse("mesh.agent.>")))
        {
            if (e.Event.Topic.EndsWith(".failed", StringComparison.Ordinal)) failedAt = e.Event.AppendedAtNs;
            if (e.Event.Topic.EndsWith(".healed", StringComparison.Ordinal)) samples.Add((e.Event.AppendedAtNs - failedAt) / 1e3);
        }
        report.Row("agent healed, failure to back, at most 100 turns since its image", "µs", Rounds.Quantile(samples.Skip(3), 0.5));
    }
}
