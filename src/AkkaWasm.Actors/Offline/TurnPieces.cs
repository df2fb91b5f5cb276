using System.Collections.Immutable;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>
/// What of the turns of a survey is in memory: no more than so many, whatever one agent alone has. The pieces that were read first go first, and are read from the log
/// again when they are looked at. May be used by any thread once the survey is made.
/// </summary>
/// <param name="stores">Where the log is.</param>
/// <param name="blocks">Where its blocks are.</param>
/// <param name="maxTurns">How many turns are in memory.</param>
internal sealed class TurnPieces(LogStores stores, IReadOnlyList<BlockPlace> blocks, long maxTurns)
{
    private const int MostTurnsOfPiece = 4_096;

    /// <summary>So many pieces there are room for, that who goes along one list and looks back at another need not read both over and over.</summary>
    private const int Pieces = 8;

    private readonly Lock gate = new();
    private readonly Queue<TurnPiece> held = [];
    private long turns;

    /// <summary>How many turns are in a piece that is full.</summary>
    public int Size { get; } = (int)Math.Clamp(maxTurns / Pieces, 1, MostTurnsOfPiece);

    /// <summary>The most turns that were in memory at any time.</summary>
    public long MostHeld { get; private set; }

    /// <summary>How many turns were read from the log again.</summary>
    public long ReadAgain { get; private set; }

    /// <summary>Adds a turn to the last piece of its agent.</summary>
    public void Add(TurnPiece piece, TurnRecord turn)
    {
        if (piece.Count++ == 0)
        {
            piece.First = turn.Offset;
            held.Enqueue(piece);
        }
        if (piece.Turns is null) Hold(piece, piece.Count - 1);
        piece.Last = turn.Offset;
        piece.Turns!.Add(turn);
        Count(1, piece);
    }

    /// <summary>The turns of a piece.</summary>
    /// <exception cref="LogCorruptException">They are not in the log any more.</exception>
    public IReadOnlyList<TurnRecord> TurnsOf(TurnPiece piece)
    {
        if (piece.Turns is { } known) return known;
        lock (gate)
        {
            if (piece.Turns is null) Hold(piece, piece.Count);
            return piece.Turns!;
        }
    }

    private void Hold(TurnPiece piece, int count)
    {
        piece.Turns = Read(piece, count);
        held.Enqueue(piece);
        Count(count, piece);
    }

    /// <summary>A piece is not needed any more.</summary>
    public void LetGo(TurnPiece piece)
    {
        if (piece.Turns is null) return;
        turns -= piece.Count;
        piece.Turns = null;
    }

    /// <summary>Of a group of agents one turn more may be there until the last agent is let go for it.</summary>
    private void Count(int more, TurnPiece needed)
    {
        turns += more;
        MostHeld = Math.Max(MostHeld, turns);
        for (var left = held.Count; turns > maxTurns + 1 && left > 0 && held.TryDequeue(out var oldest); left--)
        {
            if (ReferenceEquals(oldest, needed)) held.Enqueue(oldest);
            else LetGo(oldest);
        }
    }

    private List<TurnRecord> Read(TurnPiece piece, int count)
    {
        var read = new List<TurnRecord>(Size);
        using var journal = JournalFile.Open(stores);
        for (var at = FirstBlock(piece.First); at < blocks.Count && blocks[at].First <= piece.Last && read.Count < count; at++)
        {
            if (blocks[at].Agents.BinarySearch(piece.Agent) < 0) continue;
            foreach (var record in BlockCodec.Read(journal.BlockOf(blocks[at].Row), out _))
                if (record is TurnRecord turn && turn.Agent == piece.Agent && turn.Offset >= piece.First && read.Count < count) read.Add(turn);
        }
        ReadAgain += read.Count;
        return read.Count == count ? read : throw new LogCorruptException($"Of {count} turns of agent {piece.Agent} from offset {piece.First} on {read.Count} are in the log.", piece.First);
    }

    private int FirstBlock(long offset)
    {
        var (low, high) = (0, blocks.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (blocks[middle].Last < offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
