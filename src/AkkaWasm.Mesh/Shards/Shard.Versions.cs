using System.Collections.Immutable;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Single agents go back to the version of their module before the present one, and then run something else than their definition says, until that changes for
/// guests or the agent begins anew.
/// </content>
public sealed partial class Shard
{
    private const string NoVersionBefore = "it has had no other version of its module that it could go back to; what the ladder says next is done instead";

    /// <summary>Whether it is known without a look at the log that an agent cannot go back to another version. A fork may have the state of an agent that had one.</summary>
    private static bool HasNoVersionBefore(AgentEntry entry) => entry.HasNoWayBack || (entry.SeenSince.Incarnation <= 1 && entry.SeenBefore.IsEmpty && !entry.IsFork);

    private void GoBackTo(AgentDefinition version, AgentEntry entry)
    {
        var isDefined = state.Definition(entry.DefinitionName) is { } definition && definition.Of(entry.Name) is var present && state.SeesTheSame(present, present.SeenAs(version));
        Append(new AgentVersionRecord(entry.Number, AgentVersionStep.WentBack, isDefined ? null : version));
    }

    /// <summary>What an agent that goes back to another version could not handle since it got the one that it has.</summary>
    private static ImmutableArray<long> TriedAgain(AgentEntry entry, RewindTarget target, RewindPlan plan) =>
        plan.Version is null || target.Inputs == RewindInputs.Dropped ? [] : [.. plan.FailedSince.Where(entry.Quarantine.ContainsKey).Except(plan.Since).Except(plan.TakenBack)];

    /// <summary>The agent runs what its definition says from its next life on.</summary>
    private void CatchUp(AgentEntry entry)
    {
        if (entry.RunsAs is not null) Append(new AgentVersionRecord(entry.Number, AgentVersionStep.CaughtUp, null));
    }

    /// <summary>The agent runs what it ran at the moment that it goes back to.</summary>
    private void RunAsThen(AgentEntry entry, AgentDefinition? ranAs)
    {
        if (!ReferenceEquals(entry.RunsAs, ranAs)) Append(new AgentVersionRecord(entry.Number, AgentVersionStep.Restored, ranAs));
    }

    /// <summary>What is said where the ladder's next directive cannot be done, or null: then the one after it is taken.</summary>
    private static string? WhyPassedOver(SupervisionPolicy policy, HealingDirective directive, AgentEntry entry) =>
        directive == HealingDirective.Rewind && policy.Rewind.PreviousVersion && HasNoVersionBefore(entry) ? NoVersionBefore : null;

    /// <summary>How living agents that run an older version than their definition says get to a changed one.</summary>
    private void MoveStrays(TopologyPlan plan, IReadOnlyDictionary<AgentEntry, AgentDefinition> ran)
    {
        foreach (var stray in plan.Strays)
        {
            if (state.Find(stray.Agent) is not { Stopped: false } entry || !ran.TryGetValue(entry, out var before)) continue;
            if (stray.Move is { } move) Replace(entry, before, move);
            else CatchUp(entry);
        }
    }
}
