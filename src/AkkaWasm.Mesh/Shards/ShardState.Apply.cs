using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

internal sealed partial class ShardState
{
    private static readonly Dictionary<Type, Action<ShardState, LogRecord>> Appliers = new()
    {
        [typeof(EventRecord)] = (s, r) => s.ApplyEvent(((EventRecord)r).Event),
        [typeof(TurnRecord)] = (s, r) => s.ApplyTurn((TurnRecord)r),
        [typeof(EpochRecord)] = (s, r) => s.ApplyEpoch((EpochRecord)r),
        [typeof(TopologyRecord)] = (s, r) => s.ApplyTopology((TopologyRecord)r),
        [typeof(TopologyChangeRecord)] = (s, r) => s.ApplyTopologyChange((TopologyChangeRecord)r),
        [typeof(AgentRecord)] = (s, r) => s.ApplyAgent((AgentRecord)r),
        [typeof(HealingRecord)] = (s, r) => s.ApplyHealing((HealingRecord)r),
        [typeof(HealedRecord)] = (s, r) => s.ApplyHealed(s.Agents[((HealedRecord)r).Agent]),
        [typeof(TimerRecord)] = (s, r) => s.ApplyTimer((TimerRecord)r),
        [typeof(TimerCancelledRecord)] = (s, r) => s.ApplyTimerCancelled((TimerCancelledRecord)r),
        [typeof(CursorRecord)] = (s, r) => s.Cursors[((CursorRecord)r).Source] = ((CursorRecord)r).Cursor,
        [typeof(ImageRecord)] = (s, r) => s.ApplyImage((ImageRecord)r),
        [typeof(QuarantineRecord)] = (s, r) => s.Agents[((QuarantineRecord)r).Agent].TakeOut(((QuarantineRecord)r).Input),
        [typeof(WatchRecord)] = (s, r) => s.ApplyWatch((WatchRecord)r),
        [typeof(AgentPauseRecord)] = (s, r) => s.ApplyPause((AgentPauseRecord)r),
        [typeof(GroupPauseRecord)] = (s, r) => s.ApplyGroupPause((GroupPauseRecord)r),
        [typeof(AgentDrainRecord)] = (s, r) => s.ApplyDrain((AgentDrainRecord)r),
        [typeof(CircuitRecord)] = (s, r) => s.ApplyCircuit((CircuitRecord)r),
        [typeof(MeshRewindRecord)] = (s, r) => s.ApplyMeshRewind((MeshRewindRecord)r),
        [typeof(ChangeAskedRecord)] = (s, r) => s.AskedChanges[r.Offset] = (ChangeAskedRecord)r,
        [typeof(ChangeAnsweredRecord)] = (s, r) => s.AskedChanges.Remove(((ChangeAnsweredRecord)r).Asked),
        [typeof(RetentionRecord)] = (s, r) => s.ApplyRetention((RetentionRecord)r),
        [typeof(RetirementRecord)] = (s, r) => s.Agents[((RetirementRecord)r).Agent].Unborn = true,
        [typeof(HealthRecord)] = (s, r) => s.ApplyHealth((HealthRecord)r),
        [typeof(PoolRecord)] = (s, r) => s.ApplyPool((PoolRecord)r),
        [typeof(CanaryRecord)] = (s, r) => s.ApplyCanary((CanaryRecord)r),
        [typeof(RuleRecord)] = (s, r) => s.ApplyRule((RuleRecord)r),
        [typeof(LineageRecord)] = (s, r) => s.ApplyLineage((LineageRecord)r),
        [typeof(PastRecord)] = (s, r) => s.ApplyPast((PastRecord)r),
        [typeof(AgentVersionRecord)] = (s, r) => s.ApplyVersion((AgentVersionRecord)r),
        [typeof(CrashAskedRecord)] = (s, r) => s.Agents[((CrashAskedRecord)r).Agent].CrashIsDue = true,
    };

    /// <summary>Takes the next record in. Its offset must be <see cref="NextOffset"/>.</summary>
    public void Apply(LogRecord record)
    {
        NextOffset = record.Offset + 1;
        // Nearly all records are of these two kinds: they need no look at the table.
        if (record is EventRecord { Event: var e }) ApplyEvent(e);
        else if (record is TurnRecord turn) ApplyTurn(turn);
        else
        {
            if (IsOfMany(record)) Agents.FinishCapture();
            Appliers[record.GetType()](this, record);
        }
    }

    /// <summary>Whether it may change agents that it does not name.</summary>
    private static bool IsOfMany(LogRecord record) =>
        record is TopologyRecord or TopologyChangeRecord or GroupPauseRecord or AgentDrainRecord or MeshRewindRecord or RetentionRecord or PoolRecord or CanaryRecord;

    private void ApplyEpoch(EpochRecord r)
    {
        Epoch = r.Epoch;
        Epochs.Add((r.Offset, r.Epoch));
        Totals.CountEpoch(r.AtNs, LastTimeNs);
        LastTimeNs = Math.Max(LastTimeNs, r.AtNs);
    }

    private void ApplyEvent(MeshEvent e)
    {
        LastTimeNs = Math.Max(LastTimeNs, e.AppendedAtNs);
        Window.Add(e);
        var route = RouteOf(e.Topic);
        Totals.Count(e, route.Counter);
        if (Canaries.Count > 0) NoteForCanary(e);
        switch (e.Origin)
        {
            case EventOrigin.External:
                Known.Add(e, ReferenceEquals(Hashed.Event, e) ? Hashed.Key : IdempotencyKey.Of(e));
                Hashed = default;
                break;
            case EventOrigin.Lifecycle when e.Agent >= 0 && Agents[e.Agent].AwaitsStart:
                Agents[e.Agent].AwaitsStart = false;
                SetInit(Agents[e.Agent], e.Offset);
                Touch(Agents[e.Agent]);
                break;
            case EventOrigin.Request:
                Requests[e.Correlation] = e.Agent;
                break;
            case EventOrigin.Reply:
                if (Requests.Remove(e.Correlation)) RemoveTimer(e.Correlation);
                break;
            case EventOrigin.Timer:
                Fired(e);
                break;
            case EventOrigin.DeadLetter when e is { Correlation: MeshEvent.Undelivered, Agent: >= 0 }:
                Agents[e.Agent].PutAside(new QuarantinedEvent(NameOf(e.Agent), e.Offset, LifecycleData.FaultOf(e.Data), e.AppendedAtNs));
                Totals.CountQuarantined();
                break;
        }
        Route(e, route);
    }

    private void Fired(MeshEvent e)
    {
        var timer = RemoveTimer(e.Correlation);
        Requests.Remove(e.Correlation);
        if (timer is { IsTimeout: false } && AgentName.TryInbox(e.Topic, out _, out _)) Agents[e.Agent].FiredTimers.Add(e.Correlation, e.Offset);
    }

    private void Route(MeshEvent e, TopicRoute route)
    {
        if (e.Depth >= Shard.Unrouted) return;
        if (route.Pool is { } pool) EnqueueIn(pool, e);
        else if (route.Addressee is { } name && Find(name) is { } addressee) Enqueue(addressee, e.Offset);
        for (var i = 0; i < route.Subscribers.Length; i++)
        {
            var definition = Topology!.Agents[route.Subscribers[i]];
            if (definition.Pool is not null) EnqueueIn(definition, e);
            else if (Target(route, i, e, out _) is { } entry) Enqueue(entry, e.Offset);
        }
    }

    private void ApplyTurn(TurnRecord turn)
    {
        var entry = Agents[turn.Agent];
        Totals.Count(turn);
        entry.Turns++;
        entry.ActiveAtNs = LastTimeNs;
        entry.Rewind = null;
        if (Canaries.Count > 0) NoteForCanary(entry, turn);
        if (entry.Definition.Circuit is { } policy) CircuitOf(entry.DefinitionName).Note(entry.Number, LastTimeNs, turn.Fault is not null, policy);
        NoteOutcome(entry, turn.Fault is not null);
        if (turn.Fault is not null)
        {
            entry.Failures++;
            (entry.LastFault, entry.LastFailedInput) = (turn.Fault, turn.Input);
            entry.CrashIsDue &= turn.Fault is not { Kind: FaultKind.Operating, Code: GuestFault.Simulated };
            if (turn.Input == entry.Init) entry.InitAttempts = entry.InitAttempts.After(turn.Fault);
            else if (turn.Input == entry.FailedBefore.Input) entry.FailedBefore = (turn.Input, entry.FailedBefore.Attempts.After(turn.Fault));
            else entry.Attempts = entry.Attempts.After(turn.Fault);
            return;
        }
        entry.LastInput = turn.Input;
        entry.Tail.Add(new LineageTurn(turn.Agent, turn.Incarnation, turn.Input, turn.Digest));
        TurnsSinceImages++;
        MoveOn(entry, turn.Input);
    }

    private void MoveOn(AgentEntry entry, long input)
    {
        if (entry.Init == input)
        {
            entry.InitAttempts = default;
            SetInit(entry, Position.None);
            return;
        }
        entry.Attempts = default;
        if (entry.FailedBefore.Input <= input) entry.FailedBefore = (Position.None, default);
        if (!entry.Fresh.IsEmpty) entry.Fresh = entry.Fresh.Except(entry.Fresh.Where(offset => offset < input));
        entry.Cursor = input;
        Leave(entry, input);
        var ahead = AheadOf(entry);
        Backlog -= entry.Pending.RemoveThrough(input);
        NoteAhead(entry, ahead);
        entry.FiredTimers.Handled(input);
    }

    private void ApplyAgent(AgentRecord r)
    {
        if (r.Change is AgentChange.Born or AgentChange.Forked)
        {
            var born = new AgentEntry(r.Agent, r.Name, r.Definition, r.Key, r.Parent);
            Agents.Add(born);
            byName[r.Name] = r.Agent;
            Bind(born);
            NoteChild(born);
            TakeHanded(born);
            NoteKind(born);
            Totals.CountBirth();
        }
        var entry = Agents[r.Agent];
        entry.Incarnation = r.Incarnation;
        if (r.Change == AgentChange.Renamed)
        {
            ApplyRenamed(entry);
            return;
        }
        entry.Rewind = null;
        // one that begins anew before it has begun has told what it tells at its start
        entry.SuppressedStart = r.Change == AgentChange.Reset && entry.Init >= 0 && entry.Init == entry.SuppressedStart ? r.Offset + 1 : Position.None;
        if (Canaries.Count > 0) NoteForCanary(entry, r);
        CountLiving(entry, (r.Change == AgentChange.Stopped ? 0 : 1) - (r.Change is AgentChange.Born or AgentChange.Forked || entry.Stopped ? 0 : 1));
        if (r.Change is AgentChange.Born or AgentChange.Forked || entry.Stopped != (r.Change == AgentChange.Stopped)) CountOffspring(entry, r.Change == AgentChange.Stopped ? -1 : 1);
        entry.Stopped = r.Change == AgentChange.Stopped;
        entry.ActiveAtNs = LastTimeNs;
        if (!entry.Stopped) NoteSeen(entry);
        entry.Unborn &= entry.Stopped;
        NotePaused(entry);
        entry.MemoryImage = null;
        entry.HasNoWayBack &= r.Change != AgentChange.Replaced;
        ForgetReport(entry);
        if (r.Change is AgentChange.Rewound or AgentChange.Forked or AgentChange.Replaced)
        {
            SetInit(entry, Position.None);
            entry.InitAttempts = default;
            return;
        }
        SetInit(entry, Position.None);
        entry.Moves = [];
        ForgetTimers(entry, 0);
        foreach (var watchers in Watchers.Values) watchers.Remove(entry.Number);
        if (entry.Stopped)
        {
            ApplyStopped(entry);
            return;
        }
        entry.AwaitsStart = true;
        ReplaceTail(entry, []);
        entry.LastInput = Position.None;
        BeginFrom(entry, null);
    }

    private void ReplaceTail(AgentEntry entry, ImmutableArray<LineageTurn> turns)
    {
        entry.Images.Extend(LowestOf(entry.Tail));
        TurnsSinceImages += turns.Length - entry.Tail.Count;
        entry.Tail.Clear();
        entry.Tail.AddRange(turns);
    }

    /// <summary>The state of the life that has just begun is that of others; of what it had set since, nothing is left.</summary>
    private void ApplyLineage(LineageRecord r)
    {
        var entry = Agents[r.Agent];
        ReplaceTail(entry, r.Turns);
        BeginFrom(entry, r.Image);
        entry.LastInput = r.LastInput;
        Returns++;
        var ahead = AheadOf(entry);
        entry.Moves = r.Moves;
        entry.AwaitsStart = r.Begins is not null || r.BeginsAnew;
        if (r.RollsBack) ForgetFailures(entry, r);
        ForgetTimers(entry, r.ForgetFrom);
        foreach (var offset in r.TakenBack)
        {
            entry.FiredTimers.Handled(offset);
            if (!entry.Pending.Remove(offset)) continue;
            Backlog--;
            Leave(entry, offset);
        }
        foreach (var (timer, offset) in r.FiredAgain) entry.FiredTimers.Add(timer, offset);
        if (!r.Again.IsEmpty) HandleAgain(entry, r);
        NoteAhead(entry, ahead);
    }

    /// <summary>Events that it handled, or could not, wait for it once more.</summary>
    private void HandleAgain(AgentEntry entry, LineageRecord r)
    {
        entry.Fresh = entry.Fresh.Except(r.Again).Union(r.Suppressed ? r.Fresh : r.Again.Where(offset => offset <= entry.SuppressedThrough));
        if (r is { RollsBack: true, Suppressed: false } && PoolOf(entry) is not null) entry.Fresh = entry.Fresh.Union(r.Again);
        if (r.Suppressed || (r.RollsBack && PoolOf(entry) is not null)) entry.SuppressedThrough = Math.Max(entry.SuppressedThrough, r.Again[^1]);
        if (entry.Attempts.Total > 0 && entry.Pending.Count > 0) entry.FailedBefore = (entry.Pending[0], entry.Attempts);
        entry.Attempts = default;
        Backlog += entry.Pending.Prepend(r.Again);
        Touch(entry);
    }

    /// <summary>What failed under a definition that is set back is tried again under the one before, and as often as if it had not failed.</summary>
    private static void ForgetFailures(AgentEntry entry, LineageRecord r)
    {
        (entry.Attempts, entry.InitAttempts, entry.FailedBefore) = (default, default, (Position.None, default));
        if (r is { BeginsAnew: true, Suppressed: true }) entry.SuppressedStart = r.Offset + 1;
        foreach (var offset in r.Fresh) entry.TakeOut(offset);
    }

    private void ApplyStopped(AgentEntry entry)
    {
        SetHealPending(entry, false);
        SetInit(entry, Position.None);
        ForgetHealth(entry);
        ForgetRuleHolds(entry);
        var ahead = AheadOf(entry);
        Backlog -= entry.Pending.Count;
        if (PoolOf(entry) is not null)
            foreach (var offset in entry.Pending.ToArray()) Leave(entry, offset);
        entry.Pending.Clear();
        NoteAhead(entry, ahead);
        entry.FiredTimers.Clear();
        (entry.Attempts, entry.InitAttempts) = (default, default);
        (entry.IsPausedAlone, entry.CrashIsDue) = (false, false);
        NotePaused(entry);
        Watchers.Remove(entry.Name);
    }

    /// <summary>What a life set and asked for ends with it.</summary>
    private void ForgetTimers(AgentEntry entry, long from)
    {
        foreach (var timer in Timers.RemoveOf(entry.Number, from))
        {
            NoteForCanary(entry, timer);
            if (timer.IsTimeout) Requests.Remove(timer.Timer);
            else entry.PendingTimers--;
        }
    }

    private void ApplyHealing(HealingRecord r)
    {
        var entry = Agents[r.Agent];
        if (Canaries.Count > 0) NoteForCanary(entry, r);
        if (r.Directive != HealingDirective.Stop) SetHealPending(entry, true);
        entry.HealCause = (r.Input, r.Depth);
        foreach (var agent in r.Affected)
        {
            Agents[agent].NotBeforeNs = r.NotBeforeNs;
            Agents[agent].Rewind = r.Directive == HealingDirective.Rewind ? Policies.Of(Topology!, r.Group).Rewind : null;
        }
        if (r.Quarantine)
        {
            entry.PutAside(new QuarantinedEvent(entry.Name, r.Input, entry.LastFault!, LastTimeNs));
            Totals.CountQuarantined();
            MoveOn(entry, r.Input);
        }
        if (r.Directive == HealingDirective.Resume) return;
        var policy = Policies.Of(Topology!, r.Group);
        var forget = LastTimeNs - HealingLadder.ToNs(policy.WithinTimeRange);
        if (r.Escalations > 0) GroupLedgers.TryAdd(FailedGroup(entry, r.Escalations), new FailureLedger());
        LedgerOf(entry, r.Escalations).Note(LastTimeNs, forget, r.Rung, policy.MaxNrOfRetries);
    }

    /// <summary>The failures that count at a level: the agent's own, or with each escalation those of the group one further up.</summary>
    public FailureLedger LedgerOf(AgentEntry entry, int escalations) =>
        escalations == 0 ? entry.Ledger : GroupLedgers.GetValueOrDefault(FailedGroup(entry, escalations), FailureLedger.Empty);

    private string FailedGroup(AgentEntry entry, int escalations) => Policies.GroupAbove(Topology!, entry.Definition.Group, escalations - 1);

    private void ApplyHealed(AgentEntry entry)
    {
        SetHealPending(entry, false);
        entry.Healed++;
        Totals.CountHealed();
    }

    private void ApplyTimer(TimerRecord timer)
    {
        Timers.Add(timer);
        if (!timer.IsTimeout) Agents[timer.Agent].PendingTimers++;
    }

    private TimerRecord? RemoveTimer(long handle)
    {
        var timer = Timers.Remove(handle);
        if (timer is { IsTimeout: false }) Agents[timer.Agent].PendingTimers--;
        return timer;
    }

    private void ApplyTimerCancelled(TimerCancelledRecord r)
    {
        var entry = Agents[r.Agent];
        if (Timers.Find(r.Timer) is { IsTimeout: false } timer && timer.Agent == r.Agent)
        {
            RemoveTimer(r.Timer);
            NoteForCanary(entry, timer);
        }
        if (!entry.FiredTimers.TryGet(r.Timer, out var fired)) return;
        WatchOf(entry)?.NoteMissed(entry.Number, fired);
        entry.FiredTimers.Handled(fired);
        var ahead = AheadOf(entry);
        if (entry.Pending.Remove(fired)) Backlog--;
        NoteAhead(entry, ahead);
    }

    private void ApplyImage(ImageRecord image)
    {
        var entry = Agents[image.Agent];
        if (entry.Incarnation != image.Incarnation) return;
        var last = entry.Tail.FindIndex(t => t.Input == image.Input);
        if (last < 0) return;
        entry.Images.Extend(LowestOf(entry.Tail.Take(last + 1)));
        entry.Tail.RemoveRange(0, last + 1);
        TurnsSinceImages -= last + 1;
        if (!entry.Moves.IsEmpty) entry.Moves = [.. entry.Moves.Where(m => m.Input == entry.Init || entry.Tail.Exists(t => t.Input == m.Input))];
        if (entry is { Phase: AgentPhase.Asleep, Tail.Count: 0 }) entry.Tail.Capacity = 0;
        var saved = new KeptImage(image.Incarnation, image.Input, image.Hash, image.Offset, long.MaxValue);
        foreach (var dropped in entry.Images.Add(saved, entry.Definition, Canaries.Count == 0 ? null : i => IsPinned(entry.Number, i.Incarnation, i.Input)))
            Drop(entry, dropped);
        BeginFrom(entry, new LineageImage(image.Agent, image.Incarnation, image.Input, image.Hash));
    }

    private void ApplyPause(AgentPauseRecord r)
    {
        var entry = Agents[r.Agent];
        entry.IsPausedAlone = r.Paused;
        NotePaused(entry);
    }

    private void ApplyCircuit(CircuitRecord r) => CircuitOf(r.Definition).Apply(r);

    private Circuit CircuitOf(string definition)
    {
        if (!Circuits.TryGetValue(definition, out var circuit)) Circuits[definition] = circuit = new Circuit();
        return circuit;
    }

    private static long LowestOf(IEnumerable<LineageTurn> turns) => turns.Select(t => t.Input).DefaultIfEmpty(long.MaxValue).Min();

    private void ApplyWatch(WatchRecord r)
    {
        if (!Watchers.TryGetValue(r.Watched, out var watchers)) Watchers[r.Watched] = watchers = [];
        if (!watchers.Contains(r.Watcher)) watchers.Add(r.Watcher);
    }
}
