using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// The agents of a shard as they were at one time, written down a few at a time by the thread of the shard; those that are about to change before their turn
/// has come. Once complete, it may be read by any thread.
/// </summary>
internal sealed class CapturedAgents(IReadOnlyList<AgentEntry> entries)
{
    /// <summary>Agents in one piece of memory: several hundred KiB, so that none is ever copied to grow.</summary>
    private const int PieceAgents = 4_096;

    private readonly List<ByteWriter> pieces = [];
    private readonly Dictionary<int, byte[]> early = [];
    private readonly ByteWriter scratch = new(256);
    private int next;

    /// <summary>How many agents.</summary>
    public int Count { get; } = entries.Count;

    /// <summary>Whether all are written down.</summary>
    public bool IsComplete => next == Count;

    /// <summary>Their bytes; only when it is complete.</summary>
    public long Length { get; private set; }

    /// <summary>Writes an agent down that may be about to change.</summary>
    public void Before(AgentEntry entry)
    {
        if (entry.Number < next || entry.Number >= Count || early.ContainsKey(entry.Number)) return;
        scratch.Clear();
        ShardStateCodec.WriteAgent(scratch, entry);
        early.Add(entry.Number, scratch.Written.ToArray());
    }

    /// <summary>Writes the next ones down.</summary>
    /// <param name="agents">How many at most.</param>
    public void Continue(int agents)
    {
        for (var end = (int)Math.Min(Count, (long)next + agents); next < end; next++)
        {
            if (next % PieceAgents == 0) pieces.Add(new ByteWriter(1 << 12));
            var piece = pieces[^1];
            var before = piece.Length;
            if (early.Remove(next, out var bytes)) piece.Raw(bytes);
            else ShardStateCodec.WriteAgent(piece, entries[next]);
            Length += piece.Length - before;
        }
    }

    /// <summary>Writes all of them.</summary>
    /// <param name="into">At least as long as <see cref="Length"/> says.</param>
    public void WriteTo(Span<byte> into)
    {
        foreach (var piece in pieces)
        {
            piece.Written.CopyTo(into);
            into = into[piece.Length..];
        }
    }
}
