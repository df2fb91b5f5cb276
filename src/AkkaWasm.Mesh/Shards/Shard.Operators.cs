using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>What operators do to agents by name. Each call says in one sentence why it cannot be done, or returns null.</content>
public sealed partial class Shard
{
    /// <summary>
    /// Lets an agent wait: what it was given and has not answered counts as not given, what comes for it waits, also its timers; it stays so over
    /// restarts. What waits for it does not keep the shard from being idle.
    /// </summary>
    /// <param name="agent">Its name.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public string? Pause(string agent, long now)
    {
        Advance(now);
        if (NotThere(agent, out var entry) is { } problem) return problem;
        if (entry.IsPausedAlone) return $"The agent '{agent}' is paused already.";
        PauseNow(entry);
        return null;
    }

    private void PauseNow(AgentEntry entry)
    {
        End(entry);
        Append(new AgentPauseRecord(entry.Number, true));
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "paused"), LifecycleData.Agent(entry.Name, entry.Incarnation), changeCause);
    }

    /// <summary>Lets a paused agent go on.</summary>
    /// <param name="agent">Its name.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public string? Resume(string agent, long now)
    {
        Advance(now);
        if (NotThere(agent, out var entry) is { } problem) return problem;
        if (!entry.IsPausedAlone) return state.PausedGroupOf(entry) is { } group ? $"The agent '{agent}' is paused with its group '{group}'; resume the group." : $"The agent '{agent}' is not paused.";
        ResumeNow(entry);
        return null;
    }

    private void ResumeNow(AgentEntry entry)
    {
        Append(new AgentPauseRecord(entry.Number, false));
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "resumed"), LifecycleData.Agent(entry.Name, entry.Incarnation), changeCause);
        state.Touch(entry);
    }

    /// <summary>Has an agent begin again with a fresh instance and a new incarnation; also one that was stopped, as long as it is defined. What waits for it stays.</summary>
    /// <param name="agent">Its name.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public string? Reset(string agent, long now)
    {
        Advance(now);
        if (state.Find(agent) is not { } entry) return $"There is no agent '{agent}'.";
        if (state.Definition(entry.DefinitionName) is null) return $"The agent '{agent}' is not defined any more; put its definition back.";
        if (!Fits(entry)) return $"The agent '{agent}' is of another definition than '{entry.DefinitionName}' is now: of a family only agents with a key can run, of a pool those with a number, of a single agent only that without.";
        if (WantsRewind(entry)) return $"The agent '{agent}' is being rewound; try again when that is done.";
        if (IsGoingBack(entry)) return GoesBack(agent);
        var wasStopped = entry.Stopped;
        BeginAgain(entry, null);
        if (wasStopped) ReturnToPool(entry);
        if (!entry.Paused) BeginLife(entry, nowNs);
        else End(entry);
        return null;
    }

    /// <summary>
    /// Has the next turn of an agent that would succeed fail with an operating fault of code <c>simulated</c>, through the whole ladder: what would happen if the
    /// host failed it. It happens once, also if the shard ends before; refused while one is to come.
    /// </summary>
    /// <param name="agent">Its name.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public string? SimulateCrash(string agent, long now)
    {
        Advance(now);
        if (NotThere(agent, out var entry) is { } problem) return problem;
        if (entry.CrashIsDue) return $"The next turn of agent '{agent}' is to fail already.";
        Append(new CrashAskedRecord(entry.Number));
        return null;
    }

    /// <summary>Answers an operator once all that was recorded so far is committed.</summary>
    /// <param name="ticket">What stands for the operator; comes back in an <see cref="AnswerOperator"/>.</param>
    /// <param name="problem">Why it was not done, one sentence, or null.</param>
    public void Answer(object ticket, string? problem) => Gate(new AnswerOperator(ticket, problem), state.NextOffset - 1);

    /// <summary>The tickets of those who wait for an answer: rewinds that are being planned, what waits for its commit, and what nobody has taken out yet.</summary>
    public IEnumerable<object> OpenRequests =>
    [
        .. state.Agents.Where(a => a.AskedRewind is not null).Select(a => a.AskedRewind!.Value.Ticket),
        .. goingBack.Values.Select(order => order.Ticket).OfType<object>(),
        .. gated.UnorderedItems.Select(g => g.Element).Concat(effects).OfType<AnswerOperator>().Select(a => a.Ticket),
    ];

    private string? NotThere(string agent, out AgentEntry entry)
    {
        entry = state.Find(agent)!;
        if (entry is null) return $"There is no agent '{agent}'.";
        return entry.Stopped ? $"The agent '{agent}' is stopped; reset it to have it back." : null;
    }

    private static GuestFault? Simulated(AgentEntry entry) =>
        entry.CrashIsDue ? new GuestFault(FaultKind.Operating, GuestFault.Simulated, "The crash was asked for.") : null;
}
