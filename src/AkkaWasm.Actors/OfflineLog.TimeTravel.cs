using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <content>Any moment of the log.</content>
public sealed partial class OfflineLog
{
    /// <inheritdoc/>
    public AgentMoment? AgentAt(string agent, long? at = null, CancellationToken cancellation = default) => WithAgent(agent, false, cancellation, (history, life, _, _) =>
        MomentOf(history, life, at ?? long.MaxValue), at ?? long.MaxValue);

    /// <inheritdoc/>
    public IEnumerable<ReplayStep>? Steps(string agent, long from = 0, long to = long.MaxValue, int maxDetails = 64, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDetails);
        using var journal = JournalFile.Open(stores);
        var survey = LogSurvey.Of(journal, agent, all: false, stores.MaxReplayTurns, cancellation, to);
        return survey.Find(agent) is { } history ? StepsOf(survey, history, from, to, maxDetails, cancellation) : null;
    }

    /// <inheritdoc/>
    public MomentComparison? Compare(string agent, long first, long second, int maxDetails = 64, CancellationToken cancellation = default) =>
        WithAgent(agent, false, cancellation, (history, life, _, _) =>
    {
        var one = MomentOf(history, life, first);
        var other = MomentOf(history, life, second);
        var difference = one.Image is null || other.Image is null || life.Setting.Guests is not IGuestInspection inspection
            ? null
            : inspection.Compare(life.Setting.Definition, one.Image.Guest, other.Image.Guest, maxDetails);
        return new MomentComparison(one, other, difference);
    }, Math.Max(first, second));

    /// <inheritdoc/>
    public IReadOnlyList<ReplayReport> ReplayAll(int parallel = 0, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        return [.. ForAll(journal, parallel, Verify, cancellation).Values];

        ReplayReport Verify(LogSurvey survey, AgentHistory history) =>
            WithLife(survey, history, (life, _) => AgentReplay.Run(history, life, history.Turns.Count, verify: true, cancellation));
    }

    /// <inheritdoc/>
    public MeshMoment MeshAt(long? cut = null, bool hashes = true, int parallel = 0, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        var state = MeshMoments.Read(journal, stores, cut, cancellation);
        var states = hashes ? ForAll(journal, parallel, (survey, history) => history.Number < state.AgentCount ? HashAt(survey, history, state.NextOffset - 1) : default, cancellation) : [];
        return MeshMoments.Of(state, states.Where(s => s.Key < state.AgentCount).ToDictionary(s => state.NameOf(s.Key), s => s.Value));
    }

    /// <inheritdoc/>
    public CauseReport? Why(long position, bool forward = false, int maxDepth = 16, int maxEffects = 200, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        return CauseSearch.Run(journal, position, forward ? (maxDepth, maxEffects) : null, cancellation);
    }

    private MomentReader Moments => new(stores);

    private AgentMoment MomentOf(AgentHistory history, ReplayLife life, long input)
    {
        var (end, incarnation) = history.At(input);
        return Moments.Read(history, life, end, incarnation, describe: true);
    }

    private static int DegreeOf(int parallel) => parallel > 0 ? parallel : Environment.ProcessorCount;

    private IGuestFactory Guests(string writer)
    {
        if (otherGuests is not null) return otherGuests(writer);
        lock (entry) guests ??= new ReplayGuests(DataFolder.ModulesFolderOf(stores.Folder), DataFolder.CacheFolderOf(stores.Folder));
        return guests.For(writer);
    }

    /// <summary>Does something with every agent, several at a time; with more turns than are meant to be in memory the log is gone through more than once.</summary>
    /// <returns>What came of it, by the numbers of the agents.</returns>
    private SortedDictionary<int, T> ForAll<T>(JournalFile journal, int parallel, Func<LogSurvey, AgentHistory, T> use, CancellationToken cancellation)
    {
        var all = new SortedDictionary<int, T>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = DegreeOf(parallel), CancellationToken = cancellation };
        LogSurvey.InGroups(journal, stores.MaxReplayTurns, survey =>
        {
            var results = new T[survey.Wanted.Count];
            Unwrapped(() => Parallel.For(0, results.Length, options, i => results[i] = use(survey, survey.Wanted[i])));
            for (var i = 0; i < results.Length; i++) all[survey.Wanted[i].Number] = results[i];
        }, cancellation);
        return all;
    }

    private (StateHash? Hash, string? Problem) HashAt(LogSurvey survey, AgentHistory history, long cut)
    {
        try
        {
            return (WithLife(survey, history, (life, _) => Moments.Read(history, life, history.EndOfCut(cut), history.IncarnationAtCut(cut), describe: false).Hash), null);
        }
        catch (Exception e) when (MeshMoments.ProblemOf(e.InnerException ?? e) is not null)
        {
            return (null, MeshMoments.ProblemOf(e.InnerException ?? e));
        }
    }

    /// <summary>Does something with the agent that a name stands for at a position.</summary>
    private T? WithAgent<T>(string agent, bool all, CancellationToken cancellation, Func<AgentHistory, ReplayLife, LogSurvey, EventLookup, T> use, long at = long.MaxValue) where T : class
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        var survey = LogSurvey.Of(journal, agent, all, stores.MaxReplayTurns, cancellation, at);
        return survey.Find(agent) is { } history ? WithLife(survey, history, (life, events) => use(history, life, survey, events)) : null;
    }

    /// <summary>Moves along a history, on a connection of its own: several threads may do that at once.</summary>
    private T WithLife<T>(LogSurvey survey, AgentHistory history, Func<ReplayLife, EventLookup, T> use)
    {
        using var journal = JournalFile.Open(stores);
        var events = new EventLookup(journal, survey.Blocks);
        using var life = new ReplayLife(survey, events, Guests, history, stores);
        try
        {
            return use(life, events);
        }
        catch (GuestRefusedException e)
        {
            throw new MeshNodeException(NodeFailure.ModuleRefused, e.Message, e);
        }
    }

    private IEnumerable<ReplayStep> StepsOf(LogSurvey survey, AgentHistory history, long from, long to, int maxDetails, CancellationToken cancellation)
    {
        using var journal = JournalFile.Open(stores);
        var events = new EventLookup(journal, survey.Blocks);
        using var life = new ReplayLife(survey, events, Guests, history, stores);
        var first = from > 0 ? history.EndOfInput(from - 1) : history.Turns.Count == 0 ? 0 : life.FirstTurn(history.Turns[0].Record.Incarnation);
        foreach (var step in new AgentSteps(history, life, events, survey.Names.Identity, maxDetails).Between(first, history.EndOfInput(to), cancellation)) yield return step;
    }

    /// <summary>Lets what one of several threads threw through as it is.</summary>
    private static void Unwrapped(Action parallel)
    {
        try
        {
            parallel();
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }
}
