using System.IO.Hashing;
using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Snapshots;

public sealed class SnapshotManifestTests
{
    private const string Guest = """
        (module (memory (export "memory") 32) (memory $other (export "other") 1) (memory (export "scratch") 1) (global (mut i32) (i32.const 7))
          (func (export "fill") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 2) (local.get 1))))
        """;

    [Fact]
    public void Snapshots_kept_page_by_page_take_the_room_of_what_changed_and_come_back_whole()
    {
        using var instance = Guests.Create(Guest);
        var kept = new Dictionary<PageHash, byte[]>();
        var written = new List<int>();
        var manifests = new List<(byte[] Manifest, WasmSnapshot Snapshot)>();
        WasmSnapshot? previous = null;
        for (var i = 0; i < 5; i++)
        {
            for (var page = 0; page < (i == 0 ? 400 : 3); page++) Mark(instance, (i * 10) + page, (i * 1000) + page + 1);
            var snapshot = instance.Capture(previous);
            var pages = snapshot.PagesNotIn(previous).ToList();
            written.Add(pages.Count);
            foreach (var page in pages) kept.TryAdd(page.Hash, page.Contents.ToArray());
            manifests.Add((snapshot.ToManifest(), snapshot));
            previous = snapshot;
        }

        Assert.Equal([400, 3, 3, 3, 3], written);
        foreach (var (manifest, snapshot) in manifests)
        {
            var loaded = new List<PageHash>();
            var again = WasmSnapshot.FromManifest(manifest, hash =>
            {
                loaded.Add(hash);
                return kept[hash];
            });
            Assert.Equal(snapshot.ToBytes(), again.ToBytes());
            Assert.Equal(snapshot.ComputeHash(), again.ComputeHash());
            Assert.Equal(snapshot.PageHashes.Order(Comparer<PageHash>.Create((a, b) => a.Value.CompareTo(b.Value))),
                loaded.Order(Comparer<PageHash>.Create((a, b) => a.Value.CompareTo(b.Value))));
            Assert.True(manifest.Length < 400 * 30);
        }
    }

    [Fact]
    public void Equal_pages_are_given_once_and_a_page_that_moved_is_given_again()
    {
        using var instance = Guests.Create(Guest);
        instance.Call("fill", WasmValue.FromI32(0), WasmValue.FromI32(100 * 4096), WasmValue.FromI32(9));
        instance.GetMemory("other")!.Value.Write(0, Enumerable.Repeat((byte)9, 4096).ToArray());
        var first = instance.Capture();
        Assert.Single(first.PagesNotIn(null));
        Assert.Single(first.PageHashes);
        Assert.Empty(first.PagesNotIn(first));

        instance.Call("fill", WasmValue.FromI32(200 * 4096), WasmValue.FromI32(4096), WasmValue.FromI32(9));

        Assert.Single(instance.Capture(first).PagesNotIn(first));
    }

    [Fact]
    public void Snapshots_of_other_ways_share_no_memory_but_their_equal_pages_are_known_by_name()
    {
        using var instance = Guests.Create(Guest);
        Mark(instance, 3, 77);
        var snapshot = instance.Capture();

        Assert.Empty(WasmSnapshot.FromBytes(snapshot.ToBytes()).PagesNotIn(snapshot));
    }

    [Fact]
    public void A_page_that_is_not_what_its_name_says_is_refused()
    {
        using var instance = Guests.Create(Guest);
        Mark(instance, 3, 77);
        var snapshot = instance.Capture();
        var manifest = snapshot.ToManifest();
        var wrong = new byte[SnapshotPage.SizeBytes];
        wrong[5] = 1;

        foreach (var page in new[] { wrong, wrong[..100], new byte[SnapshotPage.SizeBytes] })
        {
            var refused = Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromManifest(manifest, _ => page));
            Assert.Contains(snapshot.PageHashes.Single().ToString(), refused.Message, StringComparison.Ordinal);
        }
        Assert.Throws<KeyNotFoundException>(() => WasmSnapshot.FromManifest(manifest, _ => throw new KeyNotFoundException()));
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_of_a_manifest_is_noticed()
    {
        using var instance = Guests.Create(Guest);
        Mark(instance, 3, 77);
        var snapshot = instance.Capture();
        var manifest = snapshot.ToManifest();
        var page = snapshot.PagesNotIn(null).Single().Contents;
        for (var i = 0; i < manifest.Length; i++)
        {
            var bytes = manifest.ToArray();
            bytes[i] ^= (byte)(1 << (i % 8));
            Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromManifest(bytes, _ => page));
            Assert.Throws<SnapshotCorruptException>(() => WasmSnapshot.FromManifest(manifest.AsSpan(0, i), _ => page));
        }
    }

    [Fact]
    public void Random_damage_under_a_sound_checksum_is_refused_or_read_as_a_snapshot()
    {
        using var instance = Guests.Create(Guest);
        Mark(instance, 3, 77);
        var snapshot = instance.Capture();
        var manifest = snapshot.ToManifest();
        var page = snapshot.PagesNotIn(null).Single().Contents;
        var random = new Random(21);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = manifest.ToArray();
            for (var i = 0; i < 2; i++) bytes[random.Next(bytes.Length - 16)] = (byte)random.Next(256);
            XxHash128.Hash(bytes.AsSpan(0, bytes.Length - 16), bytes.AsSpan(bytes.Length - 16));
            try
            {
                Assert.Equal(bytes, WasmSnapshot.FromManifest(bytes, _ => page).ToManifest());
            }
            catch (SnapshotCorruptException e)
            {
                Assert.InRange(e.Offset, 0, bytes.Length);
            }
        }
    }

    [Fact]
    public void The_name_of_a_page_survives_text_and_bytes()
    {
        using var instance = Guests.Create(Guest);
        Mark(instance, 3, 77);
        var hash = instance.Capture().PageHashes.Single();
        var bytes = new byte[PageHash.SizeBytes];
        hash.CopyTo(bytes);

        Assert.Equal(hash, PageHash.Parse(hash.ToString()));
        Assert.Equal(hash, PageHash.FromBytes(bytes));
        Assert.Throws<FormatException>(() => PageHash.Parse("abc"));
    }

    private static void Mark(WasmInstance instance, int page, int value) => instance.GetMemory(0).Write((ulong)page * 4096, BitConverter.GetBytes(value));
}
