using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Agents that end when they are through: a record says so, from which on their subscriptions bring nothing more; a change of the topology follows when all
/// that waits for them is handled, or when the time is over. A crash between the two changes nothing of it.
/// </content>
public sealed partial class Shard
{
    /// <summary>Topic of what the mesh says when agents begin to drain.</summary>
    public const string DrainTopic = "mesh.topology.draining";

    private HashSet<AgentEntry>? notThrough;

    /// <summary>The drains that are underway, in the order in which they began.</summary>
    public IReadOnlyList<AgentDrainRecord> Drains => [.. state.Drains];

    /// <summary>Whether agents that were to end when they are through are through, or their time is over: <see cref="FinishDrains"/> is due.</summary>
    public bool IsDrainOver => state.Drains.Count > 0 && !recovering && state.Drains.Exists(IsOver);

    private long? NextDrainNs => state.Drains.Count == 0 ? null : state.Drains.Min(d => d.DeadlineNs);

    /// <summary>Ends agents that are through, or whose time is over. To be called when no decision of a supervisor is underway.</summary>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void FinishDrains(long now)
    {
        Advance(now);
        while (state.Drains.Find(IsOver) is { } drain)
        {
            var left = Drained(drain).Sum(a => (long)a.Pending.Count);
            var plan = Plan(Without(drain), null, []);
            if (!plan.IsPossible) throw new InvalidOperationException($"Agents that are through cannot end: {plan.Problems[0].Message}");
            Change(plan, drain.Author, left == 0 ? drain.Reason : $"{drain.Reason} (the time to drain is over; {left} events had not been handled)".TrimStart(), ImmutableDictionary<int, int>.Empty);
            notThrough = null;
        }
    }

    /// <summary>What of a change is done at once when the agents that go shall drain first, and what is recorded of the rest.</summary>
    private (TopologyPlan Now, AgentDrainRecord? Later) Split(
        MeshTopology target, IReadOnlyDictionary<string, MoveRequest>? moves, TopologyPlan plan, TimeSpan atMost, string author, string reason)
    {
        var running = state.Topology!;
        ImmutableArray<AgentDefinition> stay = [.. running.Agents.Where(a => plan.Delta.Removed.Contains(a.Name))];
        ImmutableArray<string> later = [.. stay.Select(a => a.Name).Where(name => !state.IsDraining(name))];
        if (stay.IsEmpty) return (plan, null);
        var groups = running.Groups.Where(g => target.Groups.All(other => other.Name != g.Name)).ToArray();
        var now = Plan(target with { Agents = [.. target.Agents, .. stay], Groups = [.. target.Groups, .. groups] }, moves, []);
        if (later.IsEmpty) return (now, null);
        var drain = new AgentDrainRecord
        {
            Definitions = later, Groups = [.. groups.Select(g => g.Name)], DeadlineNs = nowNs + Math.Max(0, atMost.Ticks) * 100, Author = Clip(author), Reason = Clip(reason),
        };
        return (now, drain);
    }

    private void BeginDrain(AgentDrainRecord drain)
    {
        Append(drain);
        notThrough = null;
        AppendEvent(new MeshEvent
        {
            Topic = DrainTopic, Data = LifecycleData.Drain(drain), ContentType = LifecycleData.ContentType, Origin = EventOrigin.Lifecycle, Subject = state.Topology!.Name,
        });
    }

    /// <summary>Groups that were to go stay as long as somebody is in them.</summary>
    private MeshTopology Without(AgentDrainRecord drain)
    {
        var running = state.Topology!;
        ImmutableArray<AgentDefinition> agents = [.. running.Agents.Where(a => !drain.Definitions.Contains(a.Name))];
        var groups = running.Groups;
        for (var before = -1; before != groups.Length;)
        {
            before = groups.Length;
            groups = [.. groups.Where(g => !drain.Groups.Contains(g.Name) || agents.Any(a => a.Group == g.Name) || groups.Any(child => child.Parent == g.Name))];
        }
        return running with { Agents = agents, Groups = groups };
    }

    /// <summary>Those that were not through are looked at first; only when all of them are, everybody is.</summary>
    private bool IsOver(AgentDrainRecord drain)
    {
        if (drain.DeadlineNs <= nowNs) return true;
        notThrough?.RemoveWhere(IsThrough);
        if (notThrough is { Count: > 0 } && state.Drains.Count == 1) return false;
        notThrough = [.. Drained(drain).Where(a => !IsThrough(a))];
        return notThrough.Count == 0;
    }

    private IEnumerable<AgentEntry> Drained(AgentDrainRecord drain) => state.Agents.Of(drain.Definitions).Where(a => !a.Stopped);

    /// <summary>Nothing waits, nothing is in flight, and nobody owes it an answer.</summary>
    private bool IsThrough(AgentEntry entry) => entry.Stopped || (!entry.HasWork && entry.InFlight.Count == 0 && !state.Requests.ContainsValue(entry.Number));
}
