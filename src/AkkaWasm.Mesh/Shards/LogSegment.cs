using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>The records of a block in their binary form.</summary>
/// <param name="Bytes">The records, one after the other.</param>
/// <param name="Starts">Where each begins.</param>
internal readonly record struct EncodedRecords(ReadOnlyMemory<byte> Bytes, int[] Starts);

/// <summary>A closed block in memory: its bytes, and those of its events that agents were not given yet.</summary>
internal sealed class LogSegment(BlockHeader header, EncodedRecords records)
{
    private const int Overhead = 200;

    private readonly BlockContext context = new(header.Epoch, header.BaseTimeNs);
    private MeshEvent?[] waiting = [];
    private int[] waits = [];
    private int kept;

    public long First { get; } = header.FirstOffset;

    public long Last { get; } = header.LastOffset;

    public int Epoch => context.Epoch;

    public long BaseTimeNs => context.BaseTimeNs;

    /// <summary>About how much room it takes in memory, bytes; events that wait are not counted.</summary>
    public long Weight => Overhead + records.Bytes.Length + sizeof(int) * records.Starts.Length;

    /// <summary>Keeps the events that agents wait for.</summary>
    /// <returns>About how much room they take, bytes.</returns>
    public long Keep(ReadOnlySpan<MeshEvent?> events, ReadOnlySpan<int> waitsFor)
    {
        var weight = 0L;
        for (var i = 0; i < events.Length; i++)
        {
            if (waitsFor[i] == 0) continue;
            if (kept++ == 0) (waiting, waits) = (new MeshEvent?[events.Length], waitsFor[..events.Length].ToArray());
            waiting[i] = events[i];
            weight += events[i]!.Weight;
        }
        return weight;
    }

    /// <returns>The event, or null if the record at the offset is none.</returns>
    public MeshEvent? Find(long offset)
    {
        var index = (int)(offset - First);
        return Waiting(index) ?? BlockCodec.ReadEvent(records.Bytes[records.Starts[index]..], context, offset);
    }

    /// <summary>Like <see cref="Find"/>; the event is not kept longer than others wait for it.</summary>
    /// <param name="offset">Offset of the event.</param>
    /// <param name="released">How much room it does not take any more, bytes.</param>
    public MeshEvent? Take(long offset, out long released)
    {
        released = 0;
        var found = Find(offset);
        var index = (int)(offset - First);
        if (Waiting(index) is null || --waits[index] > 0) return found;
        waiting[index] = null;
        released = found!.Weight;
        if (--kept == 0) (waiting, waits) = ([], []);
        return found;
    }

    /// <summary>Keeps nothing but the bytes.</summary>
    /// <returns>How much room the events took, bytes.</returns>
    public long DropWaiting()
    {
        var weight = waiting.Sum(e => (long)(e?.Weight ?? 0));
        (waiting, waits, kept) = ([], [], 0);
        return weight;
    }

    private MeshEvent? Waiting(int index) => index < waiting.Length ? waiting[index] : null;
}
