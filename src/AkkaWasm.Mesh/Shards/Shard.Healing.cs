using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

public sealed partial class Shard
{
    /// <summary>Decides what happens after a failed turn, records it, and begins it.</summary>
    private void Heal(AgentEntry entry, MeshEvent input, GuestFault fault)
    {
        var attempts = entry.AttemptsOf(input.Offset);
        var isInit = entry.Init == input.Offset;
        var (step, group, escalations, passedOver) = Climb(entry);
        var policy = Policies.Of(state.Topology!, group);
        var directive = step.Directive;
        var quarantine = HealingLadder.Quarantines(policy, directive, fault, attempts);
        var leavesMove = directive == HealingDirective.Rewind && policy.Rewind.PreviousVersion && entry.DueMove is not null;
        if (isInit && quarantine && !leavesMove) directive = HealingDirective.Stop;
        if (isInit && directive == HealingDirective.Rewind && !leavesMove) directive = HealingDirective.Reset; // there is nothing before turn 0
        var waits = directive is HealingDirective.Restart or HealingDirective.Reset or HealingDirective.Rewind || (directive == HealingDirective.Resume && !quarantine);
        var backoff = waits ? HealingLadder.BackoffNs(policy, Math.Max(step.Failures, attempts.Host), new TurnRandom(entry.Number, entry.Incarnation, state.NextOffset)) : 0;
        var failed = LifecycleData.Failed(entry.Name, entry.Incarnation, fault, At(input), input.Topic, Identity.IdOf(input), attempts.Total, Word(directive));
        AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "failed"), failed, input);
        if (passedOver is not null) AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "rewind-refused"), LifecycleData.Agent(entry.Name, entry.Incarnation, passedOver), input);
        entry.RewindGivenUp = false;
        var decision = new HealingRecord(entry.Number, input.Offset, directive, group, escalations,
            Affected(entry, directive, policy, group, escalations), quarantine && !isInit, nowNs + backoff, step.Rung, DeeperThan(input));
        Append(decision);
        if (decision.Quarantine) Quarantine(entry, input, fault);
        effects.Add(new HealAgents(decision, fault));
        foreach (var number in decision.Affected) Carry(state.Agents[number], directive, fault, input);
    }

    /// <summary>Goes up from the agent's group while the policy says to escalate; out of the root there is no further up.</summary>
    private (LadderStep Step, string Group, int Escalations, string? PassedOver) Climb(AgentEntry entry)
    {
        var group = entry.Definition.Group;
        string? passedOver = null;
        for (var escalations = 0; ; escalations++)
        {
            var policy = Policies.Of(state.Topology!, group);
            var step = HealingLadder.Next(policy, state.LedgerOf(entry, escalations), nowNs);
            if (WhyPassedOver(policy, step.Directive, entry) is { } why) (step, passedOver) = (HealingLadder.After(policy, step), why);
            if (step.Directive != HealingDirective.Escalate) return (step, group, escalations, passedOver);
            if (group == Policies.Root) return (step with { Directive = HealingDirective.Stop }, group, escalations, passedOver);
            group = Policies.ParentOf(state.Topology!, group);
        }
    }

    private ImmutableArray<int> Affected(AgentEntry failed, HealingDirective directive, SupervisionPolicy policy, string group, int escalations)
    {
        if (directive == HealingDirective.Resume || (escalations == 0 && policy.Strategy == SupervisionStrategy.OneForOne)) return [failed.Number];
        var child = escalations == 0 ? null : Policies.GroupAbove(state.Topology!, failed.Definition.Group, escalations - 1);
        var others = state.Agents.Where(a => a != failed && !a.Stopped && IsTouched(a) && IsInReach(a, failed, policy.Strategy, group, child));
        return [failed.Number, .. others.Select(a => a.Number)];

        bool IsTouched(AgentEntry a) => a.Phase != AgentPhase.Asleep || directive is HealingDirective.Reset or HealingDirective.Stop;
    }

    /// <summary>
    /// Whether an agent is touched by the failure of another, at the level of <paramref name="group"/>; <paramref name="child"/> is the group that
    /// failed there, or null where the agent itself did.
    /// </summary>
    private bool IsInReach(AgentEntry agent, AgentEntry failed, SupervisionStrategy strategy, string group, string? child)
    {
        var topology = state.Topology!;
        if (child is null)
            return agent.Definition.Group == group && (strategy == SupervisionStrategy.AllForOne || (strategy == SupervisionStrategy.RestForOne && IsAfter(agent, failed)));
        if (Policies.IsWithin(topology, agent.Definition.Group, child)) return true;
        if (!Policies.IsWithin(topology, agent.Definition.Group, group)) return false;
        return strategy == SupervisionStrategy.AllForOne || (strategy == SupervisionStrategy.RestForOne && IsGroupAfter(agent.Definition.Group, group, child));
    }

    private bool IsAfter(AgentEntry agent, AgentEntry failed) => (state.PlaceOf(agent), agent.Number).CompareTo((state.PlaceOf(failed), failed.Number)) > 0;

    private bool IsGroupAfter(string agentGroup, string parent, string failedGroup)
    {
        var topology = state.Topology!;
        var names = topology.Groups.Select(g => g.Name).ToList();
        while (agentGroup != parent && Policies.ParentOf(topology, agentGroup) != parent && agentGroup != Policies.Root) agentGroup = Policies.ParentOf(topology, agentGroup);
        return agentGroup != parent && names.IndexOf(agentGroup) > names.IndexOf(failedGroup);
    }

    private void Carry(AgentEntry entry, HealingDirective directive, GuestFault fault, MeshEvent input)
    {
        switch (directive)
        {
            case HealingDirective.Stop:
                Stop(entry, $"stopped after a failure: {fault.Message}", input, endActor: false);
                break;
            case HealingDirective.Reset:
                BeginAgain(entry, input);
                BeginLife(entry);
                break;
            default:
                BeginLife(entry);
                break;
        }
    }

    private void BeginAgain(AgentEntry entry, MeshEvent? cause)
    {
        CatchUp(entry);
        Append(new AgentRecord(entry.Number, AgentChange.Reset, entry.Name, entry.DefinitionName, entry.Key, state.NextIncarnation(entry), entry.Parent));
        AppendStarted(entry, cause);
    }

    private Position At(MeshEvent e) => new(options.Shard, e.Epoch, e.Offset);

    private static string Word(HealingDirective directive) => directive.ToString().ToLowerInvariant();
}
