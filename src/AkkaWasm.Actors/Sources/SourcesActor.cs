using System.Collections.Immutable;
using Akka.Actor;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Supervision;
using Microsoft.Extensions.Logging;

namespace AkkaWasm.Actors.Sources;

/// <summary>Supervises the sources: they run while the shard serves, begin again after a failure with back-off, and are given up after a few in a row.</summary>
internal sealed partial class SourcesActor : UntypedActor
{
    private readonly MeshNodeOptions options;
    private readonly NodeBoard board;
    private readonly ILogger logger;
    private readonly Dictionary<string, Source> sources;
    private IActorRef? shard;
    private IActorRef publisher = ActorRefs.Nobody;
    private IActorRef? stopRequester;

    public SourcesActor(MeshNodeOptions options, NodeBoard board)
    {
        this.options = options;
        this.board = board;
        logger = options.Logs.CreateLogger("AkkaWasm.Sources");
        sources = options.Sources.ToDictionary(s => s.Name, s => new Source(s), StringComparer.Ordinal);
    }

    /// <summary>A source that fails is ended; it begins again from its cursor.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => Akka.Actor.SupervisorStrategy.StoppingStrategy;

    protected override void PreStart() => Show();

    protected override void PostRestart(Exception reason)
    {
        base.PostRestart(reason);
        Context.Parent.Tell(new ComponentIsBack());
    }

    protected override void PostStop()
    {
        foreach (var source in sources.Values) source.Timer?.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ShardIsUp up: StartAll(up.Shard); break;
            case ShardIsDown: StopAll(); break;
            case SourceReported reported: Take(sources[reported.Status.Name], reported); break;
            case Begin begin: Start(begin.Source); break;
            case Terminated ended: Ended(ended.ActorRef); break;
            case StopIntake: StopForGood(); break;
            case PauseSources: Pause(); break;
            case ResumeSources: Resume(); break;
        }
    }

    private void StartAll(IActorRef servingShard)
    {
        shard = servingShard;
        if (isPaused) return;
        publisher = Context.ActorOf(Props.Create(() => new ShardPublisher(servingShard)));
        foreach (var source in sources.Values.Where(s => s.State is SourceState.Waiting)) Start(source);
        Show();
    }

    private void StopAll()
    {
        shard = null;
        Context.Stop(publisher);
        foreach (var source in sources.Values.Where(s => s.State is SourceState.Reading or SourceState.Restarting))
        {
            source.State = SourceState.Waiting;
            if (source.Actor is not null) Context.Stop(source.Actor);
        }
        Show();
    }

    private void Start(Source source)
    {
        if (shard is null || isPaused || stopRequester is not null || source.State is not (SourceState.Waiting or SourceState.Restarting)) return;
        if (source.Actor is not null) return; // the old actor is still ending
        source.Problem = null;
        source.State = SourceState.Reading;
        source.Actor = Context.Watch(Context.ActorOf(PropsOf(source, shard), GroupNode.NameOf(source.Options.Name)));
        Show();
    }

    private Props PropsOf(Source source, IActorRef servingShard)
    {
        var (self, life) = (Self, source.Life = new object());
        source.HasBegun = false;
        return FileSourceActor.Props(source.Options, ShardPublisher.Through(publisher), CursorAsync, status => self.Tell(new SourceReported(status, life)), options.Time);

        async Task<ReadOnlyMemory<byte>?> CursorAsync() =>
            (await servingShard.Ask<SourceCursorIs>(new GetSourceCursor(source.Options.Name), Timeout.InfiniteTimeSpan).ConfigureAwait(false)).Cursor;
    }

    private void Take(Source source, SourceReported reported)
    {
        if (source.Life != reported.From || source.State != SourceState.Reading) return;
        var status = reported.Status;
        if (status.State == SourceState.Reading && !source.HasBegun) Log.SourceStarts(logger, status.Name, source.Options.Path, status.Elements);
        source.HasBegun |= status.State == SourceState.Reading;
        board.AddSourceBytes(status.BytesRead - source.BytesRead);
        (source.BytesRead, source.BytesTotal) = (status.BytesRead, status.BytesTotal);
        if (status.Elements > source.Elements) source.FailuresInRow = 0;
        if (status.State is not SourceState.Waiting) source.Elements = status.Elements;
        source.Problem = status.Problem ?? source.Problem;
        source.RetryHelps = status.State != SourceState.Failed;
        if (status.State == SourceState.Drained) Drained(source);
        Show();
    }

    private void Drained(Source source)
    {
        source.State = SourceState.Drained;
        Log.SourceDrained(logger, source.Options.Name, source.Elements);
        Context.Stop(source.Actor);
    }

    private void Ended(IActorRef actor)
    {
        if (sources.Values.FirstOrDefault(s => actor.Equals(s.Actor)) is not { } source)
        {
            TellPaused();
            return;
        }
        source.Actor = null;
        if (source.State == SourceState.Reading) Failed(source);
        else if (source.State == SourceState.Waiting) Start(source);
        TellPaused();
        if (stopRequester is not null && sources.Values.All(s => s.Actor is null)) stopRequester.Tell(new IntakeIsStopped());
    }

    private void Failed(Source source)
    {
        source.Problem ??= $"The source '{source.Options.Name}' ended unexpectedly.";
        if (!source.RetryHelps || ++source.FailuresInRow > source.Options.MaxRestarts)
        {
            source.State = SourceState.Failed;
            Log.SourceFailed(logger, source.Options.Name, source.Problem);
        }
        else
        {
            source.State = SourceState.Restarting;
            var wait = Backoff.After(source.FailuresInRow, options.MinBackoff, options.MaxBackoff);
            Log.SourceRestarts(logger, source.Options.Name, wait, source.Problem);
            var (self, begin) = (Self, new Begin(source));
            source.Timer?.Dispose();
            source.Timer = options.Time.CreateTimer(_ => self.Tell(begin), null, wait, Timeout.InfiniteTimeSpan);
        }
        Show();
    }

    private void StopForGood()
    {
        stopRequester = Sender;
        foreach (var source in sources.Values.Where(s => s.Actor is not null)) Context.Stop(source.Actor);
        foreach (var source in sources.Values.Where(s => s.State == SourceState.Reading)) source.State = SourceState.Waiting;
        if (sources.Values.All(s => s.Actor is null)) Sender.Tell(new IntakeIsStopped());
    }

    private void Show()
    {
        ImmutableArray<SourceStatus> now = [.. options.Sources.Select(s => sources[s.Name].Status)];
        board.ShowSources(now);
        Context.Parent.Tell(new SourcesChanged(now.All(s => s.State == SourceState.Drained), now.FirstOrDefault(s => s.State == SourceState.Failed)?.Problem));
    }

    private sealed record Begin(Source Source);

    private sealed class Source(FileSourceOptions options)
    {
        public FileSourceOptions Options => options;

        public SourceState State { get; set; } = SourceState.Waiting;

        public long Elements { get; set; }

        public string? Problem { get; set; }

        public long BytesRead { get; set; }

        public long BytesTotal { get; set; }

        public int FailuresInRow { get; set; }

        public bool RetryHelps { get; set; } = true;

        public bool HasBegun { get; set; }

        /// <summary>Tells what the running actor says from what an earlier one had said.</summary>
        public object? Life { get; set; }

        public IActorRef? Actor { get; set; }

        public ITimer? Timer { get; set; }

        public SourceStatus Status => new(options.Name, State, Elements, Problem) { BytesRead = BytesRead, BytesTotal = BytesTotal };
    }
}
