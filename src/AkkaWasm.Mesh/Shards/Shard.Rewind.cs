using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// An agent goes back to an older state. What that state is made of stands in the log, which the core does not read: it asks for a plan, meanwhile the
/// agent makes no turn, and what the plan says becomes records.
/// </content>
public sealed partial class Shard
{
    /// <summary>Asks for an agent to go back to an older state; answered with an <see cref="AnswerOperator"/>.</summary>
    /// <param name="agent">Its name.</param>
    /// <param name="target">How far.</param>
    /// <param name="ticket">Comes back with the answer.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void Rewind(string agent, RewindTarget target, object ticket, long now)
    {
        Advance(now);
        if (CannotRewind(agent, target, out var entry) is { } problem)
        {
            effects.Add(new AnswerOperator(ticket, problem));
            return;
        }
        if (entry.Phase != AgentPhase.Asleep) effects.Add(new EndAgent(entry.Number, entry.Token));
        entry.AskedRewind = (target, ticket);
        BeginLife(entry, nowNs);
    }

    /// <summary>Says what <see cref="Rewind"/> would do; nothing changes.</summary>
    /// <param name="agent">Name of the agent.</param>
    /// <param name="target">How far.</param>
    /// <param name="plan">What the committed log says of the way.</param>
    /// <returns>What would happen and null, or null and one sentence that says why it cannot be done.</returns>
    public (AgentRewindOutlook? Outlook, string? Problem) LookAtRewind(string agent, RewindTarget target, RewindPlan plan)
    {
        if ((CannotRewind(agent, target, out var entry) ?? TooFar(plan)) is { } problem) return (null, problem);
        var outlook = new AgentRewindOutlook
        {
            Agent = agent, Incarnation = entry.Incarnation, LastInput = entry.LastInput, ToLastInput = plan.LastInput, Inputs = target.Inputs,
            UndoneTurns = plan.Since.Length, Undone = [.. plan.Since.Take(AgentRewindOutlook.MaxListed)], EmittedSince = plan.EmittedSince, Emitted = plan.Emitted,
            TakenBack = plan.TakenBack.Length, Repeated = plan.Turns.Length, Module = plan.Version?.ModuleHash,
        };
        return (outlook, null);
    }

    /// <summary>Says how an agent comes back to the older state that <see cref="Shards.PlanRewind"/> asked for.</summary>
    /// <param name="agent">Number of the agent.</param>
    /// <param name="token">The life that was asked for.</param>
    /// <param name="plan">What the log says.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void RewindPlanned(int agent, int token, RewindPlan plan, long now)
    {
        Advance(now);
        var entry = state.Agents[agent];
        if (entry.Token != token || entry.Phase != AgentPhase.Planning) return;
        if (plan.Incarnation != entry.Incarnation || plan.TurnsRecorded != entry.Turns)
            throw new InvalidOperationException($"The plan to rewind agent '{entry.Name}' is of incarnation {plan.Incarnation} after {plan.TurnsRecorded} turns; it is in incarnation {entry.Incarnation} after {entry.Turns}.");
        if ((TooFar(plan) ?? (plan.Version is null ? SeesAnother(entry, plan.LastLife) : null)) is { } why)
        {
            EndRewind(entry, why);
            return;
        }
        GoBack(entry, WantedRewind(entry)!, plan);
        EndRewind(entry, null);
    }

    /// <summary>Says that there is no such state, or that it cannot be found out. The agent goes on in the state that it had, and its next failure is answered by what the ladder says then.</summary>
    /// <param name="agent">Number of the agent.</param>
    /// <param name="token">The life that was asked for.</param>
    /// <param name="why">One sentence.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void RewindRefused(int agent, int token, string why, long now)
    {
        Advance(now);
        var entry = state.Agents[agent];
        if (entry.Token == token && entry.Phase == AgentPhase.Planning) EndRewind(entry, why);
    }

    private string? TooFar(RewindPlan plan) => Math.Max(plan.Turns.Length, plan.Since.Length) is var turns && turns > options.MaxRewindTurns
        ? $"To go back to offset {plan.LastInput} takes {turns} turns from the last snapshot before it, or since; at most {options.MaxRewindTurns} are possible (max-rewind-turns)."
        : LiesBeforeTheLog($"To go back to offset {plan.LastInput}", plan.Turns.Select(t => t.Input).Concat(plan.Since));

    private string? CannotRewind(string agent, RewindTarget target, out AgentEntry entry)
    {
        entry = state.Find(agent)!;
        if (entry is null) return $"There is no agent '{agent}'.";
        if (entry.Stopped) return $"The agent '{agent}' is stopped; reset it first.";
        if (IsGoingBack(entry)) return GoesBack(agent);
        if (WantsRewind(entry)) return $"The agent '{agent}' is being rewound already; try again when that is done.";
        if (target.PreviousVersion) return entry.Init >= 0 && entry.DueMove is null ? $"The agent '{agent}' has not made its first turn yet; there is no state to go back to." : null;
        if (entry.DueMove is not null) return $"The state of agent '{agent}' has yet to be moved to its present definition, with its next event; go back then.";
        if (entry.Init >= 0) return $"The agent '{agent}' has not made its first turn yet; there is no state to go back to.";
        return target is { To: null, Snapshots: 0, Turns: < 1 } ? "An agent goes back by 1 turn or more." : null;
    }

    private static bool WantsRewind(AgentEntry entry) => WantedRewind(entry) is not null;

    private static RewindTarget? WantedRewind(AgentEntry entry) => entry.AskedRewind?.Target
        ?? (entry.RewindGivenUp || entry.Rewind is { PreviousVersion: true } && HasNoVersionBefore(entry) ? null : entry.Rewind);

    private void PlanRewind(AgentEntry entry)
    {
        SetPhase(entry, AgentPhase.Planning);
        Gate(new PlanRewind(entry.Number, entry.Token, WantedRewind(entry)!), state.NextOffset - 1);
    }

    private void GoBack(AgentEntry entry, RewindTarget target, RewindPlan plan)
    {
        if (plan.Version is { } version) GoBackTo(version, entry);
        var tried = TriedAgain(entry, target, plan);
        Append(new AgentRecord(entry.Number, AgentChange.Rewound, entry.Name, entry.DefinitionName, entry.Key, state.NextIncarnation(entry), entry.Parent));
        Append(new LineageRecord
        {
            Agent = entry.Number, Image = plan.Image, Turns = plan.Turns, Again = target.Inputs == RewindInputs.Dropped ? [] : [.. plan.Since.Concat(tried).Order()], TakenBack = plan.TakenBack,
            FiredAgain = target.Inputs == RewindInputs.Dropped ? [] : plan.Fired, Moves = plan.MovesAmongTurns,
            Suppressed = target.Inputs == RewindInputs.Suppressed, ForgetFrom = plan.ForgetFrom, RollsBack = plan.Version is not null, Fresh = tried,
        });
        Restate(entry, plan.Reported);
        var data = LifecycleData.Rewound(entry.Name, entry.Incarnation, PositionOf(plan.LastInput), target.Inputs.ToString().ToLowerInvariant(), plan, offset => PositionOf(offset).ToString());
        var (cause, depth) = entry.HealPending ? entry.HealCause : (Position.None, 0);
        AppendEvent(About(entry, AgentName.Lifecycle(entry.Name, "rewound"), data, EventOrigin.Lifecycle) with { Cause = cause, Depth = depth });
    }

    private void EndRewind(AgentEntry entry, string? problem)
    {
        if (entry.AskedRewind is { } asked) Gate(new AnswerOperator(asked.Ticket, problem), state.NextOffset - 1);
        else if (problem is not null)
        {
            AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "rewind-refused"), LifecycleData.Agent(entry.Name, entry.Incarnation, problem), null);
            TellOfFailedRule(entry, problem);
            if (entry.Rewind is { PreviousVersion: true }) Append(new AgentVersionRecord(entry.Number, AgentVersionStep.Refused, null));
        }
        goingBackByRule.Remove(entry);
        entry.AskedRewind = null;
        entry.RewindGivenUp = problem is not null;
        BeginLife(entry);
    }

    /// <summary>Of a turn that is repeated after a rewind with <see cref="RewindInputs.Suppressed"/> stays what concerns the agent alone.</summary>
    private IReadOnlyList<TurnOutput> Kept(AgentEntry entry, MeshEvent input, IReadOnlyList<TurnOutput> outputs)
    {
        if (!entry.IsSuppressed(input.Offset)) return outputs;
        foreach (var output in outputs)
            if (output is EventEmitted { Event.Origin: EventOrigin.Request } request)
                Append(new TimerRecord(request.Event.Correlation, entry.Number, nowNs + request.TimeoutNs, input.Offset, DepthOfTimer(input), AgentName.Inbox(entry.Name), default, IsTimeout: true));
            else if (output is ChangeAsked asked) AnswerSuppressed(entry, input, asked);
        return [.. outputs.Where(o => o is TimerCancelled or LineLogged or AgentWatched or HealthReported || (o is TimerSet timer && AgentName.TryInbox(timer.Topic, out _, out _)))];
    }
}
