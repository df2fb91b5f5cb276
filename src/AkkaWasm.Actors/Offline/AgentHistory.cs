using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Offline;

/// <summary>What was in force for an agent.</summary>
/// <param name="Definition">Its definition.</param>
/// <param name="Writer">What wrote the log, as blocks name it.</param>
internal readonly record struct InForce(AgentDefinition Definition, string Writer);

/// <summary>A recorded turn with what was in force for it.</summary>
/// <param name="Record">The turn.</param>
/// <param name="InForce">What was in force.</param>
internal readonly record struct HistoryTurn(TurnRecord Record, InForce InForce);

/// <summary>What the log says of one agent: its turns in the order of their records, over all its lives, and the images that were saved.</summary>
/// <param name="number">Its number.</param>
/// <param name="names">The name that it has where its history begins, and those before.</param>
/// <param name="definition">Name of its definition there.</param>
/// <param name="pieces">Where its turns are held.</param>
internal sealed class AgentHistory(int number, NamesOfAgent names, string definition, TurnPieces pieces)
{
    private readonly HashSet<int> renamed = [];
    private NamesOfAgent names = names;
    private (MeshTopology? Topology, AgentDefinition? Definition) known;
    private AgentDefinition? defined;
    private AgentDefinition? runsAs;

    public int Number => number;

    /// <summary>The name that it has after all records that were taken in.</summary>
    public string Name => names.Present;

    /// <summary>The name that it had in one of its lives.</summary>
    public string NameIn(int incarnation) => names.In(incarnation);

    /// <summary>Name of its definition after all records that were taken in.</summary>
    public string Definition { get; private set; } = definition;

    /// <summary>Its lives by incarnation: where each begins, and what its state is made of where that is not a turn 0 of its own.</summary>
    public SortedDictionary<int, (long Begin, LineageRecord? Lineage, InForce InForce)> Lives { get; } = [];

    /// <summary>All turns, failed ones included.</summary>
    public TurnList Turns { get; } = new(number, pieces);

    /// <summary>Hashes of the images that were saved, by incarnation and last input.</summary>
    public Dictionary<(int Incarnation, long Input), StateHash> Images { get; } = [];

    /// <summary>The first turn that is no longer before the event after <paramref name="input"/>; the number of turns if there is none.</summary>
    /// <param name="input">Offset of the last event to be handled.</param>
    public int EndOfInput(long input) => EndWhere(turn => turn.Input > input);

    /// <summary>
    /// Where the agent is after the events up to one: in its latest life that reaches back to there, before the first turn of that life on a later event. A life under another
    /// name does not reach back to before it began.
    /// </summary>
    /// <param name="input">Offset of the last event to be handled.</param>
    /// <exception cref="LogBeginsLaterException">That was before the beginning of the log.</exception>
    public (int End, int Incarnation) At(long input)
    {
        foreach (var (incarnation, life) in Lives.Reverse())
        {
            if (life.Begin > input && renamed.Contains(incarnation) && !Turns.Exists(t => t.Record.Incarnation == incarnation && t.Record.Input <= input)) continue;
            if ((life.Lineage?.LastInput ?? (life.Begin == Position.None ? Beginning!.LastInput : life.Begin + 1)) > input) continue;
            var end = Turns.FindIndex(t => t.Record.Incarnation == incarnation && t.Record.Input > input);
            return (end < 0 ? Turns.Count : end, incarnation);
        }
        if (Beginning is not null) throw new LogBeginsLaterException($"There is no state of agent '{Name}' after the event at offset {input} any more: {LogBeginningText.Of(LogBegins)}; ask for a later position.", LogBegins);
        return (0, FirstLife);
    }

    /// <summary>Offset of the last event in the state that a life began with, or <see cref="Position.None"/>.</summary>
    public long InheritedInput(int incarnation) =>
        Beginning is { } beginning && beginning.Incarnation == incarnation ? beginning.LastInput : Lives.GetValueOrDefault(incarnation).Lineage?.LastInput ?? Position.None;

    /// <summary>
    /// What was in force for a life before a turn: for its last turn before that one, or where it had made none for its beginning. What a guest sees of its
    /// definition stays the same as long as a life lasts.
    /// </summary>
    /// <exception cref="LogCorruptException">The log does not have the life.</exception>
    public InForce InForceBefore(int end, int incarnation)
    {
        for (var i = Math.Min(end, Turns.Count) - 1; i >= 0; i--)
            if (Turns[i].Record.Incarnation == incarnation) return Turns[i].InForce;
        return Lives.TryGetValue(incarnation, out var life) ? life.InForce : throw new LogCorruptException($"The log says nothing of incarnation {incarnation} of agent '{Name}'.", Position.None);
    }

    /// <summary>The first turn that was recorded after a cut of the log; the number of turns if there is none.</summary>
    /// <param name="cut">Offset of the last record that belongs to it.</param>
    public int EndOfCut(long cut) => EndWhere(turn => turn.Offset > cut);

    /// <summary>
    /// The life that the agent is in before a turn: that of the turn before; its last one after all turns, though that may have made none yet; its first
    /// one before all.
    /// </summary>
    public int IncarnationAt(int end)
    {
        if (end == Turns.Count && Lives.Count > 0) return Lives.Keys.Last();
        return end > 0 ? Turns[end - 1].Record.Incarnation : FirstLife;
    }

    private int FirstLife => Lives.Count > 0 ? Lives.Keys.First() : 1;

    /// <summary>The life that the agent is in at a cut of the log.</summary>
    public int IncarnationAtCut(long cut) => Lives.Where(l => l.Value.Begin <= cut).Select(l => l.Key).DefaultIfEmpty(FirstLife).Last();

    /// <summary>The successful turns of a life itself that were recorded before an end, in order.</summary>
    public IEnumerable<LineageTurn> Successes(int incarnation, int end)
    {
        for (var i = 0; i < Math.Min(end, Turns.Count); i++)
            if (Turns[i].Record is { Fault: null } turn && turn.Incarnation == incarnation) yield return new LineageTurn(number, incarnation, turn.Input, turn.Digest);
    }

    /// <summary>What is known of it where the log begins, if it was there before.</summary>
    public AgentBeginning? Beginning { get; private set; }

    /// <summary>Where the log begins, if the agent was there before.</summary>
    public LogBeginning LogBegins { get; private set; }

    /// <summary>Begins with what is known where the log begins.</summary>
    public void Begin(AgentBeginning beginning, LogBeginning log, MeshTopology topology, string writer)
    {
        (Beginning, LogBegins, runsAs) = (beginning, log, beginning.RunsAs);
        if (!beginning.Stopped) Lives[beginning.Incarnation] = (Position.None, null, new InForce(DefinitionIn(topology, log.Offset), writer));
    }

    /// <summary>
    /// The turns that the state of a life is made of before an end, from a turn 0 on, or from an image where the log does not have what came before: those of
    /// lives before that it goes on from, then its own.
    /// </summary>
    /// <param name="incarnation">The life.</param>
    /// <param name="end">Index of the first turn that does not belong to it.</param>
    /// <param name="others">Gives the histories of other agents that it may go on from.</param>
    /// <exception cref="LogCorruptException">The log does not have them all.</exception>
    public AgentPath Path(int incarnation, int end, Func<int, AgentHistory?> others)
    {
        var path = Beginning is { } beginning && incarnation == beginning.Incarnation ? new AgentPath(beginning.Image, [beginning.Tail])
            : Lives.GetValueOrDefault(incarnation).Lineage is { } lineage ? Inherited(lineage, others)
            : new AgentPath(null, []);
        return path.And(Successes(incarnation, end));
    }

    private AgentPath Inherited(LineageRecord lineage, Func<int, AgentHistory?> others)
    {
        if (lineage.Image is not { } image) return new AgentPath(null, [lineage.Turns]);
        var origin = image.Agent == number ? this : others(image.Agent);
        if (origin?.Path(image.Incarnation, origin.Turns.Count, others).UpTo(t => t.Input == image.Input) is { } path) return path.And(lineage.Turns);
        return Beginning is not null || origin?.Beginning is not null ? new AgentPath(image, [lineage.Turns]) : throw new LogCorruptException(
            $"Agent '{Name}' goes on from a state of agent {image.Agent} after the event at offset {image.Input}, and the log does not have the turns that made it.", image.Input);
    }

    /// <summary>The move that a life begins with, or null.</summary>
    public LineageMove? MoveOf(int incarnation) => Lives.GetValueOrDefault(incarnation).Lineage?.Begins
        ?? (Beginning is { Moves: [.., var last] } beginning && beginning.Incarnation == incarnation && Turns.Exists(t => t.Record.Input == last.Input) ? last : null);

    /// <summary>The moves from one definition to the next that its records name.</summary>
    public IEnumerable<LineageMove> Moves => Lives.Values.SelectMany(life => life.Lineage?.Moves ?? []).Concat(Beginning?.Moves ?? []).DistinctBy(move => move.Input);

    /// <summary>Takes the next record about the agent in.</summary>
    /// <param name="record">The record.</param>
    /// <param name="topology">The topology in force at it.</param>
    /// <param name="writer">What wrote it.</param>
    public void Take(LogRecord record, MeshTopology topology, string writer)
    {
        if (record is AgentRecord named) Rename(named);
        if (record is TurnRecord turn) Turns.Add(turn, new InForce(DefinitionIn(topology, record.Offset), writer));
        else if (record is AgentRecord { Change: not AgentChange.Stopped } begin) Lives[begin.Incarnation] = (begin.Offset, null, new InForce(DefinitionIn(topology, record.Offset), writer));
        else if (record is LineageRecord { BeginsAnew: false } lineage) Lives[Lives.Keys.Last()] = Lives.Values.Last() with { Lineage = lineage };
        else if (record is AgentVersionRecord { Step: not AgentVersionStep.Refused } version) Run(version, topology, writer);
        else if (record is ImageRecord saved) Images[(saved.Incarnation, saved.Input)] = saved.Hash;
    }

    private void Rename(AgentRecord record)
    {
        if (record.Change == AgentChange.Renamed) renamed.Add(record.Incarnation);
        if (record.Name != names.Present) names = names.Renamed(record.Name, record.Incarnation - 1);
        if (record.Definition == Definition) return;
        (Definition, known) = (record.Definition, default);
    }

    /// <summary>It runs another version from its next life on; a fork, from its first.</summary>
    private void Run(AgentVersionRecord version, MeshTopology topology, string writer)
    {
        (known, runsAs) = (default, version.RunsAs);
        if (version.Step == AgentVersionStep.Inherited) Lives[Lives.Keys.Last()] = Lives.Values.Last() with { InForce = new InForce(DefinitionIn(topology, version.Offset), writer) };
    }

    private AgentDefinition DefinitionIn(MeshTopology topology, long offset)
    {
        if (!ReferenceEquals(known.Topology, topology))
        {
            defined = topology.Agents.FirstOrDefault(d => d.Name == Definition)?.Of(Name) ?? defined;
            known = (topology, runsAs is null ? defined : defined?.SeenAs(runsAs));
        }
        return known.Definition ?? throw new LogCorruptException($"Agent '{Name}' has a record at offset {offset}, but no topology before it defines '{Definition}'.", offset);
    }

    private int EndWhere(Predicate<TurnRecord> isAfter)
    {
        var found = Turns.FindIndex(t => isAfter(t.Record));
        return found < 0 ? Turns.Count : found;
    }
}

/// <summary>What a state is made of.</summary>
/// <param name="From">The image that it begins from, or null for a turn 0.</param>
/// <param name="Parts">The turns after it, in their order; gone through as they are asked for, and none of them held.</param>
internal sealed record AgentPath(LineageImage? From, ImmutableArray<IEnumerable<LineageTurn>> Parts)
{
    public IEnumerable<LineageTurn> Turns => Parts.SelectMany(part => part);

    public AgentPath And(IEnumerable<LineageTurn> turns) => this with { Parts = Parts.Add(turns) };

    /// <summary>The path up to the last turn of which something holds, that included; null if there is none.</summary>
    public AgentPath? UpTo(Func<LineageTurn, bool> match)
    {
        for (var part = Parts.Length - 1; part >= 0; part--)
            if (CountTo(Parts[part], match) is > 0 and var count) return this with { Parts = [.. Parts[..part], Parts[part].Take(count)] };
        return null;
    }

    /// <summary>The turns after the last one of which something holds; null if there is none.</summary>
    public IEnumerable<LineageTurn>? After(Func<LineageTurn, bool> match) => CountTo(Turns, match) is > 0 and var count ? Turns.Skip(count) : null;

    private static int CountTo(IEnumerable<LineageTurn> turns, Func<LineageTurn, bool> match)
    {
        var (seen, found) = (0, 0);
        foreach (var turn in turns)
        {
            seen++;
            if (match(turn)) found = seen;
        }
        return found;
    }
}
