using System.Diagnostics;
using System.Text;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// What it costs to save, restore and hash a guest with a memory of 64 MiB, all of it in use, of which 1 MiB was written since the last time: where the
/// kernel tells written pages, and beside it where everything has to be compared. Restoring is measured into the same instance, into a new one, and
/// of a memory of which only 1 MiB was ever written.
/// </summary>
internal static class SnapshotBenchmarks
{
    private const int MemoryBytes = 64 << 20;
    private const int WrittenBytes = 1 << 20;

    private const string Guest = """
        (module (memory (export "memory") 1024)
          (func (export "fill") (param $from i32) (param $bytes i32) (param $value i32)
            (memory.fill (local.get $from) (local.get $value) (local.get $bytes))))
        """;

    public static Task RunAsync(Rounds rounds, Report report)
    {
        using var watching = new Subject(PageTracking.Written);
        using var comparing = new Subject(PageTracking.Touched);
        var subjects = new[] { watching, comparing };
        Compare(rounds, report, "1 MiB of 64 MiB written, captured", "ms", 1e6, subjects, Write, static s => s.Latest = s.Instance.Capture(s.Latest));
        Compare(rounds, report, "1 MiB of 64 MiB written, restored in place", "ms", 1e6, subjects, Write, static s => s.Instance.Restore(s.Latest));
        Compare(rounds, report, "1 MiB of 64 MiB written, hashed", "ms", 1e6, subjects, Write, static s => s.Instance.ComputeHash());
        Compare(rounds, report, "one page of 64 MiB written, hashed", "µs", 1e3, subjects, static s => s.Fill(4096 * s.Next, 1, s.Next), static s => s.Instance.ComputeHash());
        Unchanged(rounds, report, watching);
        Fresh(rounds, report, watching);
        Bytes(rounds, report, watching);
        Sparse(rounds, report);
        return Task.CompletedTask;
    }

    private static void Write(Subject subject) => subject.Fill(subject.Next % (MemoryBytes / WrittenBytes) * WrittenBytes, WrittenBytes, subject.Next);

    private static void Compare(Rounds rounds, Report report, string what, string unit, double scale, Subject[] subjects, Action<Subject> before, Action<Subject> measured)
    {
        var samples = subjects.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < rounds.Count; round++)
            for (var i = 0; i < subjects.Length; i++)
            {
                var subject = subjects[i];
                subject.Next++;
                before(subject);
                var elapsed = Time(() => measured(subject));
                if (round >= 0) samples[i].Add(elapsed / scale);
            }
        report.Row(what, unit, Rounds.Quantile(samples[0], 0.5), "all pages in use looked at", Rounds.Quantile(samples[1], 0.5));
    }

    private static void Unchanged(Rounds rounds, Report report, Subject subject)
    {
        var hashes = rounds.Scale(100_000);
        var times = rounds.Compare(hashes, () =>
        {
            for (var i = 0; i < hashes; i++) subject.Instance.ComputeHash();
        });
        report.Row("nothing written, hashed", "ns", times[0]);
    }

    /// <summary>As when an agent is healed: a new instance, then the restore.</summary>
    private static void Fresh(Rounds rounds, Report report, Subject subject)
    {
        var whole = subject.Instance.Capture(subject.Latest);
        using var sparse = subject.NewInstance();
        sparse.GetFunction("fill")!.Invoke(WasmValue.FromI32(0), WasmValue.FromI32(WrittenBytes), WasmValue.FromI32(1));
        var part = sparse.Capture();
        report.Row("new instance restored, 1 MiB of its 64 MiB not zeros", "ms", RestoreFresh(rounds, subject, part) / 1e6);
        report.Row("new instance restored, all of its 64 MiB not zeros", "ms", RestoreFresh(rounds, subject, whole) / 1e6);
    }

    private static double RestoreFresh(Rounds rounds, Subject subject, WasmSnapshot snapshot)
    {
        var samples = new List<double>();
        for (var round = -1; round < rounds.Count; round++)
        {
            WasmInstance? instance = null;
            var elapsed = Time(() =>
            {
                instance = subject.NewInstance();
                instance.Restore(snapshot);
            });
            instance!.Dispose();
            if (round >= 0) samples.Add(elapsed);
        }
        return Rounds.Quantile(samples, 0.5);
    }

    private static void Bytes(Rounds rounds, Report report, Subject subject)
    {
        var snapshot = subject.Instance.Capture(subject.Latest);
        var bytes = snapshot.ToBytes();
        var times = rounds.Compare(1, () => snapshot.ToBytes(), () => WasmSnapshot.FromBytes(bytes));
        report.Row("snapshot of 64 MiB written as bytes", "ms", times[0] / 1e6);
        report.Row("snapshot of 64 MiB read from bytes", "ms", times[1] / 1e6);
    }

    /// <summary>A memory of 8 GiB in which 1,000 pages far from each other are in use, one of them written between captures.</summary>
    private static void Sparse(Rounds rounds, Report report)
    {
        const int pages = 1_000;
        const ulong distance = (8UL << 30) / pages / SnapshotPage.SizeBytes * SnapshotPage.SizeBytes;
        using var engine = new WasmEngine();
        using var module = engine.Load(Encoding.UTF8.GetBytes("""(module (memory (export "memory") i64 131072))"""), "sparse.wat");
        using var instance = WasmInstance.Create(module, new HostFunctions(), new WasmLimits { MemoryBytes = 8L << 30 });
        var memory = instance.GetMemory(0);
        for (ulong page = 0; page < pages; page++) memory.Write(page * distance, [1]);
        var latest = instance.Capture();
        var value = (byte)1;
        var times = rounds.Compare(1, () =>
        {
            memory.Write(distance, [++value]);
            latest = instance.Capture(latest);
        });
        report.Row("one page of 1,000 in 8 GiB written, captured", "ms", times[0] / 1e6);
    }

    private static double Time(Action action)
    {
        var start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    /// <summary>An instance all of whose memory is in use.</summary>
    private sealed class Subject : IDisposable
    {
        private readonly WasmEngine engine;
        private readonly WasmModule module;
        private readonly HostFunctions functions = new();
        private readonly WasmFunction fill;

        public Subject(PageTracking tracking)
        {
            engine = new WasmEngine(new WasmEngineOptions { PageTracking = tracking });
            module = engine.Load(Encoding.UTF8.GetBytes(Guest), "snapshots.wat");
            Instance = NewInstance();
            fill = Instance.GetFunction("fill")!;
            Fill(0, MemoryBytes, 255);
            Latest = Instance.Capture();
        }

        public WasmInstance Instance { get; }

        public WasmSnapshot Latest { get; set; }

        public int Next { get; set; }

        public WasmInstance NewInstance() => WasmInstance.Create(module, functions);

        public void Fill(int from, int bytes, int value) =>
            fill.Invoke(WasmValue.FromI32(from), WasmValue.FromI32(bytes), WasmValue.FromI32((value % 254) + 1));

        public void Dispose()
        {
            Instance.Dispose();
            module.Dispose();
            engine.Dispose();
        }
    }
}
