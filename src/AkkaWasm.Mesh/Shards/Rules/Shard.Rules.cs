using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Rules: what is to be seen of an agent crosses lines, holds for some time, and something is done. Where the lines are crossed and cleared, what was done and
/// what was not is recorded, so that all of it follows from the log; what the mesh measures itself becomes a value in a record before anything rests on it.
/// </content>
public sealed partial class Shard
{
    /// <summary>Rules that asked for a change of the topology and have no answer, with the agents or definitions that they act for.</summary>
    private readonly HashSet<(string Rule, string Scope)> rulesAsked = [];

    /// <summary>Agents that go back because a rule said so.</summary>
    private readonly Dictionary<AgentEntry, string> goingBackByRule = [];

    /// <returns>Whether the agent is to be looked at again though nothing happens to it.</returns>
    private bool ObserveRules(AgentEntry entry)
    {
        var (rules, again) = (state.RulesOf(entry), false);
        if (rules.IsEmpty || entry.Stopped) return false;
        foreach (var rule in rules)
            if (rule.Agent is null || rule.Agent == entry.Name) again |= Observe(rule, entry);
        return again;
    }

    private bool Observe(RuleDefinition rule, AgentEntry entry)
    {
        var values = RuleSigns.Measure(rule, new HealthSight(state, entry, nowNs));
        if (state.HoldOf(rule, entry) is not { } hold)
        {
            if (!RuleSigns.AreCrossed(values)) return false;
            Note(RuleStep.Crossed, rule, entry, values);
        }
        else if (RuleSigns.IsCleared(rule, values))
        {
            Note(RuleStep.Cleared, rule, entry, values);
            if (hold.HasActed) Tell(rule, entry, new RuleRecord(RuleStep.Cleared, rule.Name, entry.Number, values, "", nowNs));
            return false;
        }
        if (IsToAct(rule, entry, values)) Act(rule, entry, values);
        return true;
    }

    /// <summary>Whether a rule's time has come: its lines are crossed and held for long enough, and nothing was done for as long as nothing is to be.</summary>
    private bool IsToAct(RuleDefinition rule, AgentEntry entry, ImmutableArray<RuleValue> values)
    {
        if (state.HoldOf(rule, entry) is not { } hold || nowNs - hold.SinceNs < HealingLadder.ToNs(rule.For) || !RuleSigns.AreCrossed(values)) return false;
        if (state.ScopeOf(rule, ScopeOf(rule, entry)) is not { } scope) return true;
        if (nowNs < scope.CoolUntilNs(rule)) return false;
        if (scope.ActsWithin(rule, nowNs) < rule.AtMost) return true;
        if (!scope.IsExhausted) Tell(rule, entry, RuleStep.Exhausted, values, $"it acted {rule.AtMost} times within {rule.Per:c} (at-most, per); until that is longer ago it does nothing");
        return false;
    }

    private static string ScopeOf(RuleDefinition rule, AgentEntry entry) => rule.IsOfDefinition ? entry.DefinitionName : entry.Name;

    private void Act(RuleDefinition rule, AgentEntry entry, ImmutableArray<RuleValue> values)
    {
        var scope = ScopeOf(rule, entry);
        if (rule.ActionOf(RuleVerb.Replace) is null || rule.IsDryRun || WhyNot(rule, entry) is not null)
        {
            CarryOut(rule, entry, values, null);
            return;
        }
        if (rulesAsked.Add((rule.Name, scope))) effects.Add(new RuleIsDue(rule.Name, entry.Number));
    }

    /// <summary>Says what a rule would make of the topology, so that agents can be made ready for it as by <see cref="PrepareTopology"/>.</summary>
    /// <param name="due">The rule.</param>
    /// <returns>The plan; null if the rule has no reason to act any more.</returns>
    public TopologyPlan? PlanRule(RuleIsDue due) => Due(due) is var (rule, _, _) ? PlanReplacement(rule) : null;

    /// <summary>
    /// Has a rule act that is to give a definition another module: all that it does is one append, with what was seen. If its lines are not crossed any more,
    /// nothing happens; if something stands against it, that is recorded.
    /// </summary>
    /// <param name="due">The rule.</param>
    /// <param name="ready">Agents that were made ready, as for <see cref="ApplyTopology"/>.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void CarryOutRule(RuleIsDue due, IReadOnlyDictionary<int, int>? ready, long now)
    {
        Advance(now);
        try
        {
            if (Due(due) is var (rule, entry, values) && IsToAct(rule, entry, values)) CarryOut(rule, entry, values, ready ?? ImmutableDictionary<int, int>.Empty);
        }
        finally
        {
            Forget(due);
            EndPreparation();
        }
    }

    /// <summary>Says that agents could not be made ready for what a rule wants. Nothing has changed; it is recorded.</summary>
    /// <param name="due">The rule.</param>
    /// <param name="why">One sentence.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void RefuseRule(RuleIsDue due, string why, long now)
    {
        Advance(now);
        if (Due(due) is var (rule, entry, values) && IsToAct(rule, entry, values)) Tell(rule, entry, RuleStep.Refused, values, why);
        Forget(due);
        EndPreparation();
    }

    /// <summary>The rule and the agent that something is due for, if the rule is still there and the lines are still crossed.</summary>
    private (RuleDefinition Rule, AgentEntry Entry, ImmutableArray<RuleValue> Values)? Due(RuleIsDue due)
    {
        var entry = state.Agents[due.Agent];
        if (state.Rule(due.Rule) is not { } rule || entry.Stopped || !state.RulesOf(entry).Contains(rule) || state.HoldOf(rule, entry) is null || rule.ActionOf(RuleVerb.Replace) is null) return null;
        var values = RuleSigns.Measure(rule, new HealthSight(state, entry, nowNs));
        return RuleSigns.AreCrossed(values) ? (rule, entry, values) : null;
    }

    private void Forget(RuleIsDue due) => rulesAsked.RemoveWhere(asked => asked.Rule == due.Rule);

    private long Note(RuleStep step, RuleDefinition rule, AgentEntry entry, ImmutableArray<RuleValue> values) => Append(new RuleRecord(step, rule.Name, entry.Number, values, "", nowNs));

    /// <summary>A step that others are told of.</summary>
    private void Tell(RuleDefinition rule, AgentEntry entry, RuleStep step, ImmutableArray<RuleValue> values, string text)
    {
        var record = new RuleRecord(step, rule.Name, entry.Number, values, Clip(text), nowNs) { Verbs = [.. rule.Then.Select(a => a.Verb)], Scope = ScopeOf(rule, entry) };
        Append(record);
        Tell(rule, entry, record);
    }

    private void Tell(RuleDefinition rule, AgentEntry entry, RuleRecord record) => AppendEvent(new MeshEvent
    {
        Topic = AgentName.Rule(rule.Name), Data = LifecycleData.Rule(rule, record, entry.Name), ContentType = LifecycleData.ContentType, Origin = EventOrigin.Lifecycle, Subject = entry.Name,
    });

    /// <summary>An agent does not go back though a rule said so.</summary>
    private void TellOfFailedRule(AgentEntry entry, string problem)
    {
        if (goingBackByRule.TryGetValue(entry, out var name) && state.Rule(name) is { } rule) Tell(rule, entry, RuleStep.Failed, [], problem);
    }
}
