using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation.Checkers;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Simulation;

/// <content>The topology changes: agents come and go, limits and subscriptions of others become different, two apply at once.</content>
internal sealed partial class Simulator
{
    /// <summary>In how many steps the topology changes once, where it is to change at all.</summary>
    private const int StepsPerChange = 12;

    /// <summary>What the names end with that definitions are given; of an even length, because guests look at that.</summary>
    private const string Renamed = "-x";

    private static readonly string[] Visitors = ["visitor", "guest", "caller"];

    private void ChangeTopology()
    {
        RollTopologyBack();
        if (!options.Changes || !mesh!.IsReady || mesh.IsDraining || mesh.IsReplacing || !dice.OneIn(StepsPerChange)) return;
        var running = mesh.Shard.Topology!;
        var basedOn = dice.OneIn(3) ? mesh.Shard.TopologyAt.Offset : dice.OneIn(5) ? mesh.Shard.TopologyAt.Offset - 1 : default(long?);
        var inForce = mesh.Shard.TopologyAt.Offset;
        var isStale = basedOn is { } at && at != inForce;
        var drain = dice.OneIn(2) ? TimeSpan.FromMilliseconds(dice.Next(2_000)) : default(TimeSpan?);
        var target = dice.OneIn(3) ? WithOtherLimits(running) : dice.OneIn(6) ? WithOtherTopics(running) : dice.OneIn(4) ? WithOtherNames(running) : dice.OneIn(12) ? WithOtherGroup(running) : WithOtherVisitors(running);
        var canary = DrawCanary();
        if (GroupRenames.Of(running, target).Any() || (!TopologyDelta.Between(running, target).Renamed.IsEmpty && !dice.OneIn(8))) canary = null;
        var isWatched = ChangesWhatIsWatched(target, canary) || ChangesThePast(target) || TakesANameThatIsTaken(target);
        var answer = mesh.Apply(target, basedOn, drain: drain, canary: canary);
        if (answer.Outcome == TopologyOutcome.Unchanged && isWatched) return; // it is what is tried already
        if (answer.Outcome == TopologyOutcome.Refused != (isWatched && !isStale))
            throw new SimulationException($"The topology was {answer.Outcome}, and {(isWatched ? "a definition is watched" : "nothing stands against that")}: {answer.Plan.Problems.FirstOrDefault()?.Message}");
        if ((answer.Outcome == TopologyOutcome.Stale) != isStale) throw new SimulationException($"A change against the topology at {basedOn} was {answer.Outcome} where that at {inForce} was in force.");
    }

    /// <summary>Whether a topology changes a definition that is watched, or tries another version on a share where one is tried, or is to watch a pool of which partitions are underway: that is refused.</summary>
    private bool ChangesWhatIsWatched(MeshTopology target, CanaryPolicy? canary)
    {
        var running = mesh!.Shard.Topology!;
        var delta = TopologyDelta.Between(running, CanaryShares.Follow(target, running, name => mesh.Shard.Canaries.Any(c => c.Definition == name)));
        if (canary is not null && delta.Put.Any(d => d.Pool is not null && mesh.Shard.FindPool(d.Name) is { } pool && (pool.Policy != d.Pool || pool.WhyKept is not null || pool.Moving > 0))) return true;
        if (canary is { ShareBasisPoints: < KeyShare.All } && delta.Put.Any(d => mesh.Shard.Topology!.Agents.Any(a => a.Name == d.Name && a.Canary is not null))) return true;
        if (canary is not null && !delta.Renamed.IsEmpty) return true;
        return mesh.Shard.Canaries.Any(c => delta.Removed.Contains(c.Definition) || delta.Put.Any(d => d.Name == c.Definition) || delta.Renamed.Any(r => r.From == c.Definition));
    }

    private CanaryPolicy? DrawCanary() => dice.OneIn(3) ? null : new CanaryPolicy
    {
        Watch = TimeSpan.FromSeconds(1 + dice.Next(120)), MaxFailures = dice.Next(3), WithinTimeRange = TimeSpan.FromSeconds(1 + dice.Next(60)), Inputs = dice.OneIn(2) ? RewindInputs.Suppressed : (RewindInputs)dice.Next(3),
        ShareBasisPoints = dice.OneIn(3) ? KeyShare.All : 3_000 + dice.Next(6_000),
    };

    private MeshTopology WithOtherLimits(MeshTopology running)
    {
        var which = dice.Next(running.Agents.Length);
        var agent = running.Agents[which];
        return running with { Agents = running.Agents.SetItem(which, agent with { Limits = agent.Limits with { LogLinesPerTurn = dice.Next(100) } }) };
    }

    private MeshTopology WithOtherVisitors(MeshTopology running)
    {
        var name = dice.Of(Visitors);
        var there = running.Agents.FirstOrDefault(a => a.Name == name || a.Name == name + Renamed);
        if (there is not null) return running with { Agents = running.Agents.Remove(there) };
        var visitor = name == "guest" ? Family(name, "alert.*", 2, "noter") : Agent(name, name == "caller" ? "quake.>" : "feed.> alert.*", "noter");
        return running with { Agents = running.Agents.Insert(dice.Next(running.Agents.Length + 1), visitor with { SnapshotEveryTurns = 3, HashEveryTurns = 3, SubscribeFrom = DrawStart() }) };
    }

    /// <summary>Of visitors some hear what was before them.</summary>
    private SubscriptionStart DrawStart()
    {
        var (offset, begins) = (mesh!.Shard.NextOffset, mesh.Shard.Beginning);
        return dice.Next(5) switch
        {
            0 => new(SubscriptionStartKind.Beginning),
            1 => new(SubscriptionStartKind.Position, Math.Max(begins.Offset, offset - dice.Next(300))),
            2 => new(SubscriptionStartKind.Time, Math.Max(begins.AtNs, nowNs - (TestMesh.Second * dice.Next(60)))),
            _ => default,
        };
    }

    /// <summary>An agent that is there hears of something more.</summary>
    private MeshTopology WithOtherTopics(MeshTopology running)
    {
        var which = running.Agents.IndexOf(running.Agents.First(a => a.Name == "archive"));
        var (agent, start) = (running.Agents[which], DrawStart());
        var more = agent with { Subscriptions = agent.Subscriptions.Add("quake.1"), SubscribeFrom = start, Limits = agent.Limits with { LogLinesPerTurn = dice.Next(100) } };
        if (agent.Subscriptions.Length == 2) return running with { Agents = running.Agents.SetItem(which, more) };
        return running with { Agents = running.Agents.SetItem(which, agent with { Subscriptions = agent.Subscriptions.RemoveAt(2) }) };
    }

    /// <summary>A definition gets another name, or that which it had before, now and then with another limit.</summary>
    private MeshTopology WithOtherNames(MeshTopology running)
    {
        var all = running.Agents.Where(a => a.Name is not "archive" && a.Group != IntegratedGroup && a.Name != Integrator && a.Canary is null).ToArray();
        var families = all.Where(a => (a.Key is not null || a.Pool is not null) && mesh!.Shard.Agents.Any(known => known.Definition == a.Name)).ToArray();
        var agent = dice.Of(families.Length > 0 && dice.OneIn(2) ? families : all);
        var name = agent.Name.EndsWith(Renamed, StringComparison.Ordinal) ? agent.Name[..^Renamed.Length] : agent.Name + Renamed;
        if (running.Agents.Any(a => a.Name == name)) return running;
        var renamed = AgentRenames.On(running, [new AgentRename(agent.Name, name)]);
        var log = dice.OneIn(3) ? dice.Next(100) : agent.Limits.LogLinesPerTurn;
        return renamed with { Agents = [.. renamed.Agents.Select(a => a.Name == name ? a with { RenamedFrom = agent.Name, Limits = a.Limits with { LogLinesPerTurn = log } } : a)] };
    }

    /// <summary>A group gets another name, or that which it had before, and its agents are in it still.</summary>
    private MeshTopology WithOtherGroup(MeshTopology running)
    {
        var group = dice.Of(running.Groups.Where(g => g.Name is not (GroupDefinition.Default or IntegratedGroup)).ToArray());
        var name = group.Name.EndsWith(Renamed, StringComparison.Ordinal) ? group.Name[..^Renamed.Length] : group.Name + Renamed;
        return running with
        {
            Groups = [.. running.Groups.Select(g => g == group ? g with { Name = name, RenamedFrom = group.Name } : g.Parent == group.Name ? g with { Parent = name } : g)],
            Agents = [.. running.Agents.Select(a => a.Group != group.Name ? a : a with { Group = name, Canary = a.Canary is { } tried ? tried with { Definition = tried.Definition with { Group = name } } : null })],
        };
    }

    /// <summary>A topology that was in force before; definitions and groups get the names that they had then.</summary>
    private void RollTopologyBack()
    {
        if (!options.Changes || !mesh!.IsReady || mesh.IsDraining || mesh.IsReplacing || !dice.OneIn(StepsPerChange * 8)) return;
        var at = mesh.Shard.Beginning.Offset + dice.Next((int)Math.Max(1, mesh.Shard.CommittedOffset - mesh.Shard.Beginning.Offset));
        if (mesh.TopologyOfOld(at) is { } target) mesh.Apply(target);
    }

    /// <summary>Whether a name is to be given that an agent of the log has: that is refused.</summary>
    private bool TakesANameThatIsTaken(MeshTopology target) =>
        TopologyDelta.Between(mesh!.Shard.Topology!, target).Renamed.Any(r => mesh.Shard.Agents.Any(a => a.Definition == r.To));

    /// <summary>Whether a topology changes what an agent subscribes to that is still brought events from before: that is refused.</summary>
    private bool ChangesThePast(MeshTopology target)
    {
        var running = mesh!.Shard.Topology!.Agents.ToDictionary(a => a.Name);
        return target.Agents.Any(a => running.TryGetValue(a.Name, out var was) && !was.Subscriptions.SequenceEqual(a.Subscriptions) && mesh.Shard.PastUnderway.Contains(a.Name));
    }
}
