using System.Collections;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>The turns of one agent in the order of their records, in pieces that come and go: see <see cref="TurnPieces"/>.</summary>
/// <param name="agent">Number of the agent.</param>
/// <param name="pieces">What of the turns of a survey is in memory.</param>
internal sealed class TurnList(int agent, TurnPieces pieces) : IReadOnlyList<HistoryTurn>
{
    private readonly List<TurnPiece> all = [];
    private readonly List<(int From, InForce InForce)> stretches = [];

    public int Count { get; private set; }

    public HistoryTurn this[int index] => index >= 0 && index < Count
        ? new HistoryTurn(pieces.TurnsOf(all[index / pieces.Size])[index % pieces.Size], InForceFor(index))
        : throw new ArgumentOutOfRangeException(nameof(index), $"Agent {agent} has {Count} turns; there is none at {index}.");

    /// <summary>Takes the next turn in, with what was in force for it.</summary>
    public void Add(TurnRecord turn, InForce inForce)
    {
        if (stretches.Count == 0 || !IsSame(stretches[^1].InForce, inForce)) stretches.Add((Count, inForce));
        if (Count++ % pieces.Size == 0) all.Add(new TurnPiece(agent));
        pieces.Add(all[^1], turn);
    }

    /// <summary>The first turn of which something holds; -1 if there is none.</summary>
    public int FindIndex(Predicate<HistoryTurn> match)
    {
        for (var i = 0; i < Count; i++)
            if (match(this[i])) return i;
        return -1;
    }

    /// <summary>Gives their memory back; they are not asked for any more.</summary>
    public void Forget() => all.ForEach(pieces.LetGo);

    public IEnumerator<HistoryTurn> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool IsSame(InForce one, InForce other) => ReferenceEquals(one.Definition, other.Definition) && one.Writer == other.Writer;

    private InForce InForceFor(int index)
    {
        var at = stretches.Count - 1;
        while (stretches[at].From > index) at--;
        return stretches[at].InForce;
    }
}

/// <summary>Some turns of an agent that follow each other.</summary>
/// <param name="agent">Number of the agent.</param>
internal sealed class TurnPiece(int agent)
{
    private volatile List<TurnRecord>? turns = [];

    public int Agent => agent;

    /// <summary>How many there are.</summary>
    public int Count { get; set; }

    /// <summary>Offset of the record of the first.</summary>
    public long First { get; set; }

    /// <summary>Offset of the record of the last.</summary>
    public long Last { get; set; }

    /// <summary>The turns, or null while they are not in memory.</summary>
    public List<TurnRecord>? Turns
    {
        get => turns;
        set => turns = value;
    }
}
