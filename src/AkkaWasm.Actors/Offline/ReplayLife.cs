using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>
/// Moves one agent along its history: its runner is always in the state after some turn, and runs the next one again under what was in force for it.
/// </summary>
internal sealed partial class ReplayLife(LogSurvey survey, EventLookup events, Func<string, IGuestFactory> guests, AgentHistory history, LogStores stores) : IDisposable
{
    /// <summary>How much longer a turn may take than it might when it was recorded, and how long at least: a replay is no race, but has to end.</summary>
    private const int DeadlineFactor = 10;

    private static readonly TimeSpan MinDeadline = TimeSpan.FromMinutes(1);

    private TurnSetting? setting;
    private TurnSetting? used;
    private AgentRunner? runner;
    private AgentImage? image;

    /// <summary>The life it is in; 0 before the first.</summary>
    public int Incarnation { get; private set; }

    /// <summary>Its runner after the turns so far, or null where none was run in this life or the last one did not repeat itself.</summary>
    public AgentRunner? Current => runner;

    /// <summary>What was in force for the turn that was run last.</summary>
    public TurnSetting Setting => setting ?? throw new InvalidOperationException("No turn was run yet.");

    /// <summary>Runs a successful turn again; the runner goes on from there. One that fails now ends this life's replay.</summary>
    public TurnResult Repeat(int index)
    {
        var turn = Enter(index);
        var input = events.At(turn.Input);
        var result = Runner(index).Run(input, 0);
        if (result.CompactionHelps) result = Compacted(index).Run(input, 0);
        if (result.Fault is not null)
        {
            runner!.Dispose();
            runner = null;
            return result;
        }
        if (runner!.IsCompactionDue) runner.Compact();
        image = null;
        return result;
    }

    /// <summary>Runs a failed turn again, on a runner of its own that is thrown away as it was then.</summary>
    public TurnResult Try(int index)
    {
        var turn = Enter(index);
        using var trial = Another(index);
        return trial.Run(events.At(turn.Input), 0);
    }

    /// <summary>Goes into the state before a turn, in the fastest way: outputs of the turns on the way are compared by their digests.</summary>
    /// <param name="index">The turn; it may be the number of all turns.</param>
    /// <param name="incarnation">The life that is meant.</param>
    /// <param name="from">An image of that life to begin from, one that <see cref="LeadsTo"/> the turn; or null for its first turn, or where the log begins.</param>
    /// <exception cref="LogBeginsLaterException">The log does not have the turns that it takes.</exception>
    /// <exception cref="ReplayDivergedException">A turn did not repeat itself.</exception>
    /// <exception cref="ImageCorruptException">The image cannot be used.</exception>
    public AgentRunner JumpBefore(int index, int incarnation, AgentImage? from)
    {
        Begin(incarnation);
        used = setting = SettingOf(history.InForceBefore(index, incarnation));
        return runner = from is null ? FromStart(index) : Rebuild(from, After(from, index)!, index);
    }

    /// <summary>The state now as an image, or null where the guest cannot be saved.</summary>
    public AgentImage? Capture() => runner is null ? null : image ??= runner.Capture();

    public void Dispose() => runner?.Dispose();

    /// <summary>What was in force for a turn, with more time.</summary>
    public TurnSetting SettingOf(HistoryTurn turn) => SettingOf(turn.InForce);

    private TurnSetting SettingOf(InForce inForce)
    {
        if (setting is not null && setting.InForce == inForce) return setting;
        var definition = inForce.Definition;
        var deadline = definition.Limits.Deadline * DeadlineFactor;
        return new TurnSetting(inForce, definition with { Limits = definition.Limits with { Deadline = deadline > MinDeadline ? deadline : MinDeadline } }, guests(inForce.Writer))
        {
            Deadline = definition.Limits.Deadline,
        };
    }

    private TurnRecord Enter(int index)
    {
        var turn = history.Turns[index];
        if (turn.Record.Incarnation != Incarnation) Begin(turn.Record.Incarnation);
        setting = SettingOf(turn);
        return turn.Record;
    }

    private void Begin(int incarnation)
    {
        runner?.Dispose();
        (runner, image, used, Incarnation) = (null, null, null, incarnation);
    }

    /// <summary>The runner in the state before a turn, under what was in force for it.</summary>
    private AgentRunner Runner(int index)
    {
        if (runner is not null && used == setting) return runner;
        var next = Another(index);
        runner?.Dispose();
        used = setting;
        return runner = next;
    }

    /// <summary>Another runner in the state before a turn: from an image, or for a guest that cannot be saved from its first turn.</summary>
    private AgentRunner Another(int index) => Capture() is { } saved ? Rebuild(saved, [], index) : FromStart(index);

    /// <summary>The runner before a turn that exhausted the GC heap, without garbage; as it was done when it was recorded.</summary>
    private AgentRunner Compacted(int index)
    {
        runner!.Dispose();
        runner = FromStart(index);
        if (runner.MayHaveGarbage) runner.Compact();
        return runner;
    }

    /// <summary>A runner after some turns; where the turn at the index is the one that moves the state of its life, that is what it does next.</summary>
    private AgentRunner Rebuild(AgentImage? from, IEnumerable<LineageTurn> turns, int index)
    {
        var due = history.MoveOf(Incarnation) is { } move && turns.All(t => t.Input != move.Input) && history.Successes(Incarnation, index).All(t => t.Input != move.Input) ? move : null;
        List<LineageMove> moves = [.. MovesAmong(turns)];
        if (due is not null) moves.Add(due);
        var (steps, begins) = LineagePath.Of(turns, moves, setting!.Definition);
        var imageOf = from is null || (from.Agent == history.NameIn(Incarnation) && from.Incarnation == Incarnation)
            ? null
            : IdentityOf(survey.Names.NumberIn(from.Agent, from.Incarnation), from.Incarnation, begins);
        return AgentRunner.Rebuild(
            IdentityOf(history.Number, Incarnation, setting.Definition), survey.Names.Identity, setting.Guests, from, steps.Select(Recorded), imageOf, begins, due);
    }

    /// <summary>There are few moves, and there may be many turns.</summary>
    private IEnumerable<LineageMove> MovesAmong(IEnumerable<LineageTurn> turns)
    {
        var others = turns.Select(t => t.Agent).Where(agent => agent != history.Number).Distinct().Select(survey.Find).OfType<AgentHistory>();
        LineageMove[] moves = [.. others.Prepend(history).SelectMany(h => h.Moves).DistinctBy(move => move.Input)];
        if (moves.Length == 0) return moves;
        var inputs = moves.Select(move => move.Input).ToHashSet();
        var among = turns.Select(t => t.Input).Where(inputs.Contains).ToHashSet();
        return moves.Where(move => among.Contains(move.Input));
    }

    private RecordedTurn Recorded(LineageStep step) => new(events.At(step.Turn.Input), step.Turn.Digest)
    {
        As = step.Turn.Agent == history.Number && step.Turn.Incarnation == Incarnation && ReferenceEquals(step.Definition, setting!.Definition)
            ? null
            : IdentityOf(step.Turn.Agent, step.Turn.Incarnation, step.Definition),
        Move = step.Move, IsFree = step.IsFree,
    };

    /// <summary>An agent in one of its lives; another's turns are repeated as this one's.</summary>
    private AgentIdentity IdentityOf(int agent, int incarnation, AgentDefinition definition) => new(agent, survey.Names.NameIn(agent, incarnation), incarnation, definition, survey.Names.NameIn);
}

/// <summary>How a turn is run again.</summary>
/// <param name="InForce">What was in force for it.</param>
/// <param name="Definition">The agent's definition; its turns may take longer than they might then.</param>
/// <param name="Guests">Makes guests as they were made then.</param>
internal sealed record TurnSetting(InForce InForce, AgentDefinition Definition, IGuestFactory Guests)
{
    /// <summary>How long a turn might take then.</summary>
    public TimeSpan Deadline { get; init; }
}
