using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class CapturedIdsTests
{
    [Fact]
    public void Captured_ids_stay_what_they_were_while_others_are_remembered_forgotten_and_taken_back()
    {
        var window = new IdempotencyWindow(5_000, long.MaxValue / 4);
        Add(window, 0, 4_000);
        var (expected, captured) = (Bytes(window.Capture()), window.Capture());

        window.ForgetAfter(2_500);
        Add(window, 2_501, 9_000);
        window.ForgetAfter(6_000);
        Add(window, 6_001, 14_000);

        Assert.Equal(expected, Bytes(captured));
        Assert.NotEqual(expected, Bytes(window.Capture()));
        Assert.Equal(5_000, window.Count);
    }

    [Fact]
    public void Ids_that_were_taken_back_to_the_edge_of_a_chunk_and_to_nothing_leave_it_usable()
    {
        var window = new IdempotencyWindow(10_000, long.MaxValue / 4);
        foreach (var keep in new[] { 1_023, 1_024, 2_047, -1 })
        {
            Add(window, window.Count, 3_000);
            window.ForgetAfter(keep);
            Assert.Equal(keep + 1, window.Count);
            Add(window, window.Count, 3_000);
            Assert.True(window.TryGet(2_999, out var found) && found.Offset == 2_999);
        }
    }

    private static void Add(IdempotencyWindow window, int from, int to)
    {
        for (var i = from; i < to; i++) window.Add(new MeshEvent { Topic = "t", Id = $"{i}", Source = "/s", Offset = i, AppendedAtNs = i }, new IdempotencyKey((UInt128)i, (ulong)i * 3));
    }

    private static byte[] Bytes(CapturedIds ids)
    {
        var bytes = new byte[ids.Bytes];
        ids.WriteTo(bytes);
        return bytes;
    }
}
