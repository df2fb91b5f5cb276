using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Persistence;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Actors.Supervision;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using Microsoft.Extensions.Logging;
using NodeLog = AkkaWasm.Actors.Log;

namespace AkkaWasm.Actors.Shards;

/// <summary>
/// Sequencer and committer of one log: a persistent actor that drives the core's <see cref="Shard"/>. Every message is an input; then the core's
/// effects are carried out, and what was appended is persisted as one block. One block is in flight at a time, and the next fills meanwhile: Akka
/// sends a second one only when this actor has seen the first one's success, so that two would win nothing, and a rejected one could leave a hole.
/// </summary>
internal sealed partial class ShardActor : UntypedPersistentActor
{
    private const int InputsAtATime = 16;

    private readonly ShardContext context;
    private readonly long maxSnapshotSequenceNr;
    private readonly Shard shard;
    private readonly AgentNames names;
    private readonly ILogger logger;
    private readonly ImageStore images;
    private readonly StateStore? states;
    private readonly EventIdentity identity;
    private readonly ITimer alarm;
    private readonly List<(object Message, IActorRef Sender)> early = [];
    private readonly List<IActorRef> idleWatchers = [];
    private IActorRef supervisors = ActorRefs.Nobody;
    private long restoredFrom;
    private long? unusableState;
    private long? armedFor;
    private int agentsKnown;
    private int inputsTaken;
    private bool isWriting;
    private bool isOpen;
    private bool isReady;

    public ShardActor(ShardContext context, long maxSnapshotSequenceNr)
    {
        this.context = context;
        this.maxSnapshotSequenceNr = maxSnapshotSequenceNr;
        shard = new Shard(context.Options) { Guests = context.Guests };
        (names, identity, publishers) = (context.Names, context.Identity, new PublishGate.Publisher[context.Options.PublishersAtATime]);
        logger = context.Logs.CreateLogger("AkkaWasm.Shard");
        var snapshots = Akka.Persistence.Persistence.Instance.Apply(Context.System).SnapshotStoreFor(null);
        images = new ImageStore(snapshots, context.Parts, context.SavedImages, context.ImagesAreInTable, context.Options, context.Time);
        states = context is { ImagesAreInTable: true, SavedImages: { } table, Parts: { } parts } ? new StateStore(table, parts) : null;
        var self = Self;
        alarm = context.Time.CreateTimer(_ => self.Tell(Alarm.Rings), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        governor = new AwakeGovernor(context.Options.MaxAwake, context.Memory.MaxBytes);
        lookout = context.Time.CreateTimer(_ => self.Tell(Shards.LookAtMemory.Now), null, LookEvery, Timeout.InfiniteTimeSpan);
    }

    public override string PersistenceId => context.PersistenceId;

    public override Recovery Recovery => new(new SnapshotSelectionCriteria(maxSnapshotSequenceNr, DateTime.MaxValue));

    private long NowNs => (context.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static Props Props(ShardContext context, long maxSnapshotSequenceNr) => Akka.Actor.Props.Create(() => new ShardActor(context, maxSnapshotSequenceNr));

    /// <summary>A supervisor that fails is a fault of this program: the shard ends and recovers.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    protected override void PostStop()
    {
        alarm.Dispose();
        lookout.Dispose();
        EndImageTimer();
        EndRetention();
        preparation?.Timer.Dispose();
        DisappointThoseWhoWait();
        ForgetResolvedChanges();
        base.PostStop();
    }

    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: ShardSnapshot saved } offer: Restore(offer.Metadata.SequenceNr, saved); break;
            case JournalRow row: Recover(row); break;
            case RecoveryCompleted: CheckEnd(); break;
        }
    }

    protected override void OnCommand(object message)
    {
        if (!isReady && !Handlers.ContainsKey(message.GetType()) && Questions.ContainsKey(message.GetType()))
        {
            early.Add((message, Sender));
            return;
        }
        if (Handlers.TryGetValue(message.GetType(), out var handle) || Questions.TryGetValue(message.GetType(), out handle))
        {
            handle(this, message);
            AdvanceSoon();
        }
        else if (inputsTaken > 0) AdvanceSoon();
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Context.Parent.Tell(new ShardIsFailing(reason, unusableState));

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        NodeLog.CommitFailed(logger, context.Options.Shard, sequenceNr, cause.Message, cause);
        Context.Parent.Tell(new ShardIsFailing(cause));
    }

    /// <summary>Akka would log and go on, which would leave a hole.</summary>
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        NodeLog.CommitFailed(logger, context.Options.Shard, sequenceNr, cause.Message, cause);
        throw new InvalidOperationException($"The journal rejected row {sequenceNr}: {cause.Message}", cause);
    }

    private void Restore(long sequenceNr, ShardSnapshot saved)
    {
        context.Ownership.Restore(sequenceNr);
        unusableState = sequenceNr;
        shard.Restore(context.Parts?.Whole(saved.State) ?? saved.State);
        (unusableState, restoredFrom) = (null, sequenceNr);
    }

    private void Recover(JournalRow row)
    {
        context.Ownership.Recover(LastSequenceNr, row.Block);
        shard.Recover(row.Block);
    }

    /// <summary>
    /// The log has to reach what was committed. Where the state was restored and no row followed, nobody has looked at the journal yet: its last row
    /// has to be the one that the state was saved with.
    /// </summary>
    private void CheckEnd()
    {
        var head = LogHeadFile.Read(context.HeadPath);
        if (LogHeadFile.Missing(head, LastSequenceNr, shard.NextOffset - 1) is { } problem) throw new LogCorruptException(problem, shard.NextOffset);
        if (head is { } h && h.SequenceNr == LastSequenceNr && h.Checksum != shard.LastChecksum)
            throw new LogCorruptException(string.Create(CultureInfo.InvariantCulture, $"The last block of the log (row {h.SequenceNr}) has checksum {shard.LastChecksum:x16}, but {h.Checksum:x16} was committed: the journal is another one than log.head belongs to; put the right one back."), h.LastOffset);
        if (restoredFrom == 0 || restoredFrom < LastSequenceNr) Open();
        else
        {
            var row = LastSequenceNr;
            context.Journal.RowAsync(row).PipeTo(Self, success: block => new LastRowIs(block), failure: e => new Status.Failure(e));
        }
    }

    private void CheckLastRow(ReadOnlyMemory<byte>? block)
    {
        if (block is not { } bytes || BlockCodec.ReadHeader(bytes).Checksum != shard.LastChecksum)
            throw new LogCorruptException(string.Create(CultureInfo.InvariantCulture, $"The log had been committed up to offset {shard.CommittedOffset} (row {LastSequenceNr}), as the saved state of the shard says, but that row is not in the journal: its end was cut off; put the journal back from a copy."), Position.None);
        Open();
    }

    private void Open()
    {
        context.Board.TotalsAtStart ??= shard.Totals;
        context.Journal.LastSequenceNr = LastSequenceNr;
        WatchRetention();
        shard.Open(context.Topology, NowNs);
        agents = new AgentContext(Self, context.Guests, context.Journal, images, names, identity, context.Time, context.Logs.CreateLogger("AkkaWasm.Agents"))
        {
            MaxHeldTurns = context.Options.MaxHeldTurns,
        };
        supervisors = Context.ActorOf(GroupSupervisor.Props(GroupNode.Tree(shard.Topology!, agents)), "agents");
        isOpen = true;
        LookAtMemory();
        Advance();
    }

    /// <summary>
    /// While more messages wait, a few inputs are taken in before their effects are carried out, so that agents get more events at a time. Should what
    /// waits never come here, because Akka takes it itself, the next look at memory makes up for it.
    /// </summary>
    private void AdvanceSoon()
    {
        if (++inputsTaken < InputsAtATime && ((ActorCell)Context).HasMessages) return;
        Advance();
    }

    /// <summary>After inputs: effects, commit, alarm.</summary>
    private void Advance()
    {
        inputsTaken = 0;
        if (!isOpen) return;
        CarryOutEffects();
        FinishDrains();
        Commit();
        SetAlarm();
        if (idleWatchers.Count > 0 && isReady && shard.IsIdle && (draining is not null || !ChangesWait)) TellIdle();
        if (draining is not null) ContinueDrain();
    }

    private void Commit()
    {
        if (isWriting) return;
        if (isChangeDue) Self.Tell(CarryOutChanges.Instance);
        isChangeDue = false;
        if (shard.CutBlock() is not { } block) return;
        isWriting = true;
        context.Ownership.Attempt(LastSequenceNr + 1, block.Header.Checksum);
        PersistAsync(new JournalRow(block.Bytes), _ => OnCommitted(block));
    }

    private void OnCommitted(LogBlock block)
    {
        isWriting = false;
        context.Ownership.Committed(LastSequenceNr);
        context.HeadFile.Write(new LogHead(LastSequenceNr, block.Header.LastOffset, block.Header.Checksum));
        context.Journal.LastSequenceNr = LastSequenceNr;
        shard.Committed(block);
        if (block.SavedState is { } state) SaveWhenComplete(state);
        context.Board.ShowShard(shard);
        if (!isReady) BecomeReady();
        SendReplies();
        Advance(); // publishers wait for their answers; the others see it after them
        context.Board.Mediator.Tell(new Publish(CommittedEvents.Topic, new CommittedEvents(context.Options.MeshName, block, names.In)));
    }

    /// <summary>The block with the epoch is committed: from now on nobody else owns the log.</summary>
    private void BecomeReady()
    {
        isReady = true;
        NodeLog.ShardOpen(logger, context.Options.Shard, shard.Epoch, agentsKnown, shard.CommittedOffset);
        Context.Parent.Tell(new ShardIsReady(shard.Epoch));
        BeginScrub();
        foreach (var (message, sender) in early) Self.Tell(message, sender);
        early.Clear();
    }

    private void SetAlarm()
    {
        if (shard.NextAlarmNs == armedFor) return;
        armedFor = shard.NextAlarmNs;
        if (armedFor is not { } due) alarm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        else alarm.Change(TimeSpan.FromTicks(Math.Clamp((due - NowNs + 99) / 100, 0, MaxAlarm.Ticks)), Timeout.InfiniteTimeSpan);
    }

    private void TellIdle()
    {
        foreach (var watcher in idleWatchers) watcher.Tell(new ShardIsIdle());
        idleWatchers.Clear();
    }


    /// <summary>Longest wait that a timer takes; a later alarm is set again then.</summary>
    private static readonly TimeSpan MaxAlarm = TimeSpan.FromDays(40);
}
