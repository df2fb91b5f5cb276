using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// A changed definition that is watched stays. Where it was tried on a share of a family's agents, the others get its version: another change of the topology at
/// one position, for which those who are awake are made ready as for any.
/// </content>
public sealed partial class Shard
{
    /// <summary>Topic of what the mesh says when the rest of a family cannot get the version that held its budget on a share of it.</summary>
    public const string PostponedTopic = "mesh.topology.postponed";

    /// <summary>Definitions whose time is over, and that whoever drives the shard was asked to promote.</summary>
    private readonly HashSet<string> promoting = new(StringComparer.Ordinal);

    private bool IsOver(string definition, CanaryWatch watch) => watch.UntilNs <= nowNs && !promoting.Contains(definition);

    /// <summary>Says what it takes to give a version that is tried on a share of a family's agents to all; changes nothing.</summary>
    /// <param name="definition">Name of the family.</param>
    /// <returns>The plan; null where the version is not tried on a share, so that nobody has to move.</returns>
    public TopologyPlan? PlanPromotion(string definition)
    {
        if (!state.Canaries.TryGetValue(definition, out var watch) || watch.Share is null || state.Definition(definition)?.Canary is not { } canary) return null;
        var running = state.Topology!;
        return Plan(running with { Agents = [.. running.Agents.Select(a => a.Name == definition ? canary.Definition : a)] },
            ImmutableDictionary<string, MoveRequest>.Empty.Add(definition, watch.State), []);
    }

    /// <summary>Ends the watch of a changed definition, which stays; what was tried on a share of a family becomes the version of all its agents.</summary>
    /// <param name="definition">Its name.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <param name="author">Who wants it: <see cref="TopologyAuthor.Canary"/> because the time is over, otherwise somebody who does not wait for that.</param>
    /// <param name="ready">Agents that were made ready, as for <see cref="ApplyTopology"/>.</param>
    /// <returns>Why it cannot be done, one sentence, or null.</returns>
    public string? PromoteCanary(string definition, long now, string author = TopologyAuthor.Operator, IReadOnlyDictionary<int, int>? ready = null)
    {
        Advance(now);
        try
        {
            if (NotWatched(definition, out var watch) is { } problem) return problem;
            if (author == TopologyAuthor.Canary && watch.IsExceeded) return $"{WhyExceeded(definition, watch)}.";
            var plan = PlanPromotion(definition);
            if (plan is null) End(definition, watch, CanaryStep.Promoted, PromotedTopic, "");
            else if (plan.IsPossible) Spread(definition, watch, plan, author, ready ?? ImmutableDictionary<int, int>.Empty);
            else if (author == TopologyAuthor.Canary) Postpone(definition, watch, plan.Problems[0].Message);
            return plan is null or { IsPossible: true } ? null : plan.Problems[0].Message;
        }
        finally
        {
            promoting.Remove(definition);
            EndPreparation();
        }
    }

    /// <summary>Says that those who are to get the version that was tried on a share cannot be made ready: it is watched for as long again.</summary>
    /// <param name="definition">Name of the family.</param>
    /// <param name="why">One sentence.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void PostponePromotion(string definition, string why, long now)
    {
        Advance(now);
        promoting.Remove(definition);
        if (NotWatched(definition, out var watch) is null && !watch.IsExceeded) Postpone(definition, watch, why);
    }

    /// <summary>The time is over and the budget held.</summary>
    private void Promote(string definition, CanaryWatch watch)
    {
        if (watch.Share is null) End(definition, watch, CanaryStep.Promoted, PromotedTopic, "");
        else if (promoting.Add(definition)) effects.Add(new PromotionIsDue(definition));
    }

    private void Postpone(string definition, CanaryWatch watch, string why)
    {
        Append(new CanaryRecord(CanaryStep.Postponed, definition) { AtNs = nowNs });
        AppendTopology(PostponedTopic, LifecycleData.Canary(definition, PositionOf(watch.Since), watch.UntilNs, watch.FailuresAt(state.LastTimeNs), why, watch.Share));
    }

    private void Spread(string definition, CanaryWatch watch, TopologyPlan plan, string author, IReadOnlyDictionary<int, int> ready)
    {
        var failures = watch.FailuresAt(state.LastTimeNs);
        var reason = author == TopologyAuthor.Canary ? $"'{definition}' held its budget on {watch.Share!.Text} of its agents since {PositionOf(watch.Since)}"
            : $"what is tried on {watch.Share!.Text} of the agents of '{definition}' since {PositionOf(watch.Since)} is kept";
        Change(plan, author, reason, ready, new CanaryRecord(CanaryStep.Promoted, definition) { Share = watch.Share, AtNs = nowNs });
        AppendTopology(PromotedTopic, LifecycleData.Canary(definition, PositionOf(watch.Since), 0, failures, "", watch.Share));
    }
}
