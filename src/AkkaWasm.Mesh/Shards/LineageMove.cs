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
    /// <summary>Goes through the turns.</summary>
    /// <param name="turns">The turns, in the order they were made.</param>
    /// <param name="moves">The moves among them, and the one that is to come after them if there is one.</param>
    /// <param name="definition">What the agent is defined as after the last of all.</param>
    /// <returns>The steps; and what the agent is defined as before the first.</returns>
    public static (List<LineageStep> Steps, AgentDefinition Begins) Of(IReadOnlyList<LineageTurn> turns, IReadOnlyList<LineageMove> moves, AgentDefinition definition)
    {
        if (moves.Count == 0) return ([.. turns.Select(turn => new LineageStep(turn, definition, null, false))], definition);
        var byInput = moves.ToDictionary(move => move.Input);
        var steps = new LineageStep[turns.Count];
        var free = false;
        foreach (var pending in moves.Where(move => turns.All(turn => turn.Input != move.Input))) Pass(pending);
        for (var i = turns.Count - 1; i >= 0; i--)
        {
            var move = byInput.GetValueOrDefault(turns[i].Input);
            steps[i] = new LineageStep(turns[i], definition, free ? null : move, free);
            if (move is not null) Pass(move);
        }
        return ([.. steps.Where(step => !step.IsFree || !byInput.ContainsKey(step.Turn.Input))], definition);

        void Pass(LineageMove move)
        {
            free |= move.Way == MoveWay.Replay;
            if (!free) definition = move.From;
        }
    }

    /// <summary>Whether the way to a state has to be gone from its first turn on, because an image of it is of no use.</summary>
    public static bool NeedsFirstTurn(IEnumerable<LineageMove> moves) => moves.Any(move => move.Way == MoveWay.Replay);
}
