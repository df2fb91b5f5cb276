using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>A subscription whose events from before it are being brought to its agents.</summary>
/// <param name="definition">Name of the definition that subscribes.</param>
/// <param name="patterns">The patterns that were added.</param>
/// <param name="except">Patterns that it had before: what they match it got.</param>
/// <param name="sinceNs">Events appended before that are not wanted, nanoseconds since the Unix epoch.</param>
/// <param name="until">Offset of the change that added it; events from there on come by themselves.</param>
internal sealed class PastSubscription(string definition, ImmutableArray<string> patterns, ImmutableArray<string> except, long sinceNs, long until)
{
    public string Definition => definition;

    public ImmutableArray<string> Patterns => patterns;

    public ImmutableArray<string> Except => except;

    public long SinceNs => sinceNs;

    public long Until => until;

    /// <summary>Up to where the log was looked through: its agents get nothing later yet.</summary>
    public long ReadThrough { get; set; }

    /// <summary>How many events up to there wait for its agents.</summary>
    public int Ahead { get; set; }

    /// <summary>The same for a definition under another name.</summary>
    public PastSubscription Of(string name) => new(name, patterns, except, sinceNs, until) { ReadThrough = ReadThrough, Ahead = Ahead };
}

/// <content>Subscriptions that begin in the past. Until all of it waits for them, agents get no event that the log was not looked through up to, so that the order holds.</content>
internal sealed partial class ShardState
{
    /// <summary>Those that are not there yet, by the names of their definitions.</summary>
    public SortedDictionary<string, PastSubscription> Pasts { get; } = new(StringComparer.Ordinal);

    /// <summary>Stretches of the log that count no more because the mesh went back: behind the first offset, before the second.</summary>
    public List<(long After, long Before)> Undone { get; } = [];

    /// <summary>The subscription that an agent is brought events of, or null.</summary>
    public PastSubscription? PastOf(AgentEntry entry) =>
        Pasts.Count > 0 && (entry.Key is not null || entry.Name == entry.DefinitionName) && Pasts.TryGetValue(entry.DefinitionName, out var past) ? past : null;

    /// <summary>Whether an agent gets nothing for now because events from before its subscription come first.</summary>
    public bool IsHeldByPast(AgentEntry entry) =>
        entry is { Init: < 0, HealPending: false, Pending.Count: > 0, InFlight.Count: 0 } && PastOf(entry) is { } past && entry.Pending[0] > past.ReadThrough;

    /// <summary>The patterns that a definition has more than the one before and that begin in the past.</summary>
    public static ImmutableArray<string> BeginsInThePast(AgentDefinition? before, AgentDefinition after) =>
        after.SubscribeFrom.Kind == SubscriptionStartKind.Now ? [] : [.. after.Subscriptions.Except(before?.Subscriptions ?? [])];

    private void FollowPasts(TopologyChangeRecord r, MeshTopology before)
    {
        foreach (var removed in r.Delta.Removed) Pasts.Remove(removed);
        foreach (var put in r.Delta.Put)
        {
            var was = before.Agents.FirstOrDefault(a => a.Name == put.Name);
            if (Pasts.TryGetValue(put.Name, out var underway) && !underway.Patterns.Intersect(put.Subscriptions).Any()) EndPast(put.Name);
            else if (underway is not null)
                Pasts[put.Name] = new PastSubscription(put.Name, [.. underway.Patterns.Intersect(put.Subscriptions)], underway.Except, underway.SinceNs, underway.Until)
                {
                    ReadThrough = underway.ReadThrough, Ahead = underway.Ahead,
                };
            else if (BeginsInThePast(was, put) is { IsEmpty: false } added) Begin(put, added, was, r.Offset);
        }
    }

    private void Begin(AgentDefinition definition, ImmutableArray<string> added, AgentDefinition? was, long until)
    {
        var start = definition.SubscribeFrom;
        var from = start.Kind == SubscriptionStartKind.Position ? Math.Max(start.Value, Beginning.Offset) : Beginning.Offset;
        if (from >= until) return;
        var since = start.Kind == SubscriptionStartKind.Time ? start.Value : long.MinValue;
        var past = Pasts[definition.Name] = new PastSubscription(definition.Name, added, was?.Subscriptions ?? [], since, until) { ReadThrough = from - 1 };
        CountAhead(past);
        Returns++;
    }

    private void ApplyPast(PastRecord r)
    {
        foreach (var (agent, offsets) in r.Deliveries)
        {
            var entry = Agents[agent];
            if (entry.Stopped) continue;
            if (entry.Attempts.Total > 0 && entry.Pending.Count > 0 && offsets[0] < entry.Pending[0])
            {
                entry.FailedBefore = (entry.Pending[0], entry.Attempts);
                entry.Attempts = default;
            }
            Backlog += entry.Pending.Prepend(offsets);
        }
        if (!Pasts.TryGetValue(r.Definition, out var past)) return;
        past.ReadThrough = r.ReadThrough;
        CountAhead(past);
        if (r.ReadThrough >= past.Until - 1) EndPast(r.Definition);
        else TouchWaiting(r.Definition);
    }

    /// <summary>Nothing more from before is brought, and what waits may be handled.</summary>
    private void EndPast(string definition)
    {
        Pasts.Remove(definition);
        TouchWaiting(definition);
    }

    /// <summary>Counts anew what waits of the events that the log was looked through for.</summary>
    public void CountAhead(PastSubscription past) => past.Ahead = Agents.Of(past.Definition).Sum(AheadOf);

    /// <summary>How many of the events that wait for an agent are no later than what its subscription was looked through for.</summary>
    private int AheadOf(AgentEntry entry) => PastOf(entry) is { } past ? entry.Pending.CountThrough(past.ReadThrough) : 0;

    /// <summary>What waits for an agent has changed.</summary>
    /// <param name="entry">The agent.</param>
    /// <param name="before">What <see cref="AheadOf"/> was.</param>
    private void NoteAhead(AgentEntry entry, int before)
    {
        if (PastOf(entry) is { } past) past.Ahead += AheadOf(entry) - before;
    }

    private void TouchWaiting(string definition)
    {
        foreach (var entry in Agents.Of(definition))
            if (entry is { Stopped: false, Pending.Count: > 0 }) Touch(entry);
    }
}
