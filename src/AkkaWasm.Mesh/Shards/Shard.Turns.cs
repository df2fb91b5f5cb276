using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

public sealed partial class Shard
{
    private static readonly Dictionary<Type, Action<Shard, AgentEntry, MeshEvent, TurnOutput>> Outputs = new()
    {
        [typeof(EventEmitted)] = (s, a, e, o) => s.AppendEmitted(a, e, (EventEmitted)o),
        [typeof(TimerSet)] = (s, a, e, o) => s.AppendTimer(a, e, (TimerSet)o),
        [typeof(TimerCancelled)] = (s, a, e, o) => s.Append(new TimerCancelledRecord(((TimerCancelled)o).Timer, a.Number)),
        [typeof(AgentSpawned)] = (s, a, e, o) => s.Spawn(a, e, (AgentSpawned)o),
        [typeof(AgentStopped)] = (s, a, e, o) => s.StopByName(a, e, ((AgentStopped)o).Agent),
        [typeof(AgentWatched)] = (s, a, e, o) => s.Watch(a, e, ((AgentWatched)o).Agent),
        [typeof(LineLogged)] = (s, a, e, o) => s.effects.Add(new WriteLine(a.Name, (LineLogged)o)),
    };

    /// <summary>Takes the result of a turn in. One of an older life of the agent's actor is dropped: that turn never was.</summary>
    /// <param name="result">The result.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <exception cref="InvalidOperationException">The agent did not handle the event that was its turn.</exception>
    public void Complete(TurnResult result, long now)
    {
        Advance(now);
        var entry = state.Agents[result.Agent];
        if (entry.Token != result.Token || entry.Phase != AgentPhase.Running || entry.Stopped) return;
        var expected = entry.Init >= 0 ? entry.Init : entry.Pending.Count > 0 ? entry.Pending[0] : Position.None;
        if (result.Input != expected)
            throw new InvalidOperationException($"Agent '{entry.Name}' handled the event at {result.Input} where {expected} was next.");
        entry.InFlight--;
        var input = state.Window.Find(result.Input) ?? throw new InvalidOperationException($"The event at {result.Input} left memory while it was in flight.");
        var fault = result.Fault ?? Overstep(entry, result);
        Append(new TurnRecord
        {
            Agent = entry.Number, Incarnation = entry.Incarnation, Input = result.Input, Attempt = entry.Attempts + 1, Fuel = result.Fuel, Fault = fault,
            Digest = fault is null ? result.Digest : 0, Outputs = fault is null ? result.Outputs.Count : 0, Hash = fault is null ? result.Hash : null,
        });
        if (fault is null)
            foreach (var output in result.Outputs) Outputs[output.GetType()](this, entry, input, output);
        else Heal(entry, input, fault);
        state.Touch(entry);
    }

    /// <summary>What only the shard can see a turn do wrong.</summary>
    private static GuestFault? Overstep(AgentEntry entry, TurnResult result)
    {
        var limit = entry.Definition.Limits.PendingTimers;
        var timers = entry.PendingTimers;
        foreach (var output in result.Outputs) timers += output is TimerSet ? 1 : 0;
        return timers > limit ? new GuestFault(FaultKind.Limit, "pending-timers", $"The agent has {timers} timers pending, at most {limit} are allowed (limits.pending-timers).") : null;
    }

    private void AppendEmitted(AgentEntry entry, MeshEvent input, EventEmitted emitted)
    {
        var e = emitted.Event;
        if (e.Depth > options.MaxCausalDepth)
        {
            PutAside(entry, e, $"it stands at causal depth {e.Depth}, more than {options.MaxCausalDepth} are allowed (max-causal-depth); agents feed each other in a loop");
            return;
        }
        if (e.Origin == EventOrigin.Reply && !state.Requests.ContainsKey(e.Correlation))
        {
            PutAside(entry, e, "the request was answered before or its time is out");
            return;
        }
        if (e.Origin == EventOrigin.Direct && Addressee(e.Topic) is null)
        {
            PutAside(entry, e, $"there is no agent with the private topic '{e.Topic}'");
            return;
        }
        AppendEvent(e);
        if (e.Origin == EventOrigin.Request)
            Append(new TimerRecord(e.Correlation, entry.Number, nowNs + emitted.TimeoutNs, e.Offset, DeeperThan(e), AgentName.Inbox(entry.Name), default, IsTimeout: true));
    }

    private string? Addressee(string topic)
    {
        if (!AgentName.TryInbox(topic, out var definition, out var key)) return null;
        return key is null ? state.Find(definition)?.Name : state.Definition(definition) is { Key: not null } ? definition : null;
    }

    /// <summary>Records an emitted event that cannot be delivered as a dead letter of its emitter.</summary>
    private void PutAside(AgentEntry emitter, MeshEvent e, string why)
    {
        var fault = new GuestFault(FaultKind.Limit, "undeliverable", $"The event was not delivered: {why}.");
        var data = LifecycleData.DeadLetter(emitter.Name, fault, new Position(options.Shard, state.Epoch, e.Cause), e.Topic, Identity.IdOf(e), e);
        Append(new EventRecord(new MeshEvent
        {
            Topic = AgentName.DeadLetter(emitter.Name), Data = data, ContentType = LifecycleData.ContentType, Origin = EventOrigin.DeadLetter,
            Agent = emitter.Number, Incarnation = emitter.Incarnation, Subject = emitter.Name, Cause = e.Cause, Depth = Math.Min(e.Depth, Unrouted) > options.MaxCausalDepth ? Unrouted : e.Depth,
        }));
    }

    private void AppendTimer(AgentEntry entry, MeshEvent input, TimerSet timer) =>
        Append(new TimerRecord(timer.Timer, entry.Number, input.AppendedAtNs + timer.DelayNs, input.Offset, DeeperThan(input), timer.Topic, timer.Data, IsTimeout: false));

    private void Spawn(AgentEntry entry, MeshEvent input, AgentSpawned spawned)
    {
        if (state.Definition(spawned.Definition) is { Key: not null } family) Bear(family, spawned.Key, input);
        else AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "spawn-refused"), LifecycleData.Agent(entry.Name, entry.Incarnation, $"There is no family '{spawned.Definition}'."), input);
    }

    private void StopByName(AgentEntry entry, MeshEvent input, string name)
    {
        if (state.Find(name) is { Stopped: false } target) Stop(target, $"stopped by '{entry.Name}'", input, endActor: true);
        else AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "stop-refused"), LifecycleData.Agent(entry.Name, entry.Incarnation, $"There is no running agent '{name}'."), input);
    }

    private void Watch(AgentEntry entry, MeshEvent input, string name)
    {
        Append(new WatchRecord(entry.Number, name));
        if (state.Find(name) is not { Stopped: false }) TellOfEnd(entry, name, input);
    }

    private void TellOfEnd(AgentEntry watcher, string name, MeshEvent? cause) =>
        AppendLifecycle(watcher, AgentName.Inbox(watcher.Name), LifecycleData.Agent(name, 0, "stopped"), cause);

    /// <summary>Stops an agent for good and tells those who watch it.</summary>
    private void Stop(AgentEntry entry, string why, MeshEvent? cause, bool endActor)
    {
        if (endActor) End(entry);
        Append(new AgentRecord(entry.Number, AgentChange.Stopped, entry.Name, entry.DefinitionName, entry.Key, entry.Incarnation));
        Forget(entry);
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "stopped"), LifecycleData.Agent(entry.Name, entry.Incarnation, why), cause);
        foreach (var watcher in state.Watchers.GetValueOrDefault(entry.Name) ?? [])
            if (!state.Agents[watcher].Stopped) TellOfEnd(state.Agents[watcher], entry.Name, cause);
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
                Correlation = timer.Timer, Cause = timer.Cause, Depth = timer.Depth, Subject = timer.IsTimeout ? "timeout" : null,
            });
        foreach (var entry in waiting.Where(e => e.NotBeforeNs <= nowNs).ToArray()) BeginRebuild(entry);
    }
}
