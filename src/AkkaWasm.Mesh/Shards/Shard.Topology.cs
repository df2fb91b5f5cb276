using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What came of a change of the topology.</summary>
public enum TopologyOutcome : byte
{
    /// <summary>It is recorded; it counts once that is committed.</summary>
    Applied,

    /// <summary>The topology is as it shall be; nothing was recorded.</summary>
    Unchanged,

    /// <summary>Another change came first: the plan was made against a topology that is not in force any more. Nothing was recorded.</summary>
    Stale,

    /// <summary>It cannot be done. Nothing was recorded.</summary>
    Refused,

    /// <summary>It was only asked what would be done. Nothing was recorded.</summary>
    Planned,
}

/// <summary>The answer to a change of the topology.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="At">Where the topology that is in force now came into force.</param>
/// <param name="Plan">What was done, or would have been.</param>
/// <param name="Since">For <see cref="TopologyOutcome.Stale"/> the changes that came first, oldest first, as far as they are remembered.</param>
public sealed record TopologyAnswer(TopologyOutcome Outcome, Position At, TopologyPlan Plan, IReadOnlyList<TopologyChangeInfo> Since);

/// <content>
/// The topology changes while the mesh runs: in one append, so that a crash leaves the old one or the new one. Agents that it does not concern are not
/// touched: what waits for them, their cursors and timers stay.
/// </content>
public sealed partial class Shard
{
    /// <summary>Topic of what the mesh says when its topology changes.</summary>
    public const string TopologyTopic = "mesh.topology.changed";

    /// <summary>Where the topology in force came into force.</summary>
    public Position TopologyAt => PositionOf(state.TopologyOffset);

    /// <summary>The last changes of the topology, the newest last; <see cref="ShardOptions.RememberedChanges"/> of them.</summary>
    public IReadOnlyList<TopologyChangeInfo> TopologyChanges => [.. state.TopologyChanges];

    /// <summary>Says what it takes to change the topology; nothing is changed.</summary>
    /// <param name="target">What it shall be.</param>
    /// <param name="moves">How states are to be moved, by the names of definitions: see <see cref="MoveChooser"/>; null for the cheapest ways.</param>
    /// <param name="canary">How the definitions that change are to be watched, and on which share of their agents they are tried; null for not at all.</param>
    public TopologyPlan PlanTopology(MeshTopology target, IReadOnlyDictionary<string, MoveRequest>? moves = null, CanaryPolicy? canary = null) => PlanFor(ref target, moves, canary);

    /// <param name="target">What is wanted; becomes what follows on the topology in force.</param>
    /// <param name="moves">As above.</param>
    /// <param name="canary">As above.</param>
    private TopologyPlan PlanFor(ref MeshTopology target, IReadOnlyDictionary<string, MoveRequest>? moves, CanaryPolicy? canary)
    {
        var (problems, warnings) = (new List<TopologyProblem>(), new List<TopologyProblem>());
        target = CanaryShares.Follow(target, state.Topology, state.Canaries.ContainsKey);
        if (canary is { ShareBasisPoints: < KeyShare.All and var share } && state.Topology is { } running && TopologyCheck.Check(target).Count == 0)
            target = CanaryShares.Divide(target, running, new KeyShare(share, state.TopologyOffset), problems, warnings);
        var plan = Plan(target, moves, []);
        problems.AddRange(ProblemsOfRenames(plan.Delta, canary));
        if (canary is not null) problems.AddRange(ProblemsOfPools(plan.Delta));
        if (canary is not null && ProblemOfWatchedPast(plan.Delta) is { } problem) problems.Add(problem);
        problems.AddRange(ProblemsOfPast(plan.Delta));
        if (!recovering) problems.AddRange(ProblemsOfWatched(plan.Delta));
        warnings.AddRange(plan.Steps.Where(s => s is { Part.IsRest: false, Living: 0 }).Select(s => new TopologyProblem(s.Path, $"None of the agents that live is among {s.Part!.Text}; who comes to be may be.")));
        return problems.Count + warnings.Count == 0 ? plan : plan with { Problems = [.. plan.Problems, .. problems], Warnings = [.. plan.Warnings, .. warnings] };
    }

    private TopologyPlan Plan(MeshTopology target, IReadOnlyDictionary<string, MoveRequest>? moves, string[] goBack)
    {
        moves ??= ImmutableDictionary<string, MoveRequest>.Empty;
        var chooser = Guests is { } guests ? new MoveChooser(guests, moves, (definition, part) => WhyNotReplayed(NameBefore(target, definition), part)) : null;
        return TopologyPlan.Make(state.Topology, Occupants(target), target, chooser, goBack);
    }

    /// <summary>Changes the topology from here on, all of it or nothing. What is recorded has to be committed before anybody is told.</summary>
    /// <param name="target">What it shall be.</param>
    /// <param name="basedOn">Offset of the topology that the change was planned against; null for whichever is in force.</param>
    /// <param name="author">Who changes it: see <see cref="TopologyAuthor"/>.</param>
    /// <param name="reason">Why; may be empty.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <param name="moves">As for <see cref="PlanTopology"/>.</param>
    /// <param name="ready">Numbers of the agents that were made ready after <see cref="PrepareTopology"/>, with the tokens of their actors' lives; the others move their state when they are rebuilt.</param>
    /// <param name="drain">How long agents that go may take to handle what waits for them, from the position of the change on; null to stop them there.</param>
    /// <param name="canary">How the definitions that change are watched, or null for not at all.</param>
    public TopologyAnswer ApplyTopology(
        MeshTopology target, long? basedOn, string author, string reason, long now, IReadOnlyDictionary<string, MoveRequest>? moves = null, IReadOnlyDictionary<int, int>? ready = null,
        TimeSpan? drain = null, CanaryPolicy? canary = null)
    {
        Advance(now);
        var plan = PlanFor(ref target, moves, canary);
        try
        {
            return Apply(target, plan, basedOn, author, reason, moves, ready ?? ImmutableDictionary<int, int>.Empty, drain, canary);
        }
        finally
        {
            EndPreparation();
        }
    }

    private TopologyAnswer Apply(
        MeshTopology target, TopologyPlan plan, long? basedOn, string author, string reason, IReadOnlyDictionary<string, MoveRequest>? moves, IReadOnlyDictionary<int, int> ready, TimeSpan? drain,
        CanaryPolicy? canary)
    {
        if (basedOn is { } at && at != state.TopologyOffset) return Answer(TopologyOutcome.Stale) with { Since = [.. state.TopologyChanges.Where(c => c.Offset > at)] };
        if (!plan.IsPossible) return Answer(TopologyOutcome.Refused);
        if (plan.Delta.IsEmpty) return Answer(TopologyOutcome.Unchanged);
        var (atOnce, later) = drain is { } atMost ? Split(target, moves, plan, atMost, author, reason) : (plan, null);
        if (atOnce.Delta.IsEmpty && later is null) return Answer(TopologyOutcome.Unchanged);
        if (!atOnce.Delta.IsEmpty) Change(atOnce, author, reason, ready, CanariesOf(state.Topology!, atOnce.Delta, canary, moves));
        if (later is not null) BeginDrain(later);
        return Answer(TopologyOutcome.Applied);

        TopologyAnswer Answer(TopologyOutcome outcome) => new(outcome, TopologyAt, plan, []);
    }

    private MeshOccupants Occupants(MeshTopology target)
    {
        var shares = target.Agents.Concat(state.Topology?.Agents ?? []).Where(a => a.Canary is not null).DistinctBy(a => a.Name)
            .ToDictionary(a => a.Name, a => a.Canary!.Share, StringComparer.Ordinal);
        return new MeshOccupants(state.LivingOf, state.Agents.Definitions.ToHashSet(StringComparer.Ordinal), state.Forks.ToDictionary(f => f.Key, f => f.Value.DefinitionName, StringComparer.Ordinal))
        {
            LivingInShares = shares.ToDictionary(s => s.Key, s => state.Agents.Of(s.Key).Count(e => !e.Stopped && s.Value.Includes(e.Name)), StringComparer.Ordinal),
            Strays = state.Strays,
        };
    }

    /// <param name="plan">What changes.</param>
    /// <param name="author">Who changes it.</param>
    /// <param name="reason">Why.</param>
    /// <param name="ready">Agents that were made ready: see <see cref="ApplyTopology"/>.</param>
    /// <param name="canaries">What becomes of definitions that are watched; stands behind the change.</param>
    private void Change(TopologyPlan plan, string author, string reason, IReadOnlyDictionary<int, int> ready, params CanaryRecord[] canaries)
    {
        var delta = plan.Delta;
        var before = AgentRenames.On(state.Topology!, delta.Renamed);
        var renamed = RenamedIn(delta);
        var known = before.Agents.ToDictionary(d => d.Name, StringComparer.Ordinal);
        var begunAgain = BegunAgainIn(before, delta, known);
        var regrouped = RegroupedKin(before, delta);
        var toThePast = delta.Put.Where(d => known.TryGetValue(d.Name, out var was) && !ShardState.BeginsInThePast(was, d).IsEmpty).Select(d => d.Name).ToHashSet(StringComparer.Ordinal);
        var moves = new MovesByAgent(plan.Moves, delta.Renamed);
        var swapped = recovering
            ? []
            : state.Agents.Of(moves.Definitions)
                .Where(e => !renamed.Contains(e) && moves.Of(e) is { } move && IsReady(e, move.Way, ready)
                    && !IsDisturbed(e) && !IsRegrouped(before, delta, known[e.DefinitionName])).ToHashSet();
        var renewed = recovering ? [] : Disturbed().Where(e => e.Phase != AgentPhase.Asleep && !swapped.Contains(e)).ToArray();
        var replaced = state.Agents.Of(moves.Definitions).Where(e => e is { Stopped: false, RunsAs: null } && moves.Of(e) is not null).Select(e => (Entry: e, Move: moves.Of(e)!)).ToArray();
        var rests = before.Agents.Where(a => a.Canary is not null).ToDictionary(a => a.Name, a => a.WithoutCanary(), StringComparer.Ordinal);
        var ran = state.OfOlderVersions.ToDictionary(e => e, e => e.Definition.WithoutCanary());
        foreach (var entry in renewed) End(entry);
        Append(new TopologyChangeRecord(delta, nowNs, Clip(author), Clip(reason), plan.Summary));
        foreach (var canary in canaries) Append(canary);
        GoOnRenamed(renamed, delta.Renamed);
        var defined = delta.Put.Where(d => !known.ContainsKey(d.Name)).Select(d => d.Name);
        foreach (var entry in state.Agents.Of(delta.Removed).Where(a => !a.Stopped).ToArray())
            Stop(entry, "stopped because the topology does not define it any more", changeCause, endActor: !recovering);
        if (!recovering) effects.Add(new TopologyChanged(state.Topology!));
        MoveStrays(plan, ran);
        foreach (var (entry, move) in replaced) Replace(entry, known[entry.DefinitionName].Of(entry.Name) is { Canary: null } was ? was : rests[entry.DefinitionName], move);
        foreach (var entry in swapped) effects.Add(new SwapAgent(entry.Info, entry.Token));
        foreach (var entry in state.Agents.Of(defined).Where(a => a.Stopped && Fits(a) && (a.Definition.Pool is null || a.IsFork)).ToArray()) BeginAgain(entry, changeCause);
        foreach (var definition in delta.Put.Where(d => d.IsSingle)) Bear(definition, null, changeCause);
        FollowPools(delta.Put, known);
        AppendEvent(new MeshEvent
        {
            Topic = TopologyTopic, Data = LifecycleData.Topology(TopologyAt, author, reason, plan), ContentType = LifecycleData.ContentType,
            Origin = EventOrigin.Lifecycle, Subject = state.Topology!.Name,
            Cause = changeCause?.Offset ?? Position.None, Depth = changeCause is null ? 0 : DeeperThan(changeCause), TraceParent = changeCause?.TraceParent,
        });
        TellOfCanaries(canaries);
        foreach (var entry in renewed)
            if (!entry.Paused) BeginLife(entry);
        foreach (var definition in delta.Put) TouchHeld(definition.Name);
        RetireOverBudget();

        IEnumerable<AgentEntry> Disturbed() => state.Agents.Of(begunAgain.Definitions.Concat(toThePast)).Where(e => begunAgain.IsFor(e) || toThePast.Contains(e.DefinitionName))
            .Union(regrouped).Union(renamed).OrderBy(e => e.Number);

        bool IsDisturbed(AgentEntry entry) => regrouped.Contains(entry) || toThePast.Contains(entry.DefinitionName);
    }

    /// <summary>The name that a definition has until a change gives it another one.</summary>
    private string NameBefore(MeshTopology target, string definition)
    {
        foreach (var (from, to) in state.Topology is { } running ? AgentRenames.Of(running, target) : [])
            if (to == definition) return from;
        return definition;
    }

    /// <summary>Says whose actors are begun again: they run under other limits, or stand elsewhere in the tree of supervisors.</summary>
    private static (IEnumerable<string> Definitions, Func<AgentEntry, bool> IsFor) BegunAgainIn(MeshTopology before, TopologyDelta delta, Dictionary<string, AgentDefinition> known)
    {
        var places = LeaveTheirPlace(before, delta).ToHashSet(StringComparer.Ordinal);
        var parts = delta.Put.Where(d => known.ContainsKey(d.Name))
            .SelectMany(d => CanaryShares.Parts(known[d.Name], d).Where(p => p.Differences.Any(f => f.Reach != FieldReach.Mesh)).Select(p => (d.Name, p.Part)))
            .ToLookup(p => p.Name, p => p.Part, StringComparer.Ordinal);
        return (places.Concat(parts.Select(part => part.Key)), entry => places.Contains(entry.DefinitionName) || parts[entry.DefinitionName].Any(part => part?.Includes(entry.Name) != false));
    }

    private static IEnumerable<string> LeaveTheirPlace(MeshTopology before, TopologyDelta delta)
    {
        if (delta.Groups is not { } groups) return [];
        var (old, now) = (before.Groups.ToDictionary(g => g.Name, g => g.Parent, StringComparer.Ordinal), groups.ToDictionary(g => g.Name, g => g.Parent, StringComparer.Ordinal));
        return before.Agents.Where(a => PathOf(a.Group, old) != PathOf(a.Group, now)).Select(a => a.Name);
    }

    /// <summary>Whether the actors of a definition get another place in the tree of supervisors.</summary>
    private static bool IsRegrouped(MeshTopology before, TopologyDelta delta, AgentDefinition was) =>
        LeaveTheirPlace(before, delta).Contains(was.Name) || delta.Put.Any(d => d.Name == was.Name && d.Group != was.Group);

    /// <summary>The groups above one, from the outermost; the check of a topology has found no cycles.</summary>
    private static string PathOf(string group, Dictionary<string, string?> parents) =>
        parents.TryGetValue(group, out var parent) && parent is not null ? $"{PathOf(parent, parents)}/{group}" : group;

    /// <summary>Whether an agent of an older definition can be one of the present: a family's has a key, a pool's a number, a single one has none.</summary>
    private bool Fits(AgentEntry entry) => entry.IsFork || state.Definition(entry.DefinitionName) is { } definition
        && definition.IsSingle == (entry.Key is null) && (definition.Pool is null || Pool.TryNumber(entry.Key, out _));

    /// <summary>Why the state of a life cannot be taken over by the present one, or null. A state of another agent was taken over by the first life, which saw the same.</summary>
    private static string? SeesAnother(AgentEntry entry, (int Agent, int Incarnation)? life, ulong? digest = null) =>
        life is var (agent, incarnation) && entry.SeenIn(agent == entry.Number ? incarnation : 1) != (digest ?? entry.SeenSince.Digest)
            ? $"The state is of agent '{entry.Name}' before incarnation {entry.SeenSince.Incarnation}, when it had another module, kind, config or limit that the guest sees; the present one cannot go on from it."
            : null;

    private static string Clip(string text) => text.Length <= TopologyChangeRecord.MaxText ? text : text[..TopologyChangeRecord.MaxText];
}
