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
        MomentOf(history, life, at ?? long.MaxValue));

    /// <inheritdoc/>
    public IEnumerable<ReplayStep>? Steps(string agent, long from = 0, long to = long.MaxValue, int maxDetails = 64, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDetails);
        using var journal = JournalFile.Open(stores);
        var survey = LogSurvey.Of(journal, agent, all: false, cancellation);
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
    });

    /// <inheritdoc/>
    public TrialReport? Try(string agent, TrialVersion version, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(version);
        var hash = version.Module is { } bytes ? ModuleStore.HashOf(bytes.Span) : null;
        using var others = version.Module is { } module
            ? new ReplayGuests(DataFolder.ModulesFolderOf(stores.Folder), DataFolder.CacheFolderOf(stores.Folder), new Dictionary<string, ReadOnlyMemory<byte>> { [hash!] = module })
            : null;
        return WithAgent(agent, false, cancellation, (history, life, survey, events) =>
        {
            using var trial = new ModuleTrial(survey, history, events, life, version, hash, others is null ? Guests : others.For);
            return trial.Run(cancellation);
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReplayReport> ReplayAll(int parallel = 0, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        var survey = LogSurvey.OfAll(journal, cancellation);
        var histories = survey.Agents.ToArray();
        var reports = new ReplayReport[histories.Length];
        var options = new ParallelOptions { MaxDegreeOfParallelism = DegreeOf(parallel), CancellationToken = cancellation };
        Unwrapped(() => Parallel.For(0, histories.Length, options, i => reports[i] = WithLife(survey, histories[i], (life, _) =>
            AgentReplay.Run(histories[i], life, histories[i].Turns.Count, verify: true, cancellation))));
        return reports;
    }

    /// <inheritdoc/>
    public MeshMoment MeshAt(long? cut = null, bool hashes = true, int parallel = 0, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        var (state, survey) = MeshMoments.Read(journal, cut, hashes, cancellation);
        MeshMoment? moment = null;
        Unwrapped(() => moment = MeshMoments.Of(state, status => HashAt(survey, status, state.NextOffset - 1), DegreeOf(parallel), cancellation));
        return moment!;
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

    private (StateHash? Hash, string? Problem) HashAt(LogSurvey? survey, AgentStatus status, long cut)
    {
        if (survey?.Find(status.Name) is not { } history) return (null, null);
        try
        {
            return (WithLife(survey, history, (life, _) => Moments.Read(history, life, history.EndOfCut(cut), history.IncarnationAtCut(cut), describe: false).Hash), null);
        }
        catch (Exception e) when (MeshMoments.ProblemOf(e.InnerException ?? e) is not null)
        {
            return (null, MeshMoments.ProblemOf(e.InnerException ?? e));
        }
    }

    private T? WithAgent<T>(string agent, bool all, CancellationToken cancellation, Func<AgentHistory, ReplayLife, LogSurvey, EventLookup, T> use) where T : class
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        var survey = LogSurvey.Of(journal, agent, all, cancellation);
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
