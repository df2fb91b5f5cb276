using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Agents;

/// <summary>
/// Owns the guest of one agent. One message may carry many events; each is one turn. It is not persistent: what it was is rebuilt from image and log
/// whenever the shard begins a life of it.
/// </summary>
internal sealed partial class AgentActor : UntypedActor
{
    private const int ResultsAtATime = 64;
    private static readonly long FlushTicks = Stopwatch.Frequency / 500; // 2 ms, so that a batch of slow turns is not held back

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly AgentContext context;
    private readonly ImmutableArray<TurnResult>.Builder results = ImmutableArray.CreateBuilder<TurnResult>(ResultsAtATime);
    private StartAgent? start;
    private AgentRunner? runner;
    private string? unusableImage;
    private Queue<long> olderImages = [];
    private long lastActive;
    private ITimer? idleTimer;

    public AgentActor(AgentContext context) => this.context = context;

    private int Number => start!.Plan.Agent.Number;

    private int Token => start!.Plan.Token;

    public static Props Props(AgentContext context) => Akka.Actor.Props.Create(() => new AgentActor(context));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Deliver deliver: Handle(deliver); break;
            case StartAgent begin: Start(begin); break;
            case ImageFetched fetched: Continue(fetched); break;
            case FetchAgain again when start is not null && again.Token == Token: Fetch(again.UpTo); break;
            case RebuildAgain again when start is not null && again.Token == Token: Rebuild(again.Image); break;
            case PrepareMove prepare when start is not null && prepare.Token == Token: Prepare(prepare); break;
            case SwapGuest swap when start is not null && swap.Token == Token: Swap(swap); break;
            case DropPrepared drop when start is not null && drop.Token == Token: DropPreparedGuest(); break;
            case HashState hash: context.Shard.Tell(new StateIsHashed(hash.Agent, runner?.Hash())); break;
            case IdleCheck check when start is not null && check.Token == Token: SleepIfIdle(); break;
            case SnapshotCheck check when start is not null && check.Token == Token: SaveIfDue(); break;
            case FallAsleep sleep when start is not null && sleep.Token == Token: FallAsleep(sleep.Forced); break;
            case Finish finish: SaveAndFinish(finish.Agent); break;
            case GuestFailedException failure: throw failure;
        }
    }

    /// <summary>A failure that the core decided about is known there; any other is a fault of this program.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        if (reason is not GuestFailedException && start is not null)
        {
            Log.AgentActorFailed(context.Logger, start.Plan.Agent.Name, reason);
            context.Shard.Tell(new AgentIsUnavailable(Number, Token, new GuestFault(FaultKind.Operating, "internal-error", $"The agent's actor failed: {reason.Message}")));
        }
        base.PreRestart(reason, message);
    }

    protected override void PostStop() => EndLife();

    private void Start(StartAgent begin)
    {
        EndLife();
        start = begin;
        unusableImage = null;
        var plan = begin.Plan;
        olderImages = new Queue<long>(plan.OlderImages);
        if (plan.Image is not null || plan.SavedImage is null) Rebuild(plan.Image);
        else Fetch(plan.SavedImage.Input);
    }

    private void FetchOlder()
    {
        if (olderImages.TryDequeue(out var input)) Fetch(input);
        else Rebuild(null);
    }

    private void Fetch(long upTo)
    {
        var (token, planned) = (Token, start!.Plan.SavedImage!);
        var load = context.Images.LoadAsync(context.Names.In(planned.Agent, planned.Incarnation), planned.Incarnation, upTo);
        if (load.IsCompletedSuccessfully) Continue(new ImageFetched(token, upTo, load.Result, null));
        else
        {
            load.PipeTo(Self,
                success: image => new ImageFetched(token, upTo, image, null),
                failure: e => new ImageFetched(token, upTo, null, e));
        }
    }

    private void Continue(ImageFetched fetched)
    {
        if (start is null || fetched.Token != Token) return;
        if (fetched.Failure is { } failure && StoreFaults.CanPass(failure))
        {
            FetchLater(fetched.UpTo, failure);
            return;
        }
        if (!(fetched.Image is { } image && AgentRebuild.IsOf(image, start.Plan.SavedImage! with { Input = fetched.UpTo }, context)))
            RefuseImage(fetched.UpTo, fetched.Failure?.Message ?? "it is not in the snapshot store.");
        if (fetched.Image is not null) Rebuild(fetched.Image);
        else FetchOlder();
    }

    private void RefuseImage(long input, string reason)
    {
        Log.ImageUnusable(context.Logger, start!.Plan.Agent.Name, input, reason);
        unusableImage ??= $"The image at {input} cannot be used: {reason}";
    }

    private void Rebuild(AgentImage? image)
    {
        var plan = start!.Plan;
        try
        {
            runner = AgentRebuild.Run(context, start, image);
        }
        catch (Exception e) when (StoreFaults.CanPass(e))
        {
            RebuildLater(image, e);
            return;
        }
        catch (ImageCorruptException e) when (image is not null)
        {
            RefuseImage(image.Input, e.Message);
            FetchOlder();
            return;
        }
        catch (Exception e)
        {
            Log.AgentUnavailable(context.Logger, plan.Agent.Name, e.Message);
            context.Shard.Tell(new AgentIsUnavailable(Number, Token, AgentRebuild.FaultOf(e)));
            return;
        }
        if (plan.Compact && runner.MayHaveGarbage) Compact();
        WatchSnapshots(runner.Turns - (image?.Turns ?? 0));
        context.Shard.Tell(new AgentIsReady(Number, Token, unusableImage));
        if (unusableImage is not null) ReplaceImage();
        else if (plan.Compact) TakeImage(); // the next time that the heap is exhausted there is less to repeat
        WatchIdleness();
    }

    private void Handle(Deliver deliver)
    {
        if (runner is null || deliver.Token != Token) return;
        lastActive = context.Time.GetTimestamp();
        var flushed = Stopwatch.GetTimestamp();
        foreach (var input in deliver.Events)
        {
            if (freeSince != 0) NoteSwapped(input);
            if (runner.Skips(input)) continue;
            var result = Measured(input);
            results.Add(result);
            if (result.Fault is not null)
            {
                EndGuest();
                break;
            }
            CompactIfDue();
            snapshots.Count(input);
            if (snapshots.MayBeDue) SaveIfDue();
            if (results.Count < ResultsAtATime && Stopwatch.GetTimestamp() - flushed < FlushTicks) continue;
            Flush();
            flushed = Stopwatch.GetTimestamp();
        }
        Flush();
        SaveAfterSwap();
    }

    /// <summary>What goes wrong in the host while a guest runs fails the turn, so that its retries are bounded like those of any failure.</summary>
    private TurnResult RunTurn(MeshEvent input)
    {
        try
        {
            return runner!.Run(input, Token);
        }
        catch (Exception e)
        {
            Log.AgentActorFailed(context.Logger, start!.Plan.Agent.Name, e);
            var fault = new GuestFault(FaultKind.Operating, "internal-error", $"The host failed while the guest ran: {e.Message}");
            return new TurnResult { Agent = Number, Token = Token, Input = input.Offset, Fault = fault };
        }
    }

    private void CompactIfDue()
    {
        if (runner!.IsCompactionDue) Compact();
    }

    /// <summary>Between two turns. Where the host has no room for a second guest, the first goes on until there is.</summary>
    private void Compact()
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            var (before, after) = runner!.Compact();
            var pause = Stopwatch.GetElapsedTime(begun);
            GuestMetrics.Compacted(start!.Plan.Agent.Definition.Name, pause, before, after);
            Log.Compacted(context.Logger, start.Plan.Agent.Name, before, after, pause.TotalMilliseconds);
        }
        catch (HostExhaustedException e)
        {
            Log.NotCompacted(context.Logger, start!.Plan.Agent.Name, e.Message);
        }
    }

    private void Flush()
    {
        if (results.Count == 0) return;
        context.Shard.Tell(new TurnsDone(results.ToImmutable(), TakeUse()));
        results.Clear();
    }

    private void WatchIdleness()
    {
        lastActive = context.Time.GetTimestamp();
        if (start!.Plan.Agent.Definition.PassivateIdleAfter is not { } after) return;
        var (self, check) = (Self, new IdleCheck(Token));
        idleTimer = context.Time.CreateTimer(_ => self.Tell(check), null, Bounded(after), Timeout.InfiniteTimeSpan);
    }

    /// <summary>A timer waits some weeks at most; who is to wait longer looks again meanwhile.</summary>
    private static TimeSpan Bounded(TimeSpan wait) => wait < LongestWait ? wait : LongestWait;

    /// <summary>A guest that cannot be saved stays awake: to wake it would be to replay all its turns.</summary>
    private void SleepIfIdle()
    {
        if (runner is null) return;
        var after = start!.Plan.Agent.Definition.PassivateIdleAfter!.Value;
        var idle = context.Time.GetElapsedTime(lastActive);
        if (idle >= after)
        {
            if (!TakeImage()) return;
            context.Shard.Tell(new AgentIsIdle(Number, Token));
            idle = TimeSpan.Zero;
        }
        idleTimer?.Change(Bounded(after - idle), Timeout.InfiniteTimeSpan);
    }

    /// <summary>The guest is given back before the shard is told, so that there are never more than may be.</summary>
    private void FallAsleep(bool forced)
    {
        if (runner is null) return;
        if (!TakeImage() && !forced)
        {
            context.Shard.Tell(new AgentStaysAwake(Number, Token));
            return;
        }
        EndGuest();
        context.Shard.Tell(new AgentIsAsleep(Number, Token));
    }

    private void SaveAndFinish(int agent)
    {
        if (runner is not null) TakeImage();
        context.Shard.Tell(new AgentIsFinished(agent));
    }

    private void EndLife()
    {
        idleTimer?.Dispose();
        snapshotTimer?.Dispose();
        (idleTimer, snapshotTimer) = (null, null);
        EndWaiting();
        EndPause(freeSince);
        EndGuest();
        ForgetUse();
    }

    private void EndGuest()
    {
        runner?.Dispose();
        runner = null;
        DropPreparedGuest();
        hasSwapped = false;
    }

    private sealed record ImageFetched(int Token, long UpTo, AgentImage? Image, Exception? Failure);

    private sealed record IdleCheck(int Token);
}
