using System.Runtime.InteropServices;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What is remembered of a published event.</summary>
/// <param name="Offset">Where it stands in the log.</param>
/// <param name="Content">Hash of everything but its place.</param>
internal readonly record struct KnownEvent(long Offset, ulong Content);

/// <summary>
/// Remembers (source, id) of published events for a time, so that publishing again gives the first position. Millions of them: a ring in the order of
/// their age, found through open-addressed tables of places in the ring. The tables are many and small, so that none takes long to grow.
/// </summary>
internal sealed class IdempotencyWindow(int maxKeys, long windowNs)
{
    private const int Tables = 256;

    private readonly PlaceTable[] tables = [.. Enumerable.Range(0, Tables).Select(_ => new PlaceTable())];
    private readonly List<IdChunk> chunks = [];
    private long firstChunk;
    private long first;
    private long next;

    public int Count => (int)(next - first);

    public bool TryGet(UInt128 key, out KnownEvent found)
    {
        var place = TableOf(key).Find(key, this);
        found = place < 0 ? default : new KnownEvent(At(place).Offset, At(place).Content);
        return place >= 0;
    }

    /// <summary>Remembers an event that is not known yet.</summary>
    public void Add(MeshEvent e, IdempotencyKey key)
    {
        Append(new IdEntry(key.Key, e.AppendedAtNs, e.Offset, key.Content));
        while (Count > 0 && (Count > maxKeys || At(first).AtNs < e.AppendedAtNs - windowNs)) Forget();
    }

    /// <summary>Forgets the events that were published after an offset: they are new when they come again.</summary>
    public void ForgetAfter(long offset)
    {
        for (; Count > 0 && At(next - 1).Offset > offset; next--)
        {
            var key = At(next - 1).Key;
            TableOf(key).Remove(key, this);
        }
        // what was captured before still reads the places that are filled anew
        var last = (int)(next / IdChunk.Length - firstChunk);
        if (last >= chunks.Count) return;
        chunks.RemoveRange(last + 1, chunks.Count - last - 1);
        chunks[last] = chunks[last].Copy();
    }

    /// <summary>What is remembered now, to be written by any thread while more is remembered: places that are filled do not change.</summary>
    public CapturedIds Capture() => new([.. chunks], (int)(first - firstChunk * IdChunk.Length), Count);

    /// <summary>Remembers what was captured.</summary>
    public void Read(ReadOnlySpan<byte> entries)
    {
        foreach (ref readonly var entry in MemoryMarshal.Cast<byte, IdEntry>(entries)) Append(entry);
    }

    /// <summary>Remembers what states before version 6 hold.</summary>
    public void ReadPacked(ByteReader r)
    {
        for (var count = r.UInt(); count > 0; count--) Append(new IdEntry(r.Hash().Value, r.Int(), r.Int(), r.Fixed64()));
    }

    private ref IdEntry At(long place) => ref chunks[(int)(place / IdChunk.Length - firstChunk)][place % IdChunk.Length];

    private PlaceTable TableOf(UInt128 key) => tables[(int)(ulong)(key >> 120)];

    private void Append(IdEntry entry)
    {
        if (next / IdChunk.Length - firstChunk == chunks.Count) chunks.Add(new IdChunk());
        At(next) = entry;
        TableOf(entry.Key).Add(entry.Key, next++, this);
    }

    private void Forget()
    {
        var key = At(first).Key;
        TableOf(key).Remove(key, this);
        if (++first % IdChunk.Length != 0) return;
        chunks.RemoveAt(0);
        firstChunk++;
    }

    /// <summary>Places in the ring by key: linear probing, at most half full, without tombstones.</summary>
    private sealed class PlaceTable
    {
        private const int LeastSlots = 16;

        private long[] places = [];
        private int count;

        public long Find(UInt128 key, IdempotencyWindow ring)
        {
            if (count == 0) return -1;
            for (var slot = SlotOf(key); ; slot = (slot + 1) & (places.Length - 1))
            {
                var place = places[slot] - 1;
                if (place < 0 || ring.At(place).Key == key) return place;
            }
        }

        public void Add(UInt128 key, long place, IdempotencyWindow ring)
        {
            if (2 * (count + 1) > places.Length) Grow(ring);
            Put(key, place);
            count++;
        }

        /// <summary>Closes the gap, so that what was pushed on is still found.</summary>
        public void Remove(UInt128 key, IdempotencyWindow ring)
        {
            var mask = places.Length - 1;
            var gap = SlotOf(key);
            while (ring.At(places[gap] - 1).Key != key) gap = (gap + 1) & mask;
            for (var slot = (gap + 1) & mask; places[slot] != 0; slot = (slot + 1) & mask)
            {
                var home = SlotOf(ring.At(places[slot] - 1).Key);
                if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
                places[gap] = places[slot];
                gap = slot;
            }
            places[gap] = 0;
            count--;
        }

        private int SlotOf(UInt128 key) => (int)(ulong)key & (places.Length - 1);

        private void Put(UInt128 key, long place)
        {
            var slot = SlotOf(key);
            while (places[slot] != 0) slot = (slot + 1) & (places.Length - 1);
            places[slot] = place + 1;
        }

        private void Grow(IdempotencyWindow ring)
        {
            var old = places;
            places = new long[Math.Max(LeastSlots, old.Length * 2)];
            foreach (var place in old)
                if (place != 0) Put(ring.At(place - 1).Key, place - 1);
        }
    }
}
