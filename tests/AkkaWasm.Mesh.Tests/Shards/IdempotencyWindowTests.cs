using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using Xunit;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class IdempotencyWindowTests
{
    private const int MaxKeys = 3_000;
    private const long WindowNs = 50_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Over_a_long_time_it_knows_what_a_dictionary_and_a_queue_would_know(ulong seed)
    {
        var random = new TurnRandom(seed);
        var window = new IdempotencyWindow(MaxKeys, WindowNs);
        var (model, age) = (new Dictionary<UInt128, long>(), new Queue<(UInt128 Key, long AtNs)>());
        var now = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            now += random.NextInt(i / 5_000 % 2 == 0 ? 10 : 60);
            // Keys that begin and end alike meet in one table and in one slot.
            var key = new UInt128((ulong)random.NextInt(4) << 56, (ulong)random.NextInt(1 << 20) << 8);
            Assert.Equal(model.TryGetValue(key, out var offset), window.TryGet(key, out var found));
            Assert.Equal(offset, found.Offset);
            if (model.ContainsKey(key)) continue;
            window.Add(new MeshEvent { Topic = "t", Offset = i, AppendedAtNs = now }, new IdempotencyKey(key, (ulong)i));
            model[key] = i;
            age.Enqueue((key, now));
            while (age.TryPeek(out var oldest) && (age.Count > MaxKeys || oldest.AtNs < now - WindowNs)) model.Remove(age.Dequeue().Key);
            Assert.Equal(model.Count, window.Count);
        }
        Assert.All(model, known => Assert.True(window.TryGet(known.Key, out var found) && found == new KnownEvent(known.Value, (ulong)known.Value)));
    }

    [Fact]
    public void What_was_written_comes_back()
    {
        var window = new IdempotencyWindow(MaxKeys, WindowNs);
        for (var i = 0; i < 2_000; i++) window.Add(new MeshEvent { Topic = "t", Offset = i, AppendedAtNs = i }, new IdempotencyKey((UInt128)i * 0x9E3779B97F4A7C15, (ulong)i));
        var captured = window.Capture();
        var written = new byte[captured.Bytes];
        captured.WriteTo(written);

        var read = new IdempotencyWindow(MaxKeys, WindowNs);
        read.Read(written);

        Assert.Equal(2_000, read.Count);
        for (var i = 0; i < 2_000; i++) Assert.True(read.TryGet((UInt128)i * 0x9E3779B97F4A7C15, out var found) && found.Offset == i);
    }

    [Fact]
    public void What_older_states_hold_comes_back()
    {
        var packed = new ByteWriter();
        packed.UInt(3);
        for (var i = 1; i <= 3; i++)
        {
            packed.Hash(new StateHash((UInt128)i << 70));
            packed.Int(1_000 + i);
            packed.Int(i);
            packed.Fixed64((ulong)i << 60);
        }
        var read = new IdempotencyWindow(MaxKeys, WindowNs);
        read.ReadPacked(new ByteReader(packed.Written.ToArray()));

        Assert.Equal(3, read.Count);
        for (var i = 1; i <= 3; i++) Assert.True(read.TryGet((UInt128)i << 70, out var found) && found == new KnownEvent(i, (ulong)i << 60));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3_000)]
    public void An_event_with_another_content_has_another_hash_and_the_same_key(int length)
    {
        var e = new MeshEvent { Topic = "t", Id = "id", Source = "/s", Subject = "x", Data = new byte[length] };
        var key = IdempotencyKey.Of(e);
        Assert.Equal(key, IdempotencyKey.Of(e with { Data = new byte[length], Offset = 7 }));
        foreach (var other in new[] { e with { Topic = "u" }, e with { Subject = null }, e with { Time = "x" }, e with { ContentType = "" }, e with { Extensions = [new("a", "b")] }, e with { Data = new byte[length + 1] } })
        {
            Assert.Equal(key.Key, IdempotencyKey.Of(other).Key);
            Assert.NotEqual(key.Content, IdempotencyKey.Of(other).Content);
        }
        Assert.NotEqual(key.Key, IdempotencyKey.Of(e with { Id = "other" }).Key);
        Assert.NotEqual(key.Key, IdempotencyKey.Of(e with { Source = "/" + new string('s', 600) }).Key);
    }
}
