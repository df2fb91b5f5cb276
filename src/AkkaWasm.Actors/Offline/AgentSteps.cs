using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Runs the turns of an agent again, one by one, and says what each did and changed.</summary>
internal sealed class AgentSteps(AgentHistory history, ReplayLife life, EventLookup events, EventIdentity identity, int maxDetails)
{
    /// <summary>The steps from one turn to another, the last one not included.</summary>
    public IEnumerable<ReplayStep> Between(int first, int end, CancellationToken cancellation)
    {
        if (first < end) GoBefore(first);
        for (var index = first; index < end; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var step = Step(index);
            yield return step;
            if (step.Divergence is not null) yield break;
        }
    }

    private void GoBefore(int index)
    {
        var incarnation = history.Turns[index].Record.Incarnation;
        if (history.Successes(incarnation, index).Any() || history.InheritedInput(incarnation) != Position.None) life.JumpBefore(index, incarnation, null);
    }

    private ReplayStep Step(int index)
    {
        var turn = history.Turns[index].Record;
        var input = events.At(turn.Input);
        var step = new ReplayStep
        {
            Number = index + 1, Turn = turn.Offset, Incarnation = turn.Incarnation, Attempt = turn.Attempt, Fault = turn.Fault, Fuel = turn.Fuel,
            Input = new CommittedEvent(new Position(0, input.Epoch, input.Offset), identity.IdOf(input), identity.SourceOf(input), input),
        };
        if (turn.Fault is not null)
            return AgentReplay.WhyNot(turn.Fault) is { } reason ? step with { NotRun = reason } : step with { Divergence = AgentReplay.Difference(turn, life.Try(index)) };
        var before = history.MoveOf(turn.Incarnation)?.Input == turn.Input ? null : Before(index, turn); // what moved the state begins with one of another module
        var result = life.Repeat(index);
        if (result.Fault is not null) return step with { Divergence = AgentReplay.Difference(turn, result) };
        return step with
        {
            Outputs = [.. result.Outputs], Divergence = AgentReplay.Difference(turn, result), Hash = life.Current!.Hash(), Changes = Changes(before, life.Capture()),
        };
    }

    /// <summary>The state before a turn; before turn 0 that of an instance in which nothing has run.</summary>
    private AgentImage? Before(int index, TurnRecord turn) =>
        life.Incarnation == turn.Incarnation && life.Current is not null ? life.Capture() : life.JumpBefore(index, turn.Incarnation, null).Capture();

    private StateDifference? Changes(AgentImage? before, AgentImage? after) => before is null || after is null || life.Setting.Guests is not IGuestInspection inspection
        ? null
        : inspection.Compare(life.Setting.Definition, before.Guest, after.Guest, maxDetails);
}
