using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>How the state of an agent gets from one definition to the next. The numbers are part of the log's format.</summary>
public enum MoveWay : byte
{
    /// <summary>The state is taken over as it is: both modules say that they lay it out alike, or it is the same module.</summary>
    Layout = 0,

    /// <summary>The state is taken over, then the new module's <c>mesh_migrate</c> changes what has to be.</summary>
    Migrate = 1,

    /// <summary>The old module's <c>mesh_save</c> writes it down, the new one's <c>mesh_load</c> reads that.</summary>
    Save = 2,

    /// <summary>The new module handles all events again that made the state; nothing of it leaves the agent.</summary>
    Replay = 3,
}

/// <summary>
/// A turn that moved the state of an agent from one definition to the next: the first turn of a life that began by <see cref="AgentChange.Replaced"/>.
/// </summary>
/// <param name="Input">Offset of the event of that turn, which tells of the replacement.</param>
/// <param name="Way">How the state was moved.</param>
/// <param name="FromVersion">The version that the module before says it has, 0 if it says none.</param>
/// <param name="From">What the agent was defined as before.</param>
public sealed record LineageMove(long Input, MoveWay Way, int FromVersion, AgentDefinition From);

/// <summary>A turn on the way to a state, and how it is run again.</summary>
/// <param name="Turn">The turn.</param>
/// <param name="Definition">What the agent is defined as for it.</param>
/// <param name="Move">How it moves the state, or null for a turn that handles an event.</param>
/// <param name="IsFree">Whether what it does is not compared: another module handles the event than the one that was recorded.</param>
public readonly record struct LineageStep(LineageTurn Turn, AgentDefinition Definition, LineageMove? Move, bool IsFree);

/// <summary>Says under which definition each turn on the way to a state is run again.</summary>
public static class LineagePath
{
    /// <summary>Goes through the turns, however many there are: none of them is held.</summary>
    /// <param name="turns">The turns, in the order they were made; gone through more than once.</param>
    /// <param name="moves">The moves among them, and the one that is to come after them if there is one.</param>
    /// <param name="definition">What the agent is defined as after the last of all.</param>
    /// <returns>The steps, which may be gone through as often as is wanted; and what the agent is defined as before the first.</returns>
    public static (IEnumerable<LineageStep> Steps, AgentDefinition Begins) Of(IEnumerable<LineageTurn> turns, IReadOnlyList<LineageMove> moves, AgentDefinition definition)
    {
        if (moves.Count == 0) return (turns.Select(turn => new LineageStep(turn, definition, null, false)), definition);
        var byInput = moves.ToDictionary(move => move.Input);
        LineageMove[] among = [.. turns.Where(turn => byInput.ContainsKey(turn.Input)).Select(turn => byInput[turn.Input])];
        var stretches = new Stretch[among.Length + 1];
        var last = new Stretch(definition, false);
        foreach (var pending in moves.Where(move => !Array.Exists(among, a => a.Input == move.Input))) last = last.Before(pending);
        stretches[^1] = last;
        for (var i = among.Length - 1; i >= 0; i--) stretches[i] = stretches[i + 1].Before(among[i]);
        return (Steps(turns, byInput, stretches), stretches[0].Definition);
    }

    private static IEnumerable<LineageStep> Steps(IEnumerable<LineageTurn> turns, Dictionary<long, LineageMove> byInput, Stretch[] stretches)
    {
        var at = 0;
        foreach (var turn in turns)
        {
            var move = byInput.GetValueOrDefault(turn.Input);
            if (move is not null) at++;
            var (definition, free) = stretches[at];
            if (!free || move is null) yield return new LineageStep(turn, definition, free ? null : move, free);
        }
    }

    /// <summary>The turns from one move on to the next: what the agent is defined as for them, and whether another module handles their events than the one that was recorded.</summary>
    private readonly record struct Stretch(AgentDefinition Definition, bool IsFree)
    {
        public Stretch Before(LineageMove move)
        {
            var free = IsFree || move.Way == MoveWay.Replay;
            return new Stretch(free ? Definition : move.From, free);
        }
    }

    /// <summary>Whether the way to a state has to be gone from its first turn on, because an image of it is of no use.</summary>
    public static bool NeedsFirstTurn(IEnumerable<LineageMove> moves) => moves.Any(move => move.Way == MoveWay.Replay);
}
