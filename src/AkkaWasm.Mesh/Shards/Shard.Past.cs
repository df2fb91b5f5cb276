using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Events from before a subscription are brought to its agents: whoever drives the shard looks through the log, some events at a time, and what was found is
/// recorded with how far it was looked, so that nothing is lost or doubled by a crash.
/// </content>
public sealed partial class Shard
{
    /// <summary>Names of definitions that are still brought events from before their subscriptions.</summary>
    public IEnumerable<string> PastUnderway => state.Pasts.Keys;

    private readonly HashSet<string> readingPast = new(StringComparer.Ordinal);

    /// <summary>Takes in what was found in the log for a subscription.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="readThrough">Up to where it was looked through; less than was asked for where the answer is full.</param>
    /// <param name="found">The events, rising; all that <see cref="ReadPast.Wants"/> from there to here.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void PastIsRead(ReadPast request, long readThrough, IReadOnlyList<MeshEvent> found, long now)
    {
        Advance(now);
        readingPast.Remove(request.Definition);
        if (!state.Pasts.TryGetValue(request.Definition, out var past) || past.ReadThrough != request.From - 1 || past.Until != request.To + 1) return;
        var definition = state.Definition(request.Definition)!;
        var deliveries = new SortedDictionary<int, List<long>>();
        foreach (var e in found)
        {
            if (e.Depth >= Unrouted || TargetInThePast(definition, e) is not { Stopped: false } entry) continue;
            if (!deliveries.TryGetValue(entry.Number, out var offsets)) deliveries[entry.Number] = offsets = [];
            offsets.Add(e.Offset);
        }
        Append(new PastRecord(request.Definition, readThrough, [.. deliveries.Select(d => new PastDelivery(d.Key, [.. d.Value]))]));
    }

    /// <summary>The agent of a definition that an event from before is for; one of a family comes to be for it.</summary>
    private AgentEntry? TargetInThePast(AgentDefinition definition, MeshEvent e)
    {
        if (definition.Key is not { } keyed) return state.Find(definition.Name);
        var key = keyed.TopicToken == 0 ? e.Subject : TopicName.Token(e.Topic, keyed.TopicToken);
        if (string.IsNullOrEmpty(key)) return null;
        if (state.Find(AgentName.OfKey(definition.Name, key)) is not { Stopped: false }) Bear(definition, key, e);
        return state.Find(AgentName.OfKey(definition.Name, key));
    }

    /// <summary>Has the log looked through further where agents have handled most of what was found.</summary>
    private void ReadOn()
    {
        if (state.Pasts.Count == 0 || recovering) return;
        foreach (var (name, past) in state.Pasts)
        {
            if (readingPast.Contains(name) || past.Ahead > options.PastEventsAhead / 2) continue;
            readingPast.Add(name);
            Gate(new ReadPast(name, past.ReadThrough + 1, past.Until - 1, past.SinceNs, options.PastEventsAhead)
            {
                Patterns = [.. past.Patterns.Select(TopicPattern.Parse)], Except = [.. past.Except.Select(TopicPattern.Parse)], Undone = [.. state.Undone],
            }, past.Until);
        }
    }

    /// <summary>What stands against subscriptions that begin in the past.</summary>
    private IEnumerable<TopologyProblem> ProblemsOfPast(TopologyDelta delta)
    {
        foreach (var put in delta.Put)
        {
            var name = delta.NameBefore(put.Name);
            var was = state.Definition(name);
            if (state.Pasts.TryGetValue(name, out var underway) && was is not null && !recovering
                && !(was.SubscribeFrom == put.SubscribeFrom && was.Subscriptions.SequenceEqual(put.Subscriptions)))
                yield return new($"agents.{put.Name}.subscribe", $"'{put.Name}' is still brought events from before its subscription at {PositionOf(underway.Until)}, which is done up to offset {underway.ReadThrough}; change what it subscribes to when it has them, or remove it.");
            else if (!ShardState.BeginsInThePast(was, put).IsEmpty && WhyNotFrom(put.SubscribeFrom) is { } why) yield return new($"agents.{put.Name}.subscribe-from", why);
        }
    }

    private string? WhyNotFrom(SubscriptionStart start) => start switch
    {
        { Kind: SubscriptionStartKind.Position } when start.Value > state.NextOffset => $"The log has no event at {start} yet; it ends before {PositionOf(state.NextOffset)}.",
        { Kind: SubscriptionStartKind.Position } when start.Value < state.Beginning.Offset => $"There is no event at {start} any more: {Begins}; write beginning for all that there is.",
        { Kind: SubscriptionStartKind.Time } when state.Beginning.Offset > 0 && start.Value < state.Beginning.AtNs => $"There are not all events since {start} any more: {Begins}; write beginning for all that there is.",
        _ => null,
    };
}
