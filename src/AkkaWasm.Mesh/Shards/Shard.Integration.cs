using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Agents change the topology. What an agent asks for is a record of its turn; once that is committed, whoever drives the shard reads it and comes back with
/// <see cref="AnswerChange"/> or <see cref="RefuseChange"/>. Answer, change and the event that tells the agent are one append: however often a crash comes between,
/// each request is answered once.
/// </content>
public sealed partial class Shard
{
    /// <summary>What the changes that are made now follow from; null where nothing in the log does.</summary>
    private MeshEvent? changeCause;

    /// <summary>Changes that agents asked for and that are not answered yet, the oldest first.</summary>
    public IReadOnlyList<ChangeAskedRecord> AskedChanges => [.. state.AskedChanges.Values];

    /// <summary>Says what it takes to make a change that an agent asked for, and what stands against it; nothing is changed.</summary>
    /// <param name="asked">Offset of the <see cref="ChangeAskedRecord"/>.</param>
    /// <param name="change">What it was found to be.</param>
    /// <returns>The plan; null where the change is answered already, or was read against a topology that is not in force any more.</returns>
    public TopologyPlan? PlanAsked(long asked, AskedChange change) =>
        change.BasedOn == state.TopologyOffset && state.AskedChanges.TryGetValue(asked, out var request) ? PlanAsked(request, change) : null;

    /// <summary>
    /// Makes a change that an agent asked for, or tells it why not: as of the topology and the capabilities that are in force now. To be called when no decision
    /// of a supervisor is underway. Where another topology is in force than the one it was read against it is to be read again (<see cref="ResolveChange"/>).
    /// </summary>
    /// <param name="asked">Offset of the <see cref="ChangeAskedRecord"/>.</param>
    /// <param name="change">What it was found to be.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <param name="ready">Agents that were made ready: see <see cref="ApplyTopology"/>.</param>
    /// <returns>What came of it; null where it is answered already, or to be read again.</returns>
    public TopologyAnswer? AnswerChange(long asked, AskedChange change, long now, IReadOnlyDictionary<int, int>? ready = null)
    {
        Advance(now);
        try
        {
            if (!state.AskedChanges.TryGetValue(asked, out var request)) return null;
            if (change.BasedOn == state.TopologyOffset) return Answer(request, change, ready ?? ImmutableDictionary<int, int>.Empty);
            effects.Add(new ResolveChange(request));
            return null;
        }
        finally
        {
            EndPreparation();
        }
    }

    /// <summary>Tells an agent that a change it asked for cannot be made.</summary>
    /// <param name="asked">Offset of the <see cref="ChangeAskedRecord"/>; one that is answered already is let be.</param>
    /// <param name="problem">Why not.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void RefuseChange(long asked, TopologyProblem problem, long now)
    {
        Advance(now);
        if (!state.AskedChanges.TryGetValue(asked, out var request)) return;
        Append(new ChangeAnsweredRecord(request.Offset));
        var plan = new TopologyPlan { Steps = [], Problems = [problem], Warnings = [], Delta = new TopologyDelta() };
        TellAsker(request, new TopologyAnswer(TopologyOutcome.Refused, TopologyAt, plan, []));
    }

    private TopologyAnswer Answer(ChangeAskedRecord request, AskedChange change, IReadOnlyDictionary<int, int> ready)
    {
        var plan = PlanAsked(request, change);
        Append(new ChangeAnsweredRecord(request.Offset));
        changeCause = CauseOf(request);
        try
        {
            var answer = change.OnlyPlans
                ? new TopologyAnswer(TopologyOutcome.Planned, TopologyAt, plan, [])
                : Apply(change.Target, plan, change.IfMatch, TopologyAuthor.Agent(state.NameOf(request.Agent)), change.Reason, change.Moves, ready, change.Drain, change.Canary);
            if (answer.Outcome is TopologyOutcome.Applied or TopologyOutcome.Unchanged && CarryOutPauses(change)) answer = answer with { Outcome = TopologyOutcome.Applied };
            TellAsker(request, answer with { At = TopologyAt });
            return answer;
        }
        finally
        {
            changeCause = null;
        }
    }

    private TopologyPlan PlanAsked(ChangeAskedRecord request, AskedChange change)
    {
        var entry = state.Agents[request.Agent];
        var plan = PlanTopology(change.Target, change.Moves);
        if (entry.Stopped) return plan with { Problems = [new TopologyProblem("", $"The agent '{entry.Name}', which asks for it, was stopped meanwhile.")] };
        var own = plan.IsPossible && options.BoundsIntegration ? IntegrationBounds.Check(entry.Definition, state.Topology!, change.Target, plan.Delta, options.MaxHeldTurns) : [];
        if (own.Count == 0 && plan.IsPossible) own = [.. ProblemsOfQuota(entry, change.Target, plan.Delta)];
        return plan with { Problems = [.. plan.Problems, .. change.Problems, .. own, .. ProblemsOfPauses(entry, change)] };
    }

    /// <summary>What an agent defines counts with what it spawned: a family with as many agents as it may have keys, a pool with as many as it may have members.</summary>
    private IEnumerable<TopologyProblem> ProblemsOfQuota(AgentEntry entry, MeshTopology target, TopologyDelta delta)
    {
        var renamed = delta.Renamed.ToDictionary(r => r.To, r => r.From, StringComparer.Ordinal);
        HashSet<string> isNew = [.. delta.Put.Select(d => d.Name).Where(name => state.Definition(name) is null && !renamed.ContainsKey(name))];
        if (delta.Put.IsEmpty) yield break;
        var asker = entry;
        for (var seen = new HashSet<AgentEntry>(); seen.Add(entry);)
        {
            var (agents, bytes) = (0L, 0L);
            foreach (var definition in state.DefinedBelow(entry, target, isNew, renamed))
            {
                var most = definition.Pool?.Max ?? (definition.Key is null ? 1 : definition.MaxKeys);
                (agents, bytes) = (agents + most, bytes + (most * ShardState.ReservedBytes(definition)));
            }
            var (quota, spawned) = (entry.Definition.Spawn, state.OffspringOf(entry));
            var who = entry == asker ? $"the agent '{entry.Name}'" : $"the agent '{entry.Name}', by which '{asker.Name}' is defined,";
            if (agents + spawned.Agents > quota.MaxAgents)
                yield return new TopologyProblem("agents", $"What {who} defines and started could be {agents + spawned.Agents} agents, {quota.MaxAgents} are allowed (spawn.max-agents); of a family max-keys counts, of a pool pool.max.");
            if (bytes + spawned.Bytes > quota.MaxMemoryBytes)
                yield return new TopologyProblem("agents", $"What {who} defines and started could use {bytes + spawned.Bytes} bytes, {quota.MaxMemoryBytes} are allowed (spawn.max-memory; of each agent limits.memory and limits.gc-heap count).");
            if (!state.DefinedBy.TryGetValue(entry.DefinitionName, out var maker) || state.Find(maker) is not { } next) yield break;
            entry = next;
        }
    }

    private IEnumerable<TopologyProblem> ProblemsOfPauses(AgentEntry entry, AskedChange change)
    {
        if (change.Paused > AskedChange.MaxPaused) yield return new TopologyProblem("pause", $"{change.Paused} agents and groups are to wait or go on, at most {AskedChange.MaxPaused} may in one change.");
        foreach (var name in change.Pause.Concat(change.Resume))
        {
            var path = $"agents.{name}";
            if (NotThere(name, out var other) is { } problem) yield return new TopologyProblem(path, problem);
            else if (IntegrationBounds.OfPause(entry.Definition, state.Topology!, path, other.Definition, null) is { } own) yield return own;
        }
        foreach (var name in change.PauseGroups.Concat(change.ResumeGroups))
        {
            if (NoGroup(name) is { } problem) yield return new TopologyProblem($"groups.{name}", problem);
            else if (IntegrationBounds.OfPause(entry.Definition, state.Topology!, $"groups.{name}", null, name) is { } own) yield return own;
        }
    }

    /// <returns>Whether somebody waits or goes on who did not before.</returns>
    private bool CarryOutPauses(AskedChange change)
    {
        var before = state.NextOffset;
        foreach (var name in change.Pause)
            if (NotThere(name, out var entry) is null && !entry.IsPausedAlone) PauseNow(entry);
        foreach (var name in change.Resume)
            if (NotThere(name, out var entry) is null && entry.IsPausedAlone) ResumeNow(entry);
        foreach (var name in change.PauseGroups)
            if (NoGroup(name) is null && !state.PausedGroups.Contains(name)) PauseGroupNow(name);
        foreach (var name in change.ResumeGroups)
            if (NoGroup(name) is null && state.PausedGroups.Contains(name)) ResumeGroupNow(name);
        return state.NextOffset > before;
    }

    private void AskForChange(AgentEntry entry, MeshEvent input, ChangeAsked asked) => Ask(new ChangeAskedRecord
    {
        Agent = entry.Number, Incarnation = entry.Incarnation, Input = input.Offset, Correlation = asked.Correlation, Depth = input.Depth, TraceParent = input.TraceParent, Text = asked.Text,
    });

    private void Ask(ChangeAskedRecord request)
    {
        Append(request);
        Gate(new ResolveChange(request), request.Offset);
    }

    /// <summary>A turn that is made again with its effects suppressed gets its answer at once.</summary>
    private void AnswerSuppressed(AgentEntry entry, MeshEvent input, ChangeAsked asked)
    {
        var plan = new TopologyPlan { Steps = [], Problems = [new TopologyProblem("", "The event is handled again with its outputs suppressed: nothing is changed.")], Warnings = [], Delta = new TopologyDelta() };
        AppendEvent(AnswerTo(entry, asked.Correlation, input, new TopologyAnswer(TopologyOutcome.Refused, TopologyAt, plan, [])));
    }

    private void TellAsker(ChangeAskedRecord request, TopologyAnswer answer) => AppendEvent(AnswerTo(state.Agents[request.Agent], request.Correlation, CauseOf(request), answer));

    private MeshEvent AnswerTo(AgentEntry entry, long correlation, MeshEvent cause, TopologyAnswer answer) =>
        About(entry, AgentName.Inbox(entry.Name), LifecycleData.Changed(answer, offset => PositionOf(offset).ToString()), EventOrigin.Lifecycle) with
        {
            Correlation = correlation, Cause = cause.Offset, Depth = DeeperThan(cause), TraceParent = cause.TraceParent,
        };

    /// <summary>What is made of a request is caused by it.</summary>
    private static MeshEvent CauseOf(ChangeAskedRecord request) => new() { Topic = "", Offset = request.Offset, Depth = request.Depth, TraceParent = request.TraceParent };

    private GuestFault? TooManyChanges(AgentEntry entry, TurnResult result)
    {
        var asked = 0;
        for (var i = 0; i < result.Outputs.Count; i++) asked += result.Outputs[i] is ChangeAsked ? 1 : 0;
        if (asked == 0) return null;
        var (all, limit) = (asked + state.AskedChanges.Values.Count(a => a.Agent == entry.Number), entry.Definition.Limits.PendingChanges);
        return all > limit ? new GuestFault(FaultKind.Limit, "pending-changes", $"The agent waits for the answers to {all} changes, at most {limit} are allowed (limits.pending-changes).") : null;
    }
}
