using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// A changed definition goes back to what it was, and its agents to the states that they had at the change. Until the log is read for that they get nothing
/// and make no turn; then all of it is one append, so that a crash leaves the one or the other.
/// </content>
public sealed partial class Shard
{
    /// <summary>Definitions for which the log is being read, with who takes them back and why.</summary>
    private readonly SortedDictionary<string, RollBackOrder> goingBack = new(StringComparer.Ordinal);

    /// <param name="Author">Who takes it back.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Ticket">Comes back with the answer; null if nobody waits for one.</param>
    private sealed record RollBackOrder(string Author, string Reason, object? Ticket);

    private bool IsGoingBack(AgentEntry entry) => goingBack.Count > 0 && goingBack.ContainsKey(entry.DefinitionName) && state.WatchOf(entry) is not null;

    private static string GoesBack(string agent) => $"The agent '{agent}' is being set back with its definition; try again when that is done.";

    /// <summary>Holds the agents of a definition and asks for what the log says of them.</summary>
    private void BeginRollBack(string definition, CanaryWatch watch, RollBackOrder order)
    {
        goingBack[definition] = order;
        foreach (var entry in state.Agents.Of(definition).Where(a => !a.Stopped && watch.Includes(a.Name)))
        {
            GiveUpAskedRewind(entry);
            if (entry.Phase != AgentPhase.Asleep) End(entry);
        }
        AskForSurvey(definition, watch);
    }

    private void AskForSurvey(string definition, CanaryWatch watch) => Gate(new PlanRollBack(definition, watch.Since, watch.Share), state.NextOffset - 1);

    /// <summary>An agent that is set back goes nowhere else.</summary>
    private void GiveUpAskedRewind(AgentEntry entry)
    {
        entry.RewindGivenUp = false;
        if (entry.AskedRewind is not { } asked) return;
        effects.Add(new AnswerOperator(asked.Ticket, $"The agent '{entry.Name}' is set back with its definition."));
        entry.AskedRewind = null;
    }

    /// <summary>
    /// Sets a definition back, and its agents to the states that they had at its change; to be called when no decision of supervisors is underway. If somebody
    /// was touched since the log was read, it is asked for again.
    /// </summary>
    /// <param name="survey">What the log says, as <see cref="PlanRollBack"/> asked for it.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void RollBack(RollBackSurvey survey, long now)
    {
        Advance(now);
        var definition = survey.Request.Definition;
        if (!goingBack.TryGetValue(definition, out var order) || !state.Canaries.TryGetValue(definition, out var watch) || watch.Since != survey.Request.Since) return;
        var concerned = Concerned(definition, watch).ToArray();
        if (concerned.Any(e => !survey.Knows(e) && (e.Number < watch.FirstNew || e.Turns > 0 || e.Incarnation > state.FirstIncarnation(e.Name))))
        {
            AskForSurvey(definition, watch);
            return;
        }
        goingBack.Remove(definition);
        var running = state.Topology!;
        var plan = Plan(running with { Agents = [.. running.Agents.Select(a => a.Name == definition ? watch.Before : a)] }, null, [definition]);
        if (plan.IsPossible) TakeBack(plan, watch, concerned, survey, order);
        else End(definition, watch, CanaryStep.Kept, KeptTopic, plan.Problems[0].Message);
        Release(watch);
        if (order.Ticket is { } ticket) Gate(new AnswerOperator(ticket, plan.IsPossible ? null : plan.Problems[0].Message), state.NextOffset - 1);
    }

    /// <summary>Says that the log cannot be read: the definition stays as it is and is watched no more.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="why">One sentence.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void RollBackRefused(PlanRollBack request, string why, long now)
    {
        Advance(now);
        if (!goingBack.Remove(request.Definition, out var order) || !state.Canaries.TryGetValue(request.Definition, out var watch)) return;
        End(request.Definition, watch, CanaryStep.Kept, KeptTopic, why);
        Release(watch);
        if (order.Ticket is { } ticket) Gate(new AnswerOperator(ticket, why), state.NextOffset - 1);
    }

    /// <summary>
    /// Those who go back: where the guest sees the change all who live, otherwise those who made a turn since, or have events put aside; and those whom a failure
    /// stopped. A fork that was made since goes on as it is where its guest cannot tell the difference.
    /// </summary>
    private IEnumerable<AgentEntry> Concerned(string definition, CanaryWatch watch)
    {
        return state.Agents.Of(definition).Where(a => watch.Includes(a.Name)
            && (a.Stopped ? watch.Stopped.Contains(a.Number) : IsSeen(a) || (watch.Changed.Contains(a.Number) && !(a.IsFork && a.Number >= watch.FirstNew))));

        bool IsSeen(AgentEntry entry) => state.DigestOf(entry.Definition) != state.DigestOf(watch.Before.Of(entry.Name));
    }

    private void TakeBack(TopologyPlan plan, CanaryWatch watch, AgentEntry[] concerned, RollBackSurvey survey, RollBackOrder order)
    {
        var definition = watch.Before.Name;
        var failures = watch.FailuresAt(state.LastTimeNs);
        Change(plan with { Moves = [] }, order.Author, order.Reason, ImmutableDictionary<int, int>.Empty);
        foreach (var entry in concerned) SetBack(entry, survey, watch);
        Append(new CanaryRecord(CanaryStep.RolledBack, definition));
        var left = state.Agents.Of(definition).Where(a => a.Stopped && watch.Changed.Contains(a.Number)).Select(a => a.Name);
        AppendTopology(RolledBackTopic, LifecycleData.RolledBack(
            definition, PositionOf(watch.Since), failures, order.Reason, [.. concerned.Select(e => e.Name)], [.. left],
            watch.EmittedCount, [.. watch.Emitted.Select(offset => PositionOf(offset).ToString())]));
        ReplaceStoppedInPool(definition);
    }

    private void SetBack(AgentEntry entry, RollBackSurvey survey, CanaryWatch watch)
    {
        var (plan, inputs) = (survey.PlanOf(entry.Number), watch.Policy.Inputs);
        var fresh = NotHandled(entry, plan, watch);
        ImmutableArray<long> again = inputs == RewindInputs.Dropped ? fresh : [.. plan.Since.Union(fresh).Order()];
        var due = plan.Due is { } move ? move with { Input = state.NextOffset + 2 } : null; // its event stands behind the two records that begin the life
        var lineage = new LineageRecord
        {
            Agent = entry.Number, Image = plan.Image, Turns = plan.Turns, Moves = due is null ? plan.MovesAmongTurns : [.. plan.MovesAmongTurns, due],
            RollsBack = true, TakenBack = plan.TakenBack, ForgetFrom = plan.ForgetFrom,
            Again = again, Fresh = fresh, FiredAgain = plan.Fired.IsEmpty ? [] : [.. plan.Fired.Where(f => again.BinarySearch(f.Offset) >= 0)],
            Suppressed = inputs == RewindInputs.Suppressed && (plan.HasStarted || !plan.Since.IsEmpty),
        };
        RunAsThen(entry, lineage.BeginsAnew ? null : survey.RunsAsOf(entry.Number));
        Append(new AgentRecord(entry.Number, lineage.BeginsAnew ? AgentChange.Reset : AgentChange.Rewound, entry.Name, entry.DefinitionName, entry.Key, state.NextIncarnation(entry), entry.Parent));
        Append(lineage);
        var data = LifecycleData.Rewound(entry.Name, entry.Incarnation, PositionOf(plan.LastInput), inputs.ToString().ToLowerInvariant(), plan, offset => PositionOf(offset).ToString());
        if (lineage.BeginsAnew) AppendStarted(entry, null);
        AppendEvent(About(entry, AgentName.Lifecycle(entry.Name, "rewound"), data, EventOrigin.Lifecycle));
        Restate(entry, plan.Reported);
        foreach (var timer in watch.Lost.GetValueOrDefault(entry.Number, [])) Append(timer with { });
        foreach (var name in watch.Watched.GetValueOrDefault(entry.Number, []))
            if (state.Find(name) is { Stopped: false } && !(state.Watchers.TryGetValue(name, out var watchers) && watchers.Contains(entry.Number))) Append(new WatchRecord(entry.Number, name));
    }

    /// <summary>Events since the change that the agent could not handle: they failed, or came when a failure had stopped it.</summary>
    private static ImmutableArray<long> NotHandled(AgentEntry entry, RewindPlan plan, CanaryWatch watch)
    {
        IEnumerable<long> events = watch.Missed.GetValueOrDefault(entry.Number, []);
        if (watch.Policy.Inputs != RewindInputs.Dropped) events = events.Concat(watch.Quarantined.GetValueOrDefault(entry.Number, []).Where(entry.Quarantine.ContainsKey));
        HashSet<long> left = [.. events];
        if (left.Count == 0) return [];
        left.ExceptWith(plan.TakenBack);
        left.ExceptWith(plan.Since);
        left.ExceptWith(entry.Pending.ToArray());
        return [.. left.Order()];
    }

    /// <summary>The agents of a definition go on.</summary>
    private void Release(CanaryWatch watch)
    {
        foreach (var entry in state.Agents.Of(watch.Before.Name).Where(a => !a.Stopped && watch.Includes(a.Name)))
        {
            state.Touch(entry);
            if (IsToComeUp(entry)) BeginLife(entry);
        }
    }
}
