using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Moves the state of the recorded version to the one that is tried, by the way that a change of the topology would take.</summary>
/// <param name="survey">What is known of the log.</param>
/// <param name="history">The agent.</param>
/// <param name="requests">How states are to be moved, by the names of definitions.</param>
/// <param name="first">The first event that is compared, which stands for that of the move too: the log has none of it.</param>
internal sealed class TrialMove(LogSurvey survey, AgentHistory history, IReadOnlyDictionary<string, MoveRequest> requests, MeshEvent first)
{
    /// <summary>Begins a life of the version that is tried.</summary>
    /// <param name="other">The life; what it runs under is set.</param>
    /// <param name="incarnation">Its number.</param>
    /// <param name="recorded">What the agent was defined as.</param>
    /// <param name="state">The state that it had.</param>
    /// <returns>How it began; null where it has to handle all events again, and has not begun.</returns>
    /// <exception cref="GuestRefusedException">The state cannot be moved; the change would be refused for that.</exception>
    public TrialStart? Begin(TriedLife other, int incarnation, AgentDefinition recorded, AgentImage state)
    {
        var (guests, tried) = (other.Setting!.Guests, other.Setting.Definition);
        var (move, problem) = new MoveChooser(guests, requests, (_, _) => null).Choose(recorded, tried);
        if (move is null) throw new GuestRefusedException(problem!);
        if (move.Way == MoveWay.Replay) return null;
        if (move.Way is not { } way) return BeginAnew(other, incarnation);
        other.Begin(incarnation, way == MoveWay.Layout && recorded.ModuleHash == tried.ModuleHash ? state : Moved(guests, As(incarnation, recorded), As(incarnation, tried), state, move));
        return way switch { MoveWay.Migrate => TrialStart.Migrated, MoveWay.Save => TrialStart.Loaded, _ => TrialStart.TakenOver };
    }

    private TrialStart BeginAnew(TriedLife other, int incarnation)
    {
        other.Begin(incarnation, null);
        return other.Run(first).Fault is { } fault ? throw Refused("by none: the new version cannot begin anew", fault.Message) : TrialStart.BegunAnew;
    }

    private AgentImage Moved(IGuestFactory guests, AgentIdentity was, AgentIdentity next, AgentImage state, PlannedMove planned)
    {
        var move = new LineageMove(state.Input, planned.Way!.Value, planned.FromVersion, was.Definition);
        using var before = AgentRunner.Rebuild(was, survey.Names.Identity, guests, state, []);
        var fault = before.TryPrepare(next, move, out var ready);
        using var after = ready;
        fault ??= after!.Run(first, 0).Fault; // what is ready does not look at it
        if (fault is not null) throw Refused($"by {MoveChooser.Word(move.Way)}", fault.Message);
        return after!.Capture() ?? throw Refused($"by {MoveChooser.Word(move.Way)}", "the guest of the new version cannot be saved, so that a trial cannot go back to the state before a turn that fails");
    }

    private GuestRefusedException Refused(string how, string why) => new($"The state of agent '{history.Name}' could not be moved {how}: {why}");

    private AgentIdentity As(int incarnation, AgentDefinition definition) => new(history.Number, history.NameIn(incarnation), incarnation, definition, survey.Names.NameIn);
}
