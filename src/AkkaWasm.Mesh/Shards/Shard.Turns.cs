using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

public sealed partial class Shard
{
    private static readonly Dictionary<Type, Action<Shard, AgentEntry, MeshEvent, TurnOutput>> Outputs = new()
    {
        [typeof(TimerSet)] = (s, a, e, o) => s.AppendTimer(a, e, (TimerSet)o),
        [typeof(TimerCancelled)] = (s, a, e, o) => s.Cancel(a, ((TimerCancelled)o).Timer),
        [typeof(AgentSpawned)] = (s, a, e, o) => s.Spawn(a, e, (AgentSpawned)o),
        [typeof(AgentStopped)] = (s, a, e, o) => s.StopByName(a, e, ((AgentStopped)o).Agent),
        [typeof(AgentWatched)] = (s, a, e, o) => s.Watch(a, e, ((AgentWatched)o).Agent),
        [typeof(HealthReported)] = (s, a, e, o) => s.Report(a, e, (HealthReported)o),
        [typeof(ChangeAsked)] = (s, a, e, o) => s.AskForChange(a, e, (ChangeAsked)o),
        [typeof(LineLogged)] = (s, a, e, o) => s.effects.Add(new WriteLine(a.Name, (LineLogged)o)),
    };

    /// <summary>
    /// Takes the result of a turn in. One of an older life of the agent's actor is dropped: that turn never was. For an event that
    /// <see cref="AgentRunner.Skips"/> there is none.
    /// </summary>
    /// <param name="result">The result.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <exception cref="InvalidOperationException">The agent did not handle the event that was its turn.</exception>
    public void Complete(TurnResult result, long now)
    {
        Advance(now);
        var entry = state.Agents[result.Agent];
        if (entry.Token != result.Token || entry.Phase != AgentPhase.Running || entry.Stopped) return;
        if (!entry.InFlight.TryDequeue(out var input) || result.Input != input.Offset)
            throw new InvalidOperationException($"Agent '{entry.Name}' handled the event at {result.Input} where {input?.Offset ?? Position.None} was next.");
        if (result.CompactionHelps && TriesCompacted(entry, input)) return;
        var fault = (result.Fault ?? Overstep(entry, result) ?? Simulated(entry))?.Clipped();
        Append(new TurnRecord
        {
            Agent = entry.Number, Incarnation = entry.Incarnation, Input = result.Input, Attempt = entry.AttemptsOf(result.Input).Total + 1, Fuel = result.Fuel, Fault = fault,
            Digest = fault is null ? result.Digest : 0, Outputs = fault is null ? result.Outputs.Count : 0, Hash = fault is null ? result.Hash : null,
        });
        if (fault is null)
            Carry(entry, input, Kept(entry, input, result.Outputs));
        else Fail(entry, input, fault);
        CheckCircuit(entry, input, fault is not null);
        AskForCanaries();
        entry.TurnsAwake++;
        state.Touch(entry);
    }

    private void Carry(AgentEntry entry, MeshEvent input, IReadOnlyList<TurnOutput> outputs)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            if (outputs[i] is EventEmitted emitted) AppendEmitted(entry, input, emitted);
            else Outputs[outputs[i].GetType()](this, entry, input, outputs[i]);
        }
    }

    private void Fail(AgentEntry entry, MeshEvent input, GuestFault fault)
    {
        Relieve(fault);
        Heal(entry, input, fault);
    }

    /// <summary>
    /// A turn for which the GC heap was too full of garbage is no failure yet: the agent is rebuilt as of before it, compacted, and handles the event
    /// once more. It left nothing behind, so there is no record of it.
    /// </summary>
    private bool TriesCompacted(AgentEntry entry, MeshEvent input)
    {
        if (entry.CompactFor == input.Offset) return false;
        entry.CompactFor = input.Offset;
        BeginLife(entry, nowNs);
        return true;
    }

    /// <summary>Whether the event that is next exhausted the GC heap before.</summary>
    private static bool IsToBeCompacted(AgentEntry entry) => entry.CompactFor != Position.None && entry.Pending.Count > 0 && entry.Pending[0] == entry.CompactFor;

    /// <summary>What only the shard can see a turn do wrong.</summary>
    private GuestFault? Overstep(AgentEntry entry, TurnResult result)
    {
        var limit = entry.Definition.Limits.PendingTimers;
        if (TooManyChanges(entry, result) is { } fault) return fault;
        if (entry.PendingTimers + result.Outputs.Count <= limit) return null;
        HashSet<long> set = [.. result.Outputs.OfType<TimerSet>().Select(t => t.Timer)];
        HashSet<long> taken = [.. result.Outputs.OfType<TimerCancelled>().Select(t => t.Timer)];
        var timers = entry.PendingTimers + set.Count - taken.Count(t => set.Contains(t) || state.Timers.Find(t) is { IsTimeout: false } timer && timer.Agent == entry.Number);
        return timers > limit ? new GuestFault(FaultKind.Limit, "pending-timers", $"The agent has {timers} timers pending, at most {limit} are allowed (limits.pending-timers).") : null;
    }

    private void AppendEmitted(AgentEntry entry, MeshEvent input, EventEmitted emitted)
    {
        var e = emitted.Event;
        if (e.Depth > options.MaxCausalDepth)
        {
            PutAside(entry, input, e, "max-causal-depth", $"it stands at causal depth {e.Depth}, more than {options.MaxCausalDepth} are allowed (max-causal-depth); agents feed each other in a loop");
            return;
        }
        if (e.Origin == EventOrigin.Reply && !state.Requests.ContainsKey(e.Correlation))
        {
            PutAside(entry, input, e, "undeliverable", "the request was answered before or its time is out");
            return;
        }
        if (e.Origin == EventOrigin.Direct && Addressee(e.Topic) is null)
        {
            PutAside(entry, input, e, "undeliverable", $"there is no running agent with the private topic '{e.Topic}'");
            return;
        }
        AppendEvent(e.Origin == EventOrigin.Reply ? ForItsAsker(e) : e);
        if (e.Origin == EventOrigin.Request)
            Append(new TimerRecord(e.Correlation, entry.Number, nowNs + emitted.TimeoutNs, e.Offset, DepthOfTimer(input), AgentName.Inbox(entry.Name), default, IsTimeout: true));
    }

    /// <summary>An answer goes to who asked, also where that has another name by now.</summary>
    private MeshEvent ForItsAsker(MeshEvent reply)
    {
        var topic = AgentName.Inbox(state.NameOf(state.Requests[reply.Correlation]));
        return topic == reply.Topic ? reply : reply with { Topic = topic };
    }

    private string? Addressee(string topic)
    {
        if (!AgentName.TryInbox(topic, out var definition, out var key)) return null;
        var name = key is null ? definition : $"{definition}/{key}";
        if (key is null && state.Pools.TryGetValue(definition, out var pool)) return state.LivingIn(pool).Any() ? name : null;
        if (state.Find(name) is { } entry) return entry.Stopped ? null : name;
        return key is not null && state.Definition(definition) is { Key: not null } ? name : null;
    }

    private void AppendTimer(AgentEntry entry, MeshEvent input, TimerSet timer) =>
        Append(new TimerRecord(timer.Timer, entry.Number, input.AppendedAtNs + timer.DelayNs, input.Offset, DepthOfTimer(input), timer.Topic, timer.Data, IsTimeout: false));

    /// <summary>A timer stands as deep as the event in whose turn it was set: what goes on in time, a clock or a retry, is no loop of causes.</summary>
    private int DepthOfTimer(MeshEvent input) => Math.Min(input.Depth, options.MaxCausalDepth);

    private void Cancel(AgentEntry entry, long timer)
    {
        if (entry.FiredTimers.TryGet(timer, out var fired)) entry.TakeBack(fired);
        Append(new TimerCancelledRecord(timer, entry.Number));
    }

    private void StopByName(AgentEntry entry, MeshEvent input, string name)
    {
        if (state.Find(name) is not { Stopped: false } target) RefuseStop($"There is no running agent '{name}'.");
        else if (target != entry && target.Parent != entry.Number) RefuseStop($"The agent '{name}' was not started by '{entry.Name}'.");
        else Stop(target, $"stopped by '{entry.Name}'", input, endActor: true);

        void RefuseStop(string why) =>
            AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "stop-refused"), LifecycleData.Agent(entry.Name, entry.Incarnation, why), input);
    }

    private void Watch(AgentEntry entry, MeshEvent input, string name)
    {
        if (state.Find(name) is { Stopped: false }) Append(new WatchRecord(entry.Number, name));
        else TellOfEnd(entry, name, input);
    }

    private void TellOfEnd(AgentEntry watcher, string name, MeshEvent? cause) =>
        AppendLifecycle(watcher, AgentName.Inbox(watcher.Name), LifecycleData.Agent(name, 0, "stopped"), cause);

    /// <summary>Stops an agent for good and tells those who watch it.</summary>
    /// <param name="entry">The agent.</param>
    /// <param name="why">Why, for the event that says so.</param>
    /// <param name="cause">What led to it, or null.</param>
    /// <param name="endActor">Whether its actor is to be ended.</param>
    /// <param name="orphans">Whether those that it had started may end with it.</param>
    private void Stop(AgentEntry entry, string why, MeshEvent? cause, bool endActor, bool orphans = true)
    {
        if (endActor) End(entry);
        if (entry.AskedRewind is { } asked) effects.Add(new AnswerOperator(asked.Ticket, $"The agent '{entry.Name}' was stopped meanwhile."));
        entry.AskedRewind = null;
        var watchers = state.Watchers.GetValueOrDefault(entry.Name) ?? [];
        var dropped = entry.Pending.Count;
        Append(new AgentRecord(entry.Number, AgentChange.Stopped, entry.Name, entry.DefinitionName, entry.Key, entry.Incarnation, entry.Parent));
        Forget(entry);
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "stopped"), LifecycleData.Agent(entry.Name, entry.Incarnation, why), cause);
        foreach (var watcher in watchers)
            if (!state.Agents[watcher].Stopped) TellOfEnd(state.Agents[watcher], entry.Name, cause);
        TouchHeld(entry.DefinitionName); // it may have been the one that its family was tried with
        if (orphans) RetireOrphans(entry, !recovering);
        ReplaceInPool(entry, dropped, cause);
    }

    /// <summary>Lets timers fire and agents come back whose back-off is over.</summary>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void Tick(long now)
    {
        Advance(now);
        while (state.Timers.PeekDue(nowNs) is { } timer)
            AppendEvent(new MeshEvent
            {
                Topic = timer.Topic, Data = timer.Data, Origin = EventOrigin.Timer, Agent = timer.Agent, Incarnation = state.Agents[timer.Agent].Incarnation,
                Correlation = timer.Timer, Cause = timer.Cause, Depth = timer.Depth, Subject = timer.IsTimeout ? MeshEvent.TimeoutSubject : null,
            });
        TryCircuits();
        AskForCanaries();
        while (waiting.TryTakeDue(nowNs, out var agent)) BeginRebuild(state.Agents[agent]);
    }
}
