using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

/// <summary>Snapshots that were written once and must stay readable, whatever becomes of the code.</summary>
public sealed class GoldenTests
{
    private static byte[] Golden(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Snapshots", "Golden", name));

    [Fact]
    public void The_golden_snapshot_is_restored_and_written_as_the_same_bytes()
    {
        var golden = Golden("objects.snapshot");
        using var instance = ObjectGuest.Fresh();

        instance.Restore(WasmSnapshot.FromBytes(golden));

        Assert.Equal(ObjectGuest.AllThere, instance.Check());
        using var built = ObjectGuest.Built(SnapshotWorker.GoldenNodes);
        Assert.Equal(built.CallI32("sum-list"), instance.CallI32("sum-list"));
        Assert.Equal(golden, instance.CaptureAnew());
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_of_the_golden_snapshot_is_refused()
    {
        var golden = Golden("objects.snapshot");
        for (var i = 0; i < golden.Length; i++)
        {
            var bytes = golden.ToArray();
            bytes[i] ^= (byte)(1 << (i % 8));
            Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromBytes(bytes));
            Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromBytes(golden.AsSpan(0, i)));
        }
    }
}
