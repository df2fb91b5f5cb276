using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Gives every event that an agent was handed to another version of it, and compares.</summary>
internal sealed class ModuleTrial : IDisposable
{
    /// <summary>After how many successes the other version is captured, so that a failure costs no more turns than that.</summary>
    private const int ImageEveryTurns = 256;

    /// <summary>How long a turn of the other version may take at least; one that never ends costs that much for every event.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(10);

    private readonly AgentHistory history;
    private readonly LogSurvey survey;
    private readonly EventLookup events;
    private readonly ReplayLife life;
    private readonly TrialVersion version;
    private readonly string? moduleHash;
    private readonly Func<string, IGuestFactory> guests;
    private readonly List<RecordedTurn> sinceImage = [];
    private readonly ImmutableArray<TrialTurn>.Builder details = ImmutableArray.CreateBuilder<TrialTurn>();
    private TrialTotals recorded = new(0, 0, 0, 0, 0);
    private TrialTotals other = new(0, 0, 0, 0, 0);
    private AgentRunner? runner;
    private AgentImage? image;
    private TurnSetting? setting;
    private int incarnation;
    private long turns;
    private long differing;

    /// <param name="survey">What is known of the log.</param>
    /// <param name="history">The agent.</param>
    /// <param name="events">Finds events.</param>
    /// <param name="life">Replays the recorded version.</param>
    /// <param name="version">The other version.</param>
    /// <param name="moduleHash">The hash of its module, or null for the recorded one.</param>
    /// <param name="guests">Makes guests of either.</param>
    public ModuleTrial(LogSurvey survey, AgentHistory history, EventLookup events, ReplayLife life, TrialVersion version, string? moduleHash, Func<string, IGuestFactory> guests)
    {
        (this.survey, this.history, this.events, this.life) = (survey, history, events, life);
        (this.version, this.moduleHash, this.guests) = (version, moduleHash, guests);
    }

    /// <exception cref="ReplayDivergedException">The recorded version does not repeat itself.</exception>
    public TrialReport Run(CancellationToken cancellation)
    {
        for (var index = 0; index < history.Turns.Count; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            var turn = history.Turns[index].Record;
            var isLast = index + 1 == history.Turns.Count || history.Turns[index + 1].Record is var next && (next.Input != turn.Input || next.Incarnation != turn.Incarnation);
            if (turn.Fault is not null && !isLast) continue;
            Compare(turn, RunRecorded(index, turn), RunOther(index, turn));
        }
        var modules = history.Turns.Count == 0 ? ("", "") : (ModuleOf(life.SettingOf(history.Turns[^1]).Definition), life.SettingOf(history.Turns[^1]).Definition.ModuleHash);
        return new TrialReport(history.Name, modules.Item1, modules.Item2, turns, differing, details.ToImmutable(), recorded, other);
    }

    public void Dispose() => runner?.Dispose();

    private string ModuleOf(AgentDefinition definition) => moduleHash ?? definition.ModuleHash;

    private TrialOutcome RunRecorded(int index, TurnRecord turn)
    {
        if (turn.Fault is not null) return new TrialOutcome(turn.Fault, [], turn.Fuel, life.Incarnation == turn.Incarnation ? MemoryOf(life.Current) : 0);
        var result = life.Repeat(index);
        if (AgentReplay.Difference(turn, result) is { } difference)
            throw new ReplayDivergedException(
                $"The recorded version of agent '{history.Name}' does something else with the event at offset {turn.Input}, so that there is nothing to compare with: {difference}.");
        return new TrialOutcome(null, [.. result.Outputs], turn.Fuel, MemoryOf(life.Current));
    }

    private TrialOutcome RunOther(int index, TurnRecord turn)
    {
        setting = SettingOf(history.Turns[index]);
        if (turn.Incarnation != incarnation || runner is null) Begin(turn.Incarnation);
        return RunOne(events.At(turn.Input));
    }

    private TrialOutcome RunOne(MeshEvent input)
    {
        var memory = MemoryOf(runner);
        var result = runner!.Run(input, 0);
        if (result.CompactionHelps)
        {
            Rebuild();
            if (runner.MayHaveGarbage) runner.Compact();
            result = runner.Run(input, 0);
        }
        if (result.Fault is { } fault)
        {
            Rebuild();
            return new TrialOutcome(fault, [], result.Fuel, memory);
        }
        if (runner.IsCompactionDue) runner.Compact();
        Note(new RecordedTurn(input, result.Digest));
        return new TrialOutcome(null, [.. result.Outputs], result.Fuel, MemoryOf(runner));
    }

    private void Compare(TurnRecord turn, TrialOutcome was, TrialOutcome becomes)
    {
        turns++;
        recorded = Add(recorded, was);
        other = Add(other, becomes);
        var isSame = was.Fault is { } a
            ? becomes.Fault is { } b && a.Kind == b.Kind && a.Code == b.Code
            : becomes.Fault is null && TurnResult.DigestOf(was.Outputs) == TurnResult.DigestOf(becomes.Outputs);
        if (isSame) return;
        differing++;
        if (details.Count >= version.MaxDetails) return;
        var input = events.At(turn.Input);
        var identity = survey.Names.Identity;
        details.Add(new TrialTurn(
            new CommittedEvent(new Position(0, input.Epoch, input.Offset), identity.IdOf(input), identity.SourceOf(input), input), turn.Incarnation, was, becomes));
    }

    private void Begin(int number)
    {
        incarnation = number;
        image = null;
        sinceImage.Clear();
        Rebuild();
        if (history.InheritedInput(number) == Position.None) return;
        // What the life goes on from was made by turns before it; the other version makes them anew, in this life.
        var path = history.Path(number, 0, survey.Find);
        if (path.From is not null || path.Turns.Exists(t => t.Input < survey.Beginning.Offset))
            throw new LogBeginsLaterException($"Another version of agent '{history.Name}' cannot be tried: that needs its turns from the first one on, and {LogBeginningText.Of(survey.Beginning)}.", survey.Beginning);
        foreach (var turn in path.Turns) RunOne(events.At(turn.Input));
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(runner))]
    private void Rebuild()
    {
        runner?.Dispose();
        var identity = new AgentIdentity(history.Number, history.Name, incarnation, setting!.Definition, survey.Names.NameOf);
        runner = AgentRunner.Rebuild(identity, survey.Names.Identity, setting.Guests, image, sinceImage);
    }

    private void Note(RecordedTurn turn)
    {
        sinceImage.Add(turn);
        if (sinceImage.Count < ImageEveryTurns || runner!.Capture() is not { } captured) return;
        image = captured;
        sinceImage.Clear();
    }

    private TurnSetting SettingOf(HistoryTurn turn)
    {
        var original = life.SettingOf(turn);
        if (setting is not null && setting.InForce == original.InForce) return setting;
        var definition = original.Definition with
        {
            Limits = original.Definition.Limits with { Deadline = original.Deadline > LongestTurn ? original.Deadline : LongestTurn },
            ModuleHash = ModuleOf(original.Definition), ModuleFile = moduleHash is null ? original.Definition.ModuleFile : version.ModuleFile, Config = version.Config ?? original.Definition.Config,
        };
        return original with { Definition = definition, Guests = guests(turn.InForce.Writer) };
    }

    private static TrialTotals Add(TrialTotals totals, TrialOutcome outcome) => new(
        totals.Successes + (outcome.Fault is null ? 1 : 0), totals.Failures + (outcome.Fault is null ? 0 : 1), totals.Outputs + outcome.Outputs.Count(o => o is not LineLogged),
        totals.Fuel + outcome.Fuel, outcome.MemoryBytes);

    private static long MemoryOf(AgentRunner? runner) => runner is { IsUsable: true } ? runner.Usage.MemoryBytes : 0;
}
