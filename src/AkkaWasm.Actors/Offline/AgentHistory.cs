using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Offline;

/// <summary>A recorded turn with what was in force for it.</summary>
/// <param name="Record">The turn.</param>
/// <param name="Topology">The topology.</param>
/// <param name="Writer">What wrote it, as blocks name it.</param>
internal readonly record struct HistoryTurn(TurnRecord Record, MeshTopology Topology, string Writer);

/// <summary>What the log says of one agent: its turns in the order of their records, over all its lives, and the images that were saved.</summary>
/// <param name="number">Its number.</param>
/// <param name="name">Its name.</param>
/// <param name="definition">Name of its definition.</param>
internal sealed class AgentHistory(int number, string name, string definition)
{
    public int Number => number;

    public string Name => name;

    public string Definition => definition;

    /// <summary>All turns, failed ones included.</summary>
    public List<HistoryTurn> Turns { get; } = [];

    /// <summary>Hashes of the images that were saved, by incarnation and last input.</summary>
    public Dictionary<(int Incarnation, long Input), StateHash> Images { get; } = [];

    /// <summary>The first turn that is no longer before the event after <paramref name="input"/>; the number of turns if there is none.</summary>
    /// <param name="input">Offset of the last event to be handled.</param>
    public int EndOfInput(long input) => EndWhere(turn => turn.Input > input);

    /// <summary>The first turn that was recorded after a cut of the log; the number of turns if there is none.</summary>
    /// <param name="cut">Offset of the last record that belongs to it.</param>
    public int EndOfCut(long cut) => EndWhere(turn => turn.Offset > cut);

    /// <summary>The incarnation of the last turn before an end; that of the agent's birth if there is none.</summary>
    public int IncarnationAt(int end) => end > 0 ? Turns[end - 1].Record.Incarnation : 1;

    /// <summary>The successful turns of a life that were recorded before an end, in order.</summary>
    public IEnumerable<TurnRecord> Successes(int incarnation, int end)
    {
        for (var i = 0; i < end; i++)
            if (Turns[i].Record is { Fault: null } turn && turn.Incarnation == incarnation) yield return turn;
    }

    public void Take(LogRecord record, MeshTopology topology, string writer)
    {
        if (record is TurnRecord turn) Turns.Add(new HistoryTurn(turn, topology, writer));
        else if (record is ImageRecord saved) Images[(saved.Incarnation, saved.Input)] = saved.Hash;
    }

    private int EndWhere(Predicate<TurnRecord> isAfter)
    {
        var found = Turns.FindIndex(t => isAfter(t.Record));
        return found < 0 ? Turns.Count : found;
    }
}
