using System.Diagnostics;
using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Benchmarks;

/// <summary>How long after its deadline a guest that never ends is stopped: on a machine with nothing else to do, and beside other guests on all processors.</summary>
internal static class DeadlineBenchmarks
{
    private const int Turns = 200;
    private const string Busy = """(module (memory (export "memory") 1) (func (export "mesh_handle") (param i32) (result i32) (loop $on (br $on)) (i32.const 0)))""";
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(20);

    public static Task RunAsync(Rounds rounds, Report report)
    {
        var turns = rounds.Scale(Turns);
        Report(report, "with nothing else to do", Measure(turns, neighbours: 0));
        var neighbours = 2 * Environment.ProcessorCount;
        Report(report, $"beside {neighbours} guests that never rest", Measure(turns, neighbours));
        return Task.CompletedTask;
    }

    private static void Report(Report report, string where, List<double> overshoot)
    {
        report.Row($"past a deadline of {Deadline.TotalMilliseconds} ms, {where}", "ms", Rounds.Quantile(overshoot, 0.5), "longest", overshoot.Max());
    }

    private static List<double> Measure(int turns, int neighbours)
    {
        var folder = Directory.CreateTempSubdirectory("akkawasm-bench-");
        var bytes = Encoding.UTF8.GetBytes(Busy);
        var definition = new AgentDefinition { Name = "a", ModuleHash = ModuleStore.HashOf(bytes), Limits = new AgentLimits { Deadline = Deadline } };
        var store = new ModuleStore(folder.FullName);
        store.Keep(new MeshTopology("bench", SupervisionPolicy.Default, [], [definition]), new Dictionary<string, ModuleFile> { [definition.ModuleHash] = new(bytes, "busy.wat") });
        var samples = new List<double>();
        using (var engine = new GuestEngine(new GuestEngineOptions(), null, store))
        {
            var factory = new WasmGuestFactory(engine);
            using var done = new CancellationTokenSource();
            var threads = Enumerable.Range(0, neighbours).Select(_ => new Thread(() => { while (!done.IsCancellationRequested) Turn(factory, definition); })).ToList();
            threads.ForEach(thread => thread.Start());
            for (var i = 0; i < turns; i++) samples.Add((Turn(factory, definition) - Deadline).TotalMilliseconds);
            done.Cancel();
            threads.ForEach(thread => thread.Join());
        }
        folder.Delete(recursive: true);
        return samples;
    }

    private static TimeSpan Turn(WasmGuestFactory factory, AgentDefinition definition)
    {
        using var guest = factory.Create(definition);
        var agent = new AgentIdentity(0, "a", 1, definition, (_, _) => "a");
        var turn = new Turn(agent, new MeshEvent { Topic = "in" }, new EventIdentity("bench", (_, _) => "a"));
        var begun = Stopwatch.GetTimestamp();
        var fault = guest.Handle(turn);
        return fault?.Kind == FaultKind.Deadline ? Stopwatch.GetElapsedTime(begun) : throw new InvalidOperationException($"The guest was to be late: {fault?.Message}");
    }
}
