using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Gives events that an agent was handed to another version of it, and compares.</summary>
/// <param name="survey">What is known of the log.</param>
/// <param name="history">The agent.</param>
/// <param name="events">Finds events.</param>
/// <param name="life">Replays the recorded version.</param>
/// <param name="moments">Brings that into older states.</param>
/// <param name="setup">What is tried.</param>
internal sealed class ModuleTrial(LogSurvey survey, AgentHistory history, EventLookup events, ReplayLife life, MomentReader moments, TrialSetup setup) : IDisposable
{
    /// <summary>How long a turn of the other version may take at least; one that never ends costs that much for every event.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(10);

    private readonly TriedLife other = new(survey, history);
    private readonly TrialTally tally = new(setup.MaxDetails);
    private TrialStart? start;
    private long turnsBefore;

    /// <exception cref="ReplayDivergedException">The recorded version does not repeat itself.</exception>
    /// <exception cref="LogBeginsLaterException">The log does not have the turns that it takes.</exception>
    public TrialReport Run(CancellationToken cancellation)
    {
        var compared = Compared();
        string? problem = null;
        for (var i = 0; i < compared.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (setup.IsOver())
            {
                problem = $"The time for the trial was over when {i} of {compared.Count} turns of agent '{history.Name}' were compared; compare fewer, or allow more time (trials.max-time).";
                break;
            }
            Compare(compared[i], cancellation);
        }
        var recorded = compared.Count == 0 ? "" : history.Turns[compared[^1]].InForce.Definition.ModuleHash;
        return tally.Report(history.Name, other.Setting?.Definition.ModuleHash ?? "", recorded) with { Start = start ?? TrialStart.FirstTurn, TurnsBefore = turnsBefore, Problem = problem };
    }

    public void Dispose() => other.Dispose();

    /// <summary>The turns that are compared: of an event that was tried again in the same life only the last attempt.</summary>
    private List<int> Compared()
    {
        var compared = new List<int>();
        for (var index = history.Turns.Count - 1; index >= 0 && !(compared.Count >= setup.Turns); index--)
        {
            var turn = history.Turns[index].Record;
            if (turn.Offset < setup.Since) break;
            var isLast = index + 1 == history.Turns.Count || history.Turns[index + 1].Record is var next && (next.Input != turn.Input || next.Incarnation != turn.Incarnation);
            if (turn.Fault is null || isLast) compared.Add(index);
        }
        compared.Reverse();
        return compared;
    }

    private void Compare(int index, CancellationToken cancellation)
    {
        var turn = history.Turns[index].Record;
        other.Setting = SettingOf(history.Turns[index].InForce);
        if (turn.Incarnation != other.Incarnation) Begin(index, turn.Incarnation, cancellation);
        var was = RunRecorded(index, turn);
        var input = events.At(turn.Input);
        tally.Add(was, other.Run(input), setup.IsQuarantined(turn.Input), () => Committed(input), turn.Incarnation);
    }

    private TrialOutcome RunRecorded(int index, TurnRecord turn)
    {
        if (turn.Fault is not null) return new TrialOutcome(turn.Fault, [], turn.Fuel, life.Incarnation == turn.Incarnation ? TriedLife.MemoryOf(life.Current) : 0);
        var began = TimeProvider.System.GetTimestamp();
        var result = life.Repeat(index);
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        if (AgentReplay.Difference(turn, result) is { } difference)
            throw new ReplayDivergedException(
                $"The recorded version of agent '{history.Name}' does something else with the event at offset {turn.Input}, so that there is nothing to compare with: {difference}.");
        return new TrialOutcome(null, [.. result.Outputs], turn.Fuel, TriedLife.MemoryOf(life.Current)) { Elapsed = elapsed };
    }

    /// <summary>Begins a life of the other version with the state before its first turn that is compared.</summary>
    private void Begin(int index, int incarnation, CancellationToken cancellation)
    {
        var path = history.Path(incarnation, index, survey.Find);
        var last = path.Turns.Select(turn => (long?)turn.Input).LastOrDefault() ?? path.From?.Input;
        if (last is not { } upTo)
        {
            start ??= TrialStart.FirstTurn;
            other.Begin(incarnation, null);
            return;
        }
        var recorded = history.InForceBefore(index, incarnation).Definition;
        moments.Reach(history, life, index, incarnation, upTo);
        if (setup.TakesStateOver && life.Capture() is { } state
            && new TrialMove(survey, history, setup.Moves, events.At(history.Turns[index].Record.Input)).Begin(other, incarnation, recorded, state) is { } moved)
        {
            start ??= moved;
            return;
        }
        start ??= TrialStart.Replayed;
        Replay(incarnation, path, cancellation);
    }

    /// <summary>Makes the state by the turns that made that of the recorded version, in this life.</summary>
    private void Replay(int incarnation, AgentPath path, CancellationToken cancellation)
    {
        if (path.From is not null || path.Turns.Any(t => t.Input < survey.Beginning.Offset))
            throw new LogBeginsLaterException($"Another version of agent '{history.Name}' cannot be tried: that needs its turns from the first one on, and {LogBeginningText.Of(survey.Beginning)}.", survey.Beginning);
        other.Begin(incarnation, null);
        foreach (var turn in path.Turns)
        {
            cancellation.ThrowIfCancellationRequested();
            if (setup.IsOver()) return;
            other.Run(events.At(turn.Input));
            turnsBefore++;
        }
    }

    private CommittedEvent Committed(MeshEvent input)
    {
        var identity = survey.Names.Identity;
        return new CommittedEvent(new Position(0, input.Epoch, input.Offset), identity.IdOf(input), identity.SourceOf(input), input);
    }

    private TurnSetting SettingOf(InForce inForce)
    {
        if (other.Setting is { } known && known.InForce == inForce) return known;
        var tried = setup.Change(inForce.Definition);
        var deadline = tried.Limits.Deadline;
        return new TurnSetting(inForce, tried with { Limits = tried.Limits with { Deadline = deadline > LongestTurn ? deadline : LongestTurn } }, setup.Guests(inForce.Writer)) { Deadline = deadline };
    }
}
