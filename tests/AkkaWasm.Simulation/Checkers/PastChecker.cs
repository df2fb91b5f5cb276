using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>Knows which events from before a change its new subscriptions are to be brought, by the topologies and the events alone.</summary>
internal sealed class PastChecker : Checker
{
    private const int Unrouted = 1 << 20;

    public override string Promise => "subscriptions begin where they say";

    public override void Check(History history)
    {
        var walk = new Walk(this);
        foreach (var record in history.Records) walk.Take(record);
        walk.End();
    }

    private sealed class Walk(PastChecker checker)
    {
        private readonly Dictionary<string, Due> underway = new(StringComparer.Ordinal);
        private readonly List<AgentRecord> agents = [];
        private readonly HashSet<int> stopped = [];
        private readonly HashSet<long> starts = [];
        private readonly List<MeshEvent> events = [];
        private readonly List<(long After, long Before)> undone = [];
        private MeshTopology? topology;
        private long beginning;

        public void Take(LogRecord record)
        {
            switch (record)
            {
                case TopologyRecord first: topology = first.Topology; break;
                case TopologyChangeRecord change: Change(change); break;
                case RetentionRecord kept: beginning = kept.Beginning.Offset; break;
                case MeshRewindRecord back:
                    checker.Require(underway.Count == 0, $"the mesh goes back at {back.Offset} while '{underway.Keys.FirstOrDefault()}' is brought events from before.");
                    undone.Add((back.To, back.Offset));
                    break;
                case EventRecord { Event: var e }:
                    events.Add(e);
                    if (e.Origin == EventOrigin.Lifecycle && e.Agent >= 0) starts.Add(e.Offset);
                    break;
                case AgentRecord agent:
                    if (agent.Agent == agents.Count) agents.Add(agent);
                    else agents[agent.Agent] = agents[agent.Agent] with { Name = agent.Name, Definition = agent.Definition };
                    if (agent.Stops(stopped.Contains(agent.Agent))) stopped.Add(agent.Agent);
                    else stopped.Remove(agent.Agent);
                    break;
                case PastRecord past: Bring(past); break;
                case TurnRecord turn when underway.TryGetValue(agents[turn.Agent].Definition, out var due) && agents[turn.Agent].Change != AgentChange.Forked:
                    checker.Require(turn.Input <= due.ReadThrough || starts.Contains(turn.Input), $"'{agents[turn.Agent].Name}' handled the event at {turn.Input} when it had events from before up to {due.ReadThrough} only.");
                    break;
            }
        }

        public void End() => checker.Require(underway.Count == 0, $"'{underway.Keys.FirstOrDefault()}' never got all events from before its subscription.");

        private void Change(TopologyChangeRecord change)
        {
            var before = AgentRenames.On(topology!, change.Delta.Renamed).Agents.ToDictionary(a => a.Name, StringComparer.Ordinal);
            topology = change.Delta.On(topology!);
            foreach (var (from, to) in change.Delta.Renamed)
                if (underway.Remove(from, out var renamed)) underway[to] = renamed.As(to);
            foreach (var name in change.Delta.Removed) underway.Remove(name);
            foreach (var put in change.Delta.Put)
                if (underway.TryGetValue(put.Name, out var due) && !due.Added.Intersect(put.Subscriptions).Any()) underway.Remove(put.Name); // it went back
            foreach (var put in change.Delta.Put)
            {
                var had = before.TryGetValue(put.Name, out var was) ? was.Subscriptions : [];
                var added = put.Subscriptions.Except(had).ToArray();
                if (added.Length == 0 || put.SubscribeFrom.Kind == SubscriptionStartKind.Now || underway.ContainsKey(put.Name)) continue;
                var from = put.SubscribeFrom.Kind == SubscriptionStartKind.Position ? put.SubscribeFrom.Value : beginning;
                var since = put.SubscribeFrom.Kind == SubscriptionStartKind.Time ? put.SubscribeFrom.Value : long.MinValue;
                var due = events.Where(e => e.Offset >= from && e.AppendedAtNs >= since && e.Depth < Unrouted && added.Any(p => NaiveTopics.Matches(p, e.Topic)) && !had.Any(p => NaiveTopics.Matches(p, e.Topic))
                    && !undone.Any(u => e.Offset > u.After && e.Offset < u.Before)).Where(e => put.Key is not { TopicToken: > 0 and var token } || e.Topic.Split('.').Length >= token);
                if (Math.Max(from, beginning) < change.Offset) underway[put.Name] = new Due(put, added, change.Offset, [.. due]) { ReadThrough = Math.Max(from, beginning) - 1 };
            }
        }

        private void Bring(PastRecord past)
        {
            checker.Require(underway.TryGetValue(past.Definition, out var due), $"'{past.Definition}' is brought events from before at {past.Offset} that it did not ask for.");
            checker.Require(past.ReadThrough > due!.ReadThrough && past.ReadThrough < due.Until, $"the log is looked through up to {past.ReadThrough} at {past.Offset}, after {due.ReadThrough} and before {due.Until}.");
            var brought = past.Deliveries.SelectMany(d => d.Offsets.Select(offset => (agents[d.Agent].Name, offset))).ToHashSet();
            foreach (var e in due.Events.Where(e => e.Offset > due.ReadThrough && e.Offset <= past.ReadThrough))
            {
                var name = due.Definition.Key is { } key ? $"{due.Definition.Name}/{e.Topic.Split('.')[key.TopicToken - 1]}" : due.Definition.Name;
                var agent = agents.FindIndex(a => a.Name == name);
                checker.Require(brought.Remove((name, e.Offset)) || agent < 0 || stopped.Contains(agent), $"'{name}' is not brought the event at {e.Offset}, though its subscription begins before it.");
            }
            checker.Require(brought.Count == 0, $"'{brought.FirstOrDefault().Name}' is brought the event at {brought.FirstOrDefault().offset} at {past.Offset}, which is none of its subscription.");
            due.ReadThrough = past.ReadThrough;
            if (past.ReadThrough == due.Until - 1) underway.Remove(past.Definition);
        }
    }

    private sealed record Due(AgentDefinition Definition, string[] Added, long Until, MeshEvent[] Events)
    {
        public Due As(string name) => new(Definition with { Name = name }, Added, Until, Events) { ReadThrough = ReadThrough };

        public long ReadThrough { get; set; }
    }
}
