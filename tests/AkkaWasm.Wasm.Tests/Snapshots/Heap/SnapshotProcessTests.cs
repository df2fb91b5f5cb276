using AkkaWasm.Wasm.Tests.Instances;
using Xunit.Abstractions;

namespace AkkaWasm.Wasm.Tests.Snapshots.Heap;

public sealed class SnapshotProcessTests(ITestOutputHelper output)
{
    private const int ListNodes = 10_000;
    private const int Forgeries = 1_000;
    private const int Graphs = 30;

    [Fact]
    public async Task A_snapshot_is_restored_in_another_process()
    {
        var file = Path.GetTempFileName();
        try
        {
            using var instance = ObjectGuest.Built(ListNodes);
            await File.WriteAllBytesAsync(file, instance.Capture().ToBytes());

            var report = await SnapshotWorker.RunChildAsync(SnapshotWorker.RestoreSet, file);

            Assert.Equal($"{ObjectGuest.AllThere} {ObjectGuest.AllThere} {instance.CallI32("sum-list")}\nexit code 0", report);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_forged_snapshot_under_a_sound_checksum_is_refused_or_does_no_harm(int seed)
    {
        var report = await SnapshotWorker.RunChildAsync(SnapshotWorker.ForgedSet, $"{seed}", $"{Forgeries}");

        output.WriteLine(report);
        Assert.EndsWith("exit code 0", report, StringComparison.Ordinal);
        Assert.Contains("refused:", report, StringComparison.Ordinal);
        Assert.Contains("restored:", report, StringComparison.Ordinal);
        Assert.DoesNotContain("changed", report, StringComparison.Ordinal);
    }

    /// <summary>The command <c>graphs SEED 1</c> of this assembly repeats one seed.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(1_000_001)]
    public async Task Random_graphs_of_random_types_go_on_after_a_restore_as_without(int firstSeed) =>
        Assert.Equal("exit code 0", await SnapshotWorker.RunChildAsync(SnapshotWorker.GraphSet, $"{firstSeed}", $"{Graphs}"));
}
