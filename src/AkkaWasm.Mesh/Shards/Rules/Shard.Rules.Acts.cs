using System.Collections.Immutable;
using System.Globalization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>What rules do: one row for each verb. All of a rule's verbs are looked at first; if one cannot be, none is.</content>
public sealed partial class Shard
{
    /// <summary>What there is about a verb of a rule.</summary>
    /// <param name="WhyNot">Why it cannot be done, one sentence, or null.</param>
    private sealed record RuleDeed(Func<Shard, RuleAct, RuleAction, string?> WhyNot)
    {
        /// <summary>What stands before the record of it, or happens before.</summary>
        public Action<Shard, RuleAct, RuleAction> Before { get; init; } = (_, _, _) => { };

        /// <summary>What stands behind it.</summary>
        public Action<Shard, RuleAct, RuleAction> Behind { get; init; } = (_, _, _) => { };
    }

    /// <summary>A rule that acts for an agent, and the agents that were made ready for it.</summary>
    private readonly record struct RuleAct(RuleDefinition Rule, AgentEntry Entry, IReadOnlyDictionary<int, int> Ready);

    private static readonly Dictionary<RuleVerb, RuleDeed> Deeds = new()
    {
        [RuleVerb.Alert] = new((_, _, _) => null),
        [RuleVerb.Rewind] = new((s, act, a) => s.WhyNotBack(act.Entry, a.Rewind!)) { Behind = (s, act, _) => s.GoBackByRule(act.Rule, act.Entry) },
        [RuleVerb.Replace] = new((s, act, a) => s.WhyNotReplaced(act.Rule, a.Replacement!)) { Before = (s, act, a) => s.ReplaceByRule(act, a.Replacement!) },
        [RuleVerb.Replicate] = new((s, act, a) => s.WhyNotReplicated(a, act.Entry)) { Behind = (s, act, a) => s.ReplicateByRule(act.Rule, a, act.Entry) },
        [RuleVerb.Shed] = new((s, act, a) => s.WhyNotShed(a, act.Entry)),
        [RuleVerb.Restart] = new((_, act, _) => WhyNotRestarted(act.Entry)) { Behind = (s, act, _) => s.BeginLife(act.Entry, s.nowNs) },
        [RuleVerb.Pause] = new((_, _, _) => null)
        {
            Before = (s, act, _) => s.End(act.Entry),
            Behind = (s, act, _) => s.AppendLifecycle(act.Entry, AgentName.Lifecycle(act.Entry.Name, "paused"), LifecycleData.Agent(act.Entry.Name, act.Entry.Incarnation), null),
        },
    };

    /// <summary>Does all that a rule says, or nothing, and records which.</summary>
    private void CarryOut(RuleDefinition rule, AgentEntry entry, ImmutableArray<RuleValue> values, IReadOnlyDictionary<int, int>? ready)
    {
        var problem = WhyNot(rule, entry);
        if (rule.IsDryRun || problem is not null)
        {
            var wouldSay = problem is null ? $"it would {Wanted(rule)}" : $"it would {Wanted(rule)}, and could not: {problem}";
            Tell(rule, entry, rule.IsDryRun ? RuleStep.WouldAct : RuleStep.Refused, values, rule.IsDryRun ? wouldSay : problem!);
            return;
        }
        var act = new RuleAct(rule, entry, ready ?? ImmutableDictionary<int, int>.Empty);
        foreach (var action in rule.Then) Deeds[action.Verb].Before(this, act, action);
        var shed = rule.ActionOf(RuleVerb.Shed) is { } shedding ? ToShed(shedding, entry) : [];
        var record = new RuleRecord(RuleStep.Acted, rule.Name, entry.Number, values, Clip(shed.IsEmpty ? Wanted(rule) : $"{Wanted(rule)} ({shed.Length} events)"), nowNs)
        {
            Verbs = [.. rule.Then.Select(a => a.Verb)], Scope = ScopeOf(rule, entry), Shed = shed, Rewind = rule.ActionOf(RuleVerb.Rewind)?.Rewind,
        };
        Append(record);
        if (!shed.IsEmpty) TellOfShed(rule, entry, shed);
        foreach (var action in rule.Then) Deeds[action.Verb].Behind(this, act, action);
        Tell(rule, entry, record);
    }

    private static string Wanted(RuleDefinition rule) => string.Join(", ", rule.Then.Select(RuleSteps.Text));

    /// <summary>Why a rule cannot act, one sentence, or null. To say something is always possible.</summary>
    private string? WhyNot(RuleDefinition rule, AgentEntry entry)
    {
        if (rule.Then.All(a => a.Verb == RuleVerb.Alert)) return null;
        if (entry.Paused) return $"The agent '{entry.Name}' is paused.";
        if (IsGoingBack(entry)) return GoesBack(entry.Name);
        if (state.Canaries.ContainsKey(entry.DefinitionName)) return $"{IsWatched(entry.DefinitionName)}.";
        if (state.IsDraining(entry.DefinitionName)) return $"The agents of '{entry.DefinitionName}' are being drained.";
        if (entry.IsPreparing && rule.ActionOf(RuleVerb.Replace) is null) return $"The agent '{entry.Name}' gets ready for another definition.";
        var act = new RuleAct(rule, entry, ImmutableDictionary<int, int>.Empty);
        return rule.Then.Select(action => Deeds[action.Verb].WhyNot(this, act, action)).FirstOrDefault(problem => problem is not null);
    }

    private static string? WhyNotRestarted(AgentEntry entry) =>
        entry.Phase == AgentPhase.Running ? null : $"The agent '{entry.Name}' has no guest that works now, and none to be made anew.";

    private string? WhyNotBack(AgentEntry entry, RewindTarget target) => CannotRewind(entry.Name, target, out _)
        ?? (target.PreviousVersion && HasNoVersionBefore(entry) ? $"The agent '{entry.Name}' has had no other version of its module that it could go back to." : null);

    private void GoBackByRule(RuleDefinition rule, AgentEntry entry)
    {
        goingBackByRule[entry] = rule.Name;
        entry.RewindGivenUp = false;
        if (entry.Phase != AgentPhase.Asleep) effects.Add(new EndAgent(entry.Number, entry.Token));
        BeginLife(entry, nowNs);
    }

    private string? WhyNotReplicated(RuleAction action, AgentEntry entry)
    {
        if (state.PoolOf(entry) is not { } pool) return $"'{entry.Name}' is no member of a pool.";
        if (WhyKept(pool) is { } kept) return $"{kept}.";
        var (living, most) = (state.LivingIn(pool).Count(), entry.Definition.Pool!.Max);
        if (living >= most) return $"The pool '{pool.Name}' has {living} members, and {most} are the most (pool.max).";
        return Choose(pool, Grown(pool, action, entry), most).Length > living ? null : $"The pool '{pool.Name}' cannot have more members: {string.Join(", ", StoppedIn(pool))} stopped; reset what is to run again.";
    }

    private int Grown(Pool pool, RuleAction action, AgentEntry entry) => Math.Min(state.LivingIn(pool).Count() + action.By, entry.Definition.Pool!.Max);

    private void ReplicateByRule(RuleDefinition rule, RuleAction action, AgentEntry entry)
    {
        var pool = state.PoolOf(entry)!;
        Reassign(entry.Definition, Choose(pool, Grown(pool, action, entry), entry.Definition.Pool!.Max), PoolCause.Rule, $"the rule '{rule.Name}' says so");
    }

    private string? WhyNotShed(RuleAction action, AgentEntry entry)
    {
        if (entry.Quarantine.Count >= options.MaxQuarantine) return $"The quarantine of '{entry.Name}' is full with {entry.Quarantine.Count} events (max-quarantine); release or drop some.";
        return ToShed(action, entry).IsEmpty ? $"Nothing of what waits for '{entry.Name}' can be put aside: it was given to the guest, tried or handled before." : null;
    }

    /// <summary>
    /// The oldest events that wait and were not given to the guest: all but those that are kept, and no more than fit into the quarantine, which gives nothing up
    /// for them. What was tried is left to the ladder; what is handled again after a way back was handled before.
    /// </summary>
    private ImmutableArray<long> ToShed(RuleAction action, AgentEntry entry)
    {
        var after = Math.Max(LastKeptBy(entry), entry.SuppressedThrough);
        var (most, shed) = (Math.Min(entry.Pending.Count - action.Keep, options.MaxQuarantine - entry.Quarantine.Count), ImmutableArray.CreateBuilder<long>());
        for (var i = 0; i < entry.Pending.Count && shed.Count < most; i++)
            if (entry.Pending[i] > after) shed.Add(entry.Pending[i]);
        return shed.ToImmutable();
    }

    private void TellOfShed(RuleDefinition rule, AgentEntry entry, ImmutableArray<long> shed)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"{shed.Length} events from {PositionOf(shed[0])} to {PositionOf(shed[^1])} were put aside by the rule '{rule.Name}'; they were not tried, and can be released.");
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "shed"), LifecycleData.Agent(entry.Name, entry.Incarnation, detail), null);
    }

    private TopologyPlan PlanReplacement(RuleDefinition rule)
    {
        var (running, by) = (state.Topology!, rule.ActionOf(RuleVerb.Replace)!.Replacement!);
        var target = running with { Agents = [.. running.Agents.Select(a => a.Name == rule.Definition ? a with { ModuleHash = by.ModuleHash, ModuleFile = by.ModuleFile } : a)] };
        return PlanFor(ref target, null, by.Watch);
    }

    private string? WhyNotReplaced(RuleDefinition rule, RuleReplacement by)
    {
        if (state.Definition(rule.Definition!)!.ModuleHash == by.ModuleHash) return $"'{rule.Definition}' has the module {by.ModuleFile} already.";
        return PlanReplacement(rule).Problems is [var problem, ..] ? problem.Message : null;
    }

    private void ReplaceByRule(RuleAct act, RuleReplacement by)
    {
        var (before, plan) = (state.Topology!, PlanReplacement(act.Rule));
        Change(plan, TopologyAuthor.Rule, $"the rule '{act.Rule.Name}' says so", act.Ready, CanariesOf(before, plan.Delta, by.Watch, null));
    }
}
