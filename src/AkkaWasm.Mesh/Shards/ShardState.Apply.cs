using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

internal sealed partial class ShardState
{
    private static readonly Dictionary<Type, Action<ShardState, LogRecord>> Appliers = new()
    {
        [typeof(EventRecord)] = (s, r) => s.ApplyEvent(((EventRecord)r).Event),
        [typeof(TurnRecord)] = (s, r) => s.ApplyTurn((TurnRecord)r),
        [typeof(EpochRecord)] = (s, r) => s.ApplyEpoch((EpochRecord)r),
        [typeof(TopologyRecord)] = (s, r) => s.Use(((TopologyRecord)r).Topology),
        [typeof(AgentRecord)] = (s, r) => s.ApplyAgent((AgentRecord)r),
        [typeof(HealingRecord)] = (s, r) => s.ApplyHealing((HealingRecord)r),
        [typeof(HealedRecord)] = (s, r) => s.ApplyHealed(s.Agents[((HealedRecord)r).Agent]),
        [typeof(TimerRecord)] = (s, r) => s.ApplyTimer((TimerRecord)r),
        [typeof(TimerCancelledRecord)] = (s, r) => s.ApplyTimerCancelled((TimerCancelledRecord)r),
        [typeof(CursorRecord)] = (s, r) => s.Cursors[((CursorRecord)r).Source] = ((CursorRecord)r).Cursor,
        [typeof(ImageRecord)] = (s, r) => s.ApplyImage((ImageRecord)r),
        [typeof(QuarantineRecord)] = (s, r) => s.Agents[((QuarantineRecord)r).Agent].Quarantine.Remove(((QuarantineRecord)r).Input),
        [typeof(WatchRecord)] = (s, r) => s.ApplyWatch((WatchRecord)r),
    };

    /// <summary>Takes the next record in. Its offset must be <see cref="NextOffset"/>.</summary>
    public void Apply(LogRecord record)
    {
        NextOffset = record.Offset + 1;
        Appliers[record.GetType()](this, record);
    }

    private void ApplyEpoch(EpochRecord r)
    {
        Epoch = r.Epoch;
        LastTimeNs = Math.Max(LastTimeNs, r.AtNs);
    }

    private void ApplyEvent(MeshEvent e)
    {
        LastTimeNs = Math.Max(LastTimeNs, e.AppendedAtNs);
        Window.Add(e, CommittedOffset + 1);
        Totals.Count(e);
        switch (e.Origin)
        {
            case EventOrigin.External:
                Known.Add(e);
                break;
            case EventOrigin.Lifecycle when e.Agent >= 0 && Agents[e.Agent].AwaitsStart:
                Agents[e.Agent].AwaitsStart = false;
                Agents[e.Agent].Init = e.Offset;
                Touch(Agents[e.Agent]);
                break;
            case EventOrigin.Request:
                Requests[e.Correlation] = e.Agent;
                break;
            case EventOrigin.Reply:
                if (Requests.Remove(e.Correlation, out _)) RemoveTimer(e.Correlation);
                break;
            case EventOrigin.Timer:
                RemoveTimer(e.Correlation);
                Requests.Remove(e.Correlation);
                if (e.Topic == AgentName.Inbox(NameOf(e.Agent))) Agents[e.Agent].FiredTimers[e.Correlation] = e.Offset;
                break;
        }
        Route(e);
    }

    private void Route(MeshEvent e)
    {
        if (e.Depth >= Shard.Unrouted) return;
        if (AgentName.TryInbox(e.Topic, out var name, out var key) && Find(key is null ? name : $"{name}/{key}") is { } addressee) Enqueue(addressee, e.Offset);
        foreach (var index in router.Match(e.Topic))
            if (Target(Topology!.Agents[index], e) is { } entry) Enqueue(entry, e.Offset);
    }

    private void ApplyTurn(TurnRecord turn)
    {
        var entry = Agents[turn.Agent];
        Totals.Count(turn);
        entry.Turns++;
        if (turn.Fault is not null)
        {
            entry.Failures++;
            entry.Attempts = turn.Attempt;
            entry.LastFault = turn.Fault;
            return;
        }
        entry.LastInput = turn.Input;
        entry.Tail.Add((turn.Input, turn.Digest));
        MoveOn(entry, turn.Input);
    }

    private void MoveOn(AgentEntry entry, long input)
    {
        entry.Attempts = 0;
        if (entry.Init == input)
        {
            entry.Init = Position.None;
            return;
        }
        entry.Cursor = input;
        Backlog -= entry.Pending.RemoveThrough(input);
        if (entry.LagFrom >= 0 && entry.LagFrom <= input) entry.LagFrom = input + 1;
        if (entry.FiredTimers.Count == 0) return;
        foreach (var (timer, fired) in entry.FiredTimers)
            if (fired <= input) entry.FiredTimers.Remove(timer);
    }

    private void ApplyAgent(AgentRecord r)
    {
        if (r.Change == AgentChange.Born)
        {
            var born = new AgentEntry(r.Agent, r.Name, r.Definition, r.Key);
            Agents.Add(born);
            byName[r.Name] = r.Agent;
            Bind(born);
            FamilySizes[r.Definition] = FamilySizes.GetValueOrDefault(r.Definition) + 1;
            Totals.CountBirth();
        }
        var entry = Agents[r.Agent];
        entry.Incarnation = r.Incarnation;
        if (r.Change == AgentChange.Stopped)
        {
            entry.Stopped = true;
            entry.HealPending = false;
            entry.Init = entry.LagFrom = Position.None;
            Backlog -= entry.Pending.Count;
            entry.Pending.Clear();
            return;
        }
        entry.AwaitsStart = true;
        entry.Tail.Clear();
        entry.ImageInput = entry.LastInput = Position.None;
        entry.ImageHash = null;
        entry.MemoryImage = null;
    }

    private void ApplyHealing(HealingRecord r)
    {
        var entry = Agents[r.Agent];
        if (r.Directive != HealingDirective.Stop) entry.HealPending = true;
        foreach (var agent in r.Affected) Agents[agent].NotBeforeNs = r.NotBeforeNs;
        if (r.Quarantine)
        {
            entry.Quarantine[r.Input] = new QuarantinedEvent(entry.Name, r.Input, entry.LastFault!, LastTimeNs);
            Totals.CountQuarantined();
            MoveOn(entry, r.Input);
        }
        if (r.Directive == HealingDirective.Resume) return;
        var policy = Policies.Of(Topology!, r.Group);
        var forget = LastTimeNs - HealingLadder.ToNs(policy.WithinTimeRange);
        LedgerOf(entry, r.Escalations).Note(LastTimeNs, forget, r.Rung);
    }

    /// <summary>The failures that count at a level: the agent's own, or with each escalation those of the group one further up.</summary>
    public FailureLedger LedgerOf(AgentEntry entry, int escalations)
    {
        if (escalations == 0) return entry.Ledger;
        var group = Policies.GroupAbove(Topology!, entry.Definition.Group, escalations - 1);
        if (!GroupLedgers.TryGetValue(group, out var ledger)) GroupLedgers[group] = ledger = new FailureLedger();
        return ledger;
    }

    private void ApplyHealed(AgentEntry entry)
    {
        entry.HealPending = false;
        entry.Healed++;
        Totals.CountHealed();
    }

    private void ApplyTimer(TimerRecord timer)
    {
        Timers.Add(timer);
        if (!timer.IsTimeout) Agents[timer.Agent].PendingTimers++;
    }

    private void RemoveTimer(long handle)
    {
        if (Timers.Remove(handle) is { IsTimeout: false } timer) Agents[timer.Agent].PendingTimers--;
    }

    private void ApplyTimerCancelled(TimerCancelledRecord r)
    {
        var entry = Agents[r.Agent];
        RemoveTimer(r.Timer);
        if (!entry.FiredTimers.Remove(r.Timer, out var fired)) return;
        if (entry.Pending.Remove(fired)) Backlog--;
        else entry.Withdrawn.Add(fired);
    }

    private void ApplyImage(ImageRecord image)
    {
        var entry = Agents[image.Agent];
        if (entry.Incarnation != image.Incarnation || image.Input <= entry.ImageInput) return;
        var last = entry.Tail.FindIndex(t => t.Input == image.Input);
        entry.Tail.RemoveRange(0, last + 1);
        entry.ImageInput = image.Input;
        entry.ImageHash = image.Hash;
    }

    private void ApplyWatch(WatchRecord r)
    {
        if (!Watchers.TryGetValue(r.Watched, out var watchers)) Watchers[r.Watched] = watchers = [];
        if (!watchers.Contains(r.Watcher)) watchers.Add(r.Watcher);
    }
}
