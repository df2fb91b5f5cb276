using System.Diagnostics;
using System.Text;
using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;

namespace AkkaWasm.Benchmarks;

/// <summary>
/// What it costs to save an agent with a memory of 64 MiB, all of it in use, of which 1 MiB was written since the last image: bytes that go to the
/// snapshot database, and time off the agent's thread until the pages are synced. Beside it the image written whole.
/// </summary>
internal static class ImageBenchmarks
{
    private const int MemoryBytes = 64 << 20;
    private const int WrittenBytes = 1 << 20;

    private const string Guest = """
        (module (memory (export "memory") 1024)
          (func (export "fill") (param $from i32) (param $pages i32) (param $value i32) (local $i i32)
            (loop $more
              (i32.store (i32.add (local.get $from) (i32.mul (local.get $i) (i32.const 4096))) (i32.add (local.get $value) (local.get $i)))
              (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $pages))))))
        """;

    public static Task RunAsync(Rounds rounds, Report report)
    {
        var folder = Directory.CreateTempSubdirectory("akkawasm-images-");
        try
        {
            using var connection = StoreConnection.To(SqliteFiles.StoreIn(Path.Combine(folder.FullName, "snapshots.db")))!;
            SqliteFiles.Prepare(SqliteFiles.StoreIn(Path.Combine(folder.FullName, "snapshots.db")), "snapshot store", SqliteTables.Snapshots);
            Measure(rounds, report, new PartStore(SqlPartTable.In(connection)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return Task.CompletedTask;
    }

    private static void Measure(Rounds rounds, Report report, PartStore store)
    {
        using var engine = new WasmEngine(new WasmEngineOptions());
        using var module = engine.Load(Encoding.UTF8.GetBytes(Guest), "images.wat");
        using var instance = WasmInstance.Create(module, new HostFunctions());
        var fill = instance.GetFunction("fill")!;
        fill.Invoke(WasmValue.FromI32(0), WasmValue.FromI32(MemoryBytes / 4096), WasmValue.FromI32(1));
        var latest = instance.Capture();
        Save(store, latest);
        var (parts, whole, times, wholeTimes) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds.Count; round++)
        {
            var from = round % (MemoryBytes / WrittenBytes) * WrittenBytes;
            fill.Invoke(WasmValue.FromI32(from), WasmValue.FromI32(WrittenBytes / 4096), WasmValue.FromI32((round + 2) << 16));
            latest = instance.Capture(latest);
            var began = Stopwatch.GetTimestamp();
            parts.Add(Save(store, latest) / 1024.0);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            began = Stopwatch.GetTimestamp();
            whole.Add(Image(latest).ToBytes().Length / 1024.0);
            wholeTimes.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        report.Row("image of 64 MiB with 1 MiB new: written", "KiB", Rounds.Quantile(parts, 0.5), "the image whole", Rounds.Quantile(whole, 0.5));
        report.Row("image of 64 MiB with 1 MiB new: encoded and synced", "ms", Rounds.Quantile(times, 0.5), "whole, encoded only", Rounds.Quantile(wholeTimes, 0.5));
    }

    private static AgentImage Image(WasmSnapshot snapshot) => new("a", 1, 1, 1, default, new WasmGuestState(snapshot, null));

    private static long Save(PartStore store, WasmSnapshot snapshot)
    {
        var image = Image(snapshot);
        newest = image.State;
        using var hold = store.Write("a", image.State);
        hold.IsSaved = true;
        return hold.BytesWritten + image.ToManifest().Length;
    }

    /// <summary>What a shard keeps in memory: the newest state, with which the next one is compared.</summary>
    private static GuestState? newest;
}
