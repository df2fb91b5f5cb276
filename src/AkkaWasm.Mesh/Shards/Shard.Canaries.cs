using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// A changed definition is watched. When its agents fail more often than its budget allows, it goes back to what it was. Whoever drives the shard is asked to
/// have that decided, because a topology changes only when no decision of supervisors is underway.
/// </content>
public sealed partial class Shard
{
    /// <summary>Topic of what the mesh says when a changed definition is watched.</summary>
    public const string CanaryTopic = "mesh.topology.canary";

    /// <summary>Topic of what the mesh says when a changed definition has held its budget.</summary>
    public const string PromotedTopic = "mesh.topology.promoted";

    /// <summary>Topic of what the mesh says when a changed definition is set back.</summary>
    public const string RolledBackTopic = "mesh.topology.rolled-back";

    /// <summary>Topic of what the mesh says when a changed definition failed too often and could not be set back.</summary>
    public const string KeptTopic = "mesh.topology.kept";

    private bool canariesAreAsked;

    /// <summary>The changed definitions that are watched.</summary>
    public IReadOnlyList<CanaryStatus> Canaries => [.. state.Canaries.Select(c => StatusOf(c.Key, c.Value))];

    private CanaryStatus StatusOf(string definition, CanaryWatch watch)
    {
        var living = state.Agents.Of(definition).Where(a => !a.Stopped).ToArray();
        return new CanaryStatus(definition, PositionOf(watch.Since), watch.UntilNs, watch.FailuresAt(state.LastTimeNs), watch.Policy)
        {
            IsGoingBack = goingBack.ContainsKey(definition), Emitted = watch.EmittedCount, Share = watch.Share, Living = (living.Count(a => watch.Includes(a.Name)), living.Length),
        };
    }

    private IEnumerable<KeyValuePair<string, CanaryWatch>> Undecided => state.Canaries.Where(c => !goingBack.ContainsKey(c.Key));

    private long? NextCanaryNs => state.Canaries.Count == 0 || canariesAreAsked ? null : Undecided.Where(c => !promoting.Contains(c.Key)).Min(c => (long?)c.Value.UntilNs);

    /// <summary>Sets back the changed definitions that failed too often, and ends the watch of those whose time is over; asked for by <see cref="CanaryIsDue"/>.</summary>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void DecideCanaries(long now)
    {
        Advance(now);
        canariesAreAsked = false;
        foreach (var (definition, watch) in Undecided.ToArray())
        {
            if (watch.IsExceeded) BeginRollBack(definition, watch, new RollBackOrder(TopologyAuthor.Canary, WhyExceeded(definition, watch), null));
            else if (IsOver(definition, watch)) Promote(definition, watch);
        }
    }

    /// <summary>Sets a watched definition back, with its agents, though it did not fail too often; answered with an <see cref="AnswerOperator"/>.</summary>
    /// <param name="definition">Its name.</param>
    /// <param name="ticket">Comes back with the answer.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void AbortCanary(string definition, object ticket, long now)
    {
        Advance(now);
        if (NotWatched(definition, out var watch) is { } problem)
        {
            effects.Add(new AnswerOperator(ticket, problem));
            return;
        }
        BeginRollBack(definition, watch, new RollBackOrder(TopologyAuthor.Operator, $"the change of '{definition}' at {PositionOf(watch.Since)} is aborted", ticket));
    }

    private string? NotWatched(string definition, out CanaryWatch watch)
    {
        if (!state.Canaries.TryGetValue(definition, out watch!)) return $"No change of '{definition}' is watched.";
        return goingBack.ContainsKey(definition) ? $"'{definition}' is being set back already." : null;
    }

    private string WhyExceeded(string definition, CanaryWatch watch) =>
        $"'{definition}' failed more than {watch.Policy.MaxFailures} times in {watch.Policy.WithinTimeRange:c} since {PositionOf(watch.Since)}";

    /// <summary>Asks for <see cref="DecideCanaries"/> once there is something to be decided.</summary>
    private void AskForCanaries()
    {
        if (state.Canaries.Count == 0 || canariesAreAsked || !Undecided.Any(c => c.Value.IsExceeded || IsOver(c.Key, c.Value))) return;
        canariesAreAsked = true;
        effects.Add(new CanaryIsDue());
    }

    /// <summary>The definitions that are watched from a change on: those that were there before, and that their agents see as others.</summary>
    private CanaryRecord[] CanariesOf(MeshTopology before, TopologyDelta delta, CanaryPolicy? policy, IReadOnlyDictionary<string, MoveRequest>? moves)
    {
        if (policy is null) return [];
        var known = before.Agents.ToDictionary(d => d.Name, StringComparer.Ordinal);
        return [.. delta.Put.Where(d => known.TryGetValue(d.Name, out var was) && CanaryShares.Parts(was, d).Any(part => part.ReachesAgents)).Select(Begun)];

        CanaryRecord Begun(AgentDefinition changed)
        {
            var share = changed.Canary?.Share;
            var state = moves is null ? MoveRequest.Auto : moves.TryGetValue(changed.Name, out var named) ? named : moves.GetValueOrDefault(MoveChooser.All);
            return new CanaryRecord(CanaryStep.Began, changed.Name)
            {
                Before = known[changed.Name], Policy = policy with { ShareBasisPoints = share?.BasisPoints ?? KeyShare.All }, AtNs = nowNs, Share = share,
                State = share is null ? MoveRequest.Auto : state,
            };
        }
    }

    private void TellOfCanaries(IEnumerable<CanaryRecord> begun)
    {
        foreach (var canary in begun.Where(c => c.Step == CanaryStep.Began))
            AppendTopology(CanaryTopic, LifecycleData.Canary(canary.Definition, TopologyAt, state.Canaries[canary.Definition].UntilNs, 0, "", canary.Share));
    }

    /// <summary>What stands against a change of definitions that are watched: who changed them first has to say what becomes of that.</summary>
    private IEnumerable<TopologyProblem> ProblemsOfWatched(TopologyDelta delta) =>
        delta.Removed.Concat(delta.Renamed.Select(r => r.From)).Concat(delta.Put.Select(d => d.Name)).Where(state.Canaries.ContainsKey)
        .Select(name => new TopologyProblem($"agents.{name}", $"{IsWatched(name)}."));

    /// <summary>The members of a pool go back together, each with the partitions that it has: who has which must be settled before, and stay so while it is watched.</summary>
    private IEnumerable<TopologyProblem> ProblemsOfPools(TopologyDelta delta)
    {
        foreach (var put in delta.Put)
        {
            if (put.Pool is null || state.Definition(put.Name)?.Pool is not { } was) continue;
            if (was != put.Pool)
                yield return new TopologyProblem($"agents.{put.Name}.pool", $"The pool '{put.Name}' keeps its members while it is watched, and this change gives it another 'pool'; make that a change by itself, or leave the watch out.");
            else if (state.Pools.TryGetValue(put.Name, out var pool) && (pool.Moving > 0 || IsSettling(pool)))
                yield return new TopologyProblem($"agents.{put.Name}", $"Partitions of the pool '{put.Name}' are on their way from one member to another, or handled again; change it with a watch when that is done.");
        }
    }

    /// <summary>A pattern that is left out would be added by the way back, and bring its events anew.</summary>
    private TopologyProblem? ProblemOfWatchedPast(TopologyDelta delta) =>
        delta.Put.FirstOrDefault(d => state.Definition(d.Name) is { } was && !ShardState.BeginsInThePast(was, d).IsEmpty && was.Subscriptions.Except(d.Subscriptions).Any()) is { } past
            ? new TopologyProblem($"agents.{past.Name}.subscribe-from", $"'{past.Name}' gets a subscription that begins in the past in place of another one, and such a change cannot be watched; leave the other one for a change of its own, or the watch out.")
            : null;

    private string IsWatched(string name) =>
        $"'{name}' is watched since its change at {PositionOf(state.Canaries[name].Since)}; promote it or abort that first (topology canary promote {name}, topology canary abort {name})";

    private void End(string definition, CanaryWatch watch, CanaryStep step, string topic, string problem)
    {
        var failures = watch.FailuresAt(state.LastTimeNs);
        Append(new CanaryRecord(step, definition));
        AppendTopology(topic, LifecycleData.Canary(definition, PositionOf(watch.Since), 0, failures, problem, watch.Share));
        ReplaceStoppedInPool(definition);
    }

    private void AppendTopology(string topic, ReadOnlyMemory<byte> data) =>
        AppendEvent(new MeshEvent { Topic = topic, Data = data, ContentType = LifecycleData.ContentType, Origin = EventOrigin.Lifecycle, Subject = state.Topology!.Name });
}
