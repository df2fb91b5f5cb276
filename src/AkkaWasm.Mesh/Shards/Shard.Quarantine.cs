using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>Events that were put aside: looked at, released, dropped.</content>
public sealed partial class Shard
{
    private void Quarantine(AgentEntry entry, MeshEvent input, GuestFault fault)
    {
        var data = LifecycleData.DeadLetter(entry.Name, fault, At(input), input.Topic, Identity.IdOf(input), input, options.MaxDeadLetterBytes);
        AppendLifecycle(entry, AgentName.DeadLetter(entry.Name), data, input, EventOrigin.DeadLetter);
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "quarantined"), LifecycleData.Agent(entry.Name, entry.Incarnation, At(input).ToString()), input);
        Bound(entry, input);
    }

    /// <summary>
    /// Records an emitted event that cannot be delivered as a dead letter of its emitter. It stands in quarantine under the offset of the dead letter,
    /// which has all of it.
    /// </summary>
    private void PutAside(AgentEntry emitter, MeshEvent input, MeshEvent e, string code, string why)
    {
        var fault = new GuestFault(FaultKind.Limit, code, $"The event was not delivered: {why}.");
        var data = LifecycleData.DeadLetter(emitter.Name, fault, new Position(options.Shard, state.Epoch, e.Cause), e.Topic, Identity.IdOf(e), e);
        Append(new EventRecord(new MeshEvent
        {
            Topic = AgentName.DeadLetter(emitter.Name), Data = data, ContentType = LifecycleData.ContentType, Origin = EventOrigin.DeadLetter, Correlation = MeshEvent.Undelivered,
            Agent = emitter.Number, Incarnation = emitter.Incarnation, Subject = emitter.Name, Cause = e.Cause, Depth = Math.Min(e.Depth, Unrouted) > options.MaxCausalDepth ? Unrouted : e.Depth,
        }));
        Bound(emitter, input);
    }

    /// <summary>A full quarantine keeps the newest. What leaves it stays in the log, with its dead letter, and the mesh says so.</summary>
    private void Bound(AgentEntry entry, MeshEvent cause)
    {
        while (entry.Quarantine.Count > options.MaxQuarantine)
        {
            var oldest = entry.Quarantine.First().Key;
            Append(new QuarantineRecord(entry.Number, oldest, Released: false));
            var detail = $"More than {options.MaxQuarantine} events were put aside (max-quarantine); the oldest, {PositionOf(oldest)}, left quarantine and stays in the log.";
            AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "quarantine-full"), LifecycleData.Agent(entry.Name, entry.Incarnation, detail), cause);
        }
    }

    /// <summary>The events put aside for an agent, oldest first.</summary>
    public IReadOnlyList<QuarantinedEvent> Quarantine(string agent) => state.Find(agent) is { } entry ? [.. entry.Quarantine.Values] : [];

    /// <summary>All events put aside that a filter lets through, oldest first.</summary>
    public IReadOnlyList<QuarantinedEvent> Quarantine(QuarantineFilter filter) =>
        [.. state.Agents.Where(a => a.Quarantine.Count > 0 && filter.Wants(a.Name)).SelectMany(a => a.Quarantine.Values).Where(filter.Wants).OrderBy(q => q.Input)];

    /// <summary>Lets a quarantined event be handled again: a new event with the original as its cause, on the agent's private topic; one that was not delivered, on its own.</summary>
    /// <param name="agent">Name of the agent that it was put aside for.</param>
    /// <param name="original">The quarantined event.</param>
    /// <param name="edited">A payload to use instead, or null.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <returns>One sentence that says why it cannot be done, or null.</returns>
    public string? Release(string agent, MeshEvent original, ReadOnlyMemory<byte>? edited, long now)
    {
        Advance(now);
        if (CannotRelease(agent, original) is { } problem) return problem;
        if (edited?.Length > options.MaxEventBytes) return $"The edited event has {edited?.Length} bytes of data, at most {options.MaxEventBytes} are allowed (max-event-bytes).";
        AppendReleased(state.Find(agent)!, original, edited);
        return null;
    }

    /// <summary>Lets quarantined events be handled again, all of them in one append, or none.</summary>
    /// <param name="events">Each with the name of the agent that it was put aside for; at most <see cref="ShardOptions.MaxReleased"/>.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <returns>One sentence that says why it cannot be done, or null.</returns>
    public string? ReleaseAll(IReadOnlyList<(string Agent, MeshEvent Original)> events, long now)
    {
        Advance(now);
        if (TooMany(events.Count) is { } problem) return problem;
        foreach (var (agent, original) in events)
            if (CannotRelease(agent, original) is { } obstacle) return $"None of the {events.Count} events was released: {obstacle}";
        foreach (var (agent, original) in events) AppendReleased(state.Find(agent)!, original, null);
        return null;
    }

    /// <summary>Ends the quarantine of all events that a filter lets through, in one append, without handling them.</summary>
    /// <param name="filter">Which; at most <see cref="ShardOptions.MaxReleased"/>.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <returns>How many there were, and one sentence that says why it cannot be done, or null.</returns>
    public (int Count, string? Problem) DropAll(QuarantineFilter filter, long now)
    {
        Advance(now);
        var found = Quarantine(filter);
        if (TooMany(found.Count) is { } problem) return (found.Count, problem);
        foreach (var e in found)
        {
            Append(new QuarantineRecord(state.Find(e.Agent)!.Number, e.Input, Released: false));
            Notice(state.Find(e.Agent)!);
        }
        return (found.Count, null);
    }

    /// <summary>Why so many events cannot leave quarantine in one append, or null.</summary>
    /// <param name="count">How many.</param>
    public string? TooMany(int count) => count <= options.MaxReleased ? null
        : $"{count} events are meant, at most {options.MaxReleased} leave quarantine together (max-released); narrow them by agent, code or time, and nothing was done yet.";

    private string? CannotRelease(string agent, MeshEvent original)
    {
        if (NotInQuarantine(agent, original.Offset, out var entry) is { } problem) return problem;
        var undelivered = IsUndelivered(original);
        return CannotBeReleased(entry, undelivered ? LifecycleData.Undelivered(original) : original, undelivered);
    }

    private void AppendReleased(AgentEntry entry, MeshEvent original, ReadOnlyMemory<byte>? edited)
    {
        var released = IsUndelivered(original) ? LifecycleData.Undelivered(original) : ForItsAgent(entry, original);
        Append(new QuarantineRecord(entry.Number, original.Offset, Released: true));
        Notice(entry);
        AppendEvent(released with
        {
            Data = edited ?? released.Data, Origin = EventOrigin.Released, Id = null, Source = null, Agent = entry.Number, Incarnation = entry.Incarnation,
            Cause = original.Offset, Depth = 0, Correlation = 0,
        });
    }

    private static bool IsUndelivered(MeshEvent e) => e is { Origin: EventOrigin.DeadLetter, Correlation: MeshEvent.Undelivered };

    private MeshEvent ForItsAgent(AgentEntry entry, MeshEvent original) => original with
    {
        Topic = AgentName.Inbox(PoolFor(entry, original)?.Name ?? entry.Name),
        Extensions = original.Origin == EventOrigin.Released ? original.Extensions : original.Extensions.Add(new(MeshEvent.OriginalType, original.Topic)),
    };

    /// <summary>The pool whose member that has the key now is to handle an event, or null where it came to an agent by its private topic.</summary>
    private Pool? PoolFor(AgentEntry entry, MeshEvent original) => entry.Names.All.Any(name => original.Topic == AgentName.Inbox(name)) ? null : state.PoolOf(entry);

    private string? CannotBeReleased(AgentEntry entry, MeshEvent released, bool undelivered)
    {
        if (!undelivered && PoolFor(entry, released) is { } pool) return state.LivingIn(pool).Any() ? null : $"No member of the pool '{pool.Name}' runs, and none would see the event.";
        if (!undelivered) return entry.Stopped ? $"The agent '{entry.Name}' is stopped and would not see the event." : null;
        return AgentName.TryInbox(released.Topic, out _, out _) && Addressee(released.Topic) is null ? $"There is still no running agent with the private topic '{released.Topic}'." : null;
    }

    /// <summary>Ends the quarantine of an event without handling it.</summary>
    /// <returns>One sentence that says why it cannot be done, or null.</returns>
    public string? Drop(string agent, long input, long now)
    {
        Advance(now);
        if (NotInQuarantine(agent, input, out var entry) is { } problem) return problem;
        Append(new QuarantineRecord(entry.Number, input, Released: false));
        Notice(entry);
        return null;
    }

    private string? NotInQuarantine(string agent, long input, out AgentEntry entry)
    {
        entry = state.Find(agent)!;
        if (entry is null) return $"There is no agent '{agent}'.";
        return entry.Quarantine.ContainsKey(input) ? null : $"The agent '{agent}' has no event at offset {input} in quarantine; it has {entry.Quarantine.Count}.";
    }
}
