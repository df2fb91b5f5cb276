namespace AkkaWasm.Mesh.Shards;

/// <content>The way back to the version of the module before the present one.</content>
public sealed partial class AgentLives
{
    /// <summary>The state that the agent had when it got the version that it runs, and the move that it then made, or has to make.</summary>
    private (List<LineageTurn> Turns, LineageMove? Swap) BeforeTheLastMove(Func<LineageImage, List<LineageTurn>?> ofOther)
    {
        if (Turns(Incarnation, null, ofOther) is not { Count: > 0 } turns) throw new RewindRefusedException("The agent has made no turn yet, so that there is no state to go back to.");
        if (lives[Incarnation] is { Due: { } due, Turns.Count: 0 }) return (turns, due);
        var last = turns.FindLastIndex(turn => moves.ContainsKey(turn.Input));
        if (last < 0)
            throw new RewindRefusedException(LogIsCut
                ? "The log does not reach back to another version of the agent's module; go back by turns, or reset it."
                : "The state of the agent came to be with the version of the module that it runs; there is no version before to go back to.");
        if (last == 0) throw new RewindRefusedException("The turns of the agent before it got the version that it runs are not in the log any more; go back by turns, or reset it.");
        return (turns[..last], moves[turns[last].Input]);
    }
}
