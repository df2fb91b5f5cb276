using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Simulation.Checkers;

namespace AkkaWasm.Simulation;

/// <content>What operators do; what cannot be done is said and does nothing.</content>
internal sealed partial class Simulator
{
    private OperatorRequest? sourceRewind;
    private int forks;

    private void Operate()
    {
        var shard = mesh!.Shard;
        var agent = shard.Agents.ElementAt(dice.Next(shard.Agents.Count())).Name;
        if (shard.Canaries.Count > 0 && !mesh.IsReplacing && dice.OneIn(8))
        {
            var watched = dice.Of(shard.Canaries.ToArray()).Definition;
            if (dice.OneIn(3)) mesh.Operate(Asked(new OperatorRequest("a promotion") { Agent = watched }), (s, now) => s.PromoteCanary(watched, now));
            else mesh.Abort(Asked(new OperatorRequest("an abort") { Agent = watched }), watched);
            return;
        }
        if (options.Changes && dice.OneIn(8))
        {
            OperateGroup();
            return;
        }
        switch (dice.Next(16))
        {
            case 0: Do("a pause", (s, now) => s.Pause(agent, now)); break;
            case 1 or 2: Do("to go on", (s, now) => s.Resume(s.Agents.FirstOrDefault(a => a.State == AgentState.Paused)?.Name ?? agent, now)); break;
            case 3: Do("a reset", (s, now) => s.Reset(agent, now)); break;
            case 4: Do("a crash", (s, now) => s.SimulateCrash(agent, now)); break;
            case 5: Do("a kill", (_, _) => mesh.Kill(agent)); break;
            case 6 when dice.OneIn(2): mesh.LookAtRewind(agent, DrawTarget()); break;
            case < 10: mesh.Rewind(Asked(new OperatorRequest("a way back") { Agent = agent, Target = DrawTarget() })); break;
            case < 13: mesh.Fork(Asked(new OperatorRequest("a fork") { Agent = agent, Name = dice.OneIn(8) ? "clock" : $"fork{forks++}", To = dice.OneIn(3) ? null : dice.Next((int)mesh.Shard.CommittedOffset + 1) })); break;
            case 13 when dice.OneIn(3): BeginDrain(); break;
            default: TakeMeshBack(); break;
        }
    }

    /// <summary>What a record says of changes that operators, ladders and circuits make; null for others.</summary>
    public static string? ChangeOf(LogRecord record) => record switch
    {
        AgentRecord { Change: AgentChange.Forked } => "fork",
        AgentRecord { Change: AgentChange.Rewound } => "agent rewound",
        AgentRecord { Change: AgentChange.Renamed } => "agent renamed",
        MeshRewindRecord back => back.Sources ? "mesh rewound with sources" : "mesh rewound",
        HealingRecord { Directive: HealingDirective.Rewind } => "rewind of a ladder",
        PastRecord => "events from before a subscription",
        AgentVersionRecord version => $"version: {version.Step}",
        GroupPauseRecord { Paused: true } => "pause of a group",
        AgentDrainRecord => "drain of agents",
        ChangeAskedRecord => "change asked for by an agent",
        TopologyChangeRecord change when TopologyAuthor.AgentOf(change.Author) is not null => "change by an agent",
        RetentionRecord => "later beginning",
        RetirementRecord retired => $"retired: {retired.Reason}",
        PoolRecord pool => $"pool changed: {pool.Cause}",
        RuleRecord { IsNews: true } rule => $"rule {rule.Step}",
        CircuitRecord circuit => $"circuit {circuit.State}",
        _ => null,
    };

    private void OperateGroup()
    {
        var group = dice.Of(mesh!.Shard.Groups.ToArray()).Name;
        if (mesh.Shard.Groups.FirstOrDefault(g => g.Paused) is { } paused && dice.OneIn(2)) Do("a group to go on", (s, now) => s.ResumeGroup(paused.Name, now));
        else Do("a pause of a group", (s, now) => dice.OneIn(3) ? s.PauseGroup(group, now) : null);
    }

    private OperatorRequest Asked(OperatorRequest request)
    {
        seen.Requests.Add(request);
        return request;
    }

    private void Do(string what, Func<Shard, long, string?> act) => mesh!.Operate(Asked(new OperatorRequest(what) { TakesEffect = dice.OneIn(2) }), act);

    private RewindTarget DrawTarget() => new()
    {
        To = dice.OneIn(4) ? dice.Next((int)mesh!.Shard.CommittedOffset + 1) : null, Snapshots = dice.OneIn(3) ? 1 + dice.Next(2) : 0, Turns = 1 + dice.Next(12), Inputs = (RewindInputs)dice.Next(3),
        PreviousVersion = options.Replaces && dice.OneIn(3),
    };

    /// <summary>To a cut that is not far away, most of the time.</summary>
    private void TakeMeshBack()
    {
        var committed = (int)mesh!.Shard.CommittedOffset;
        if (committed < 0 || sourceRewind is not null) return;
        var request = Asked(new OperatorRequest("a way back of the mesh") { To = committed - dice.Next(Math.Min(committed + 1, dice.OneIn(4) ? 1_000 : 80)), Sources = dice.OneIn(2), DryRun = dice.OneIn(3), Begins = publishers.Forget });
        if (request is { Sources: true, DryRun: false }) (sourceRewind, publishers.ArePaused) = (request, sabotage != Sabotage.KeepsSourcesRunning);
        else mesh.RewindMesh(request);
    }

    /// <summary>A batch that is underway would move a source on: only when none is, the mesh and its sources go back; then they ask where they stand.</summary>
    private void RewindWithSources()
    {
        if (sourceRewind is null) return;
        if (sourceRewind.Answers > 0) ForgetSourceRewind();
        else if (sourceRewind.ReadUpTo < 0 && mesh!.IsReady && (publishers.AreSourcesQuiet || sabotage == Sabotage.KeepsSourcesRunning))
        {
            sourceRewind.ReadUpTo = mesh.Shard.CommittedOffset;
            mesh.RewindMesh(sourceRewind);
        }
    }

    private void ForgetSourceRewind()
    {
        if (sourceRewind is null) return;
        if (sourceRewind.ReadUpTo < 0) sourceRewind.Disappoint();
        if (publishers.ArePaused) publishers.RestartSources();
        (sourceRewind, publishers.ArePaused) = (null, false);
    }

    private void BeginDrain()
    {
        mesh!.BeginDrain();
        seen.Drains++;
    }

    /// <summary>The process ends; whatever an agent had done is in an image, unless snapshots get lost or its guest was given up meanwhile, by a failure, a pause or a way back that is being planned: the next node makes that anew.</summary>
    private void EndDrained()
    {
        if (!Has(Fault.LostSnapshot) && !disk.IsFull)
            foreach (var (agent, incarnation, input) in mesh!.SavedByDrain)
                if (mesh.Shard.FindAgent(mesh.Shard.Agent(agent)!.Name) is { State: not (AgentState.Stopped or AgentState.Healing or AgentState.Starting or AgentState.Paused or AgentState.Rewinding), TurnsSinceImage: > 0 } status
                    && status.Incarnation == incarnation && status.LastInput == input && !GivesItsStateUp(agent))
                    throw new SimulationException($"The node ended in order, and agent '{status.Name}', which is {status.State}, has {status.TurnsSinceImage} turns that are in no image.");
        EndNode(powerLoss: false);
    }

    /// <summary>Who is being set back with its definition has given up the state that it had; who has yet to move it is rebuilt from that of the life before.</summary>
    private bool GivesItsStateUp(int agent) => mesh!.Shard.PlanRebuild(agent, 0).Due is not null || mesh.Shard.Canaries.Any(c => c.IsGoingBack && c.Definition == mesh.Shard.Agent(agent)!.Definition.Name);

    /// <summary>All that was put aside for one agent, or for all: none of it leaves quarantine, or all does.</summary>
    private void ReleaseMany()
    {
        var shard = mesh!.Shard;
        var filter = dice.OneIn(4) ? QuarantineFilter.All : new QuarantineFilter { Agent = shard.Agents.ElementAt(dice.Next(shard.Agents.Count())).Name };
        var (found, before) = (shard.Quarantine(filter), shard.NextOffset);
        string? problem;
        if (dice.OneIn(3)) problem = shard.DropAll(filter, mesh.NowNs).Problem;
        else if (found.Any(q => shard.FindEvent(q.Input) is null && q.Input > shard.CommittedOffset)) return;
        else problem = shard.TooMany(found.Count) ?? shard.ReleaseAll([.. found.Select(q => (q.Agent, shard.FindEvent(q.Input) ?? mesh.Store.EventAt(q.Input)))], mesh.NowNs);
        if (problem is not null ? shard.NextOffset != before : shard.Quarantine(filter).Any(found.Contains)) throw new SimulationException($"Of {found.Count} events some left quarantine: {problem}");
    }

    private void ResumeAll()
    {
        foreach (var group in mesh!.Shard.Groups.Where(g => g.Paused)) mesh.Shard.ResumeGroup(group.Name, mesh.NowNs);
        foreach (var agent in mesh.Shard.Agents.Where(a => a.State == AgentState.Paused).ToList()) mesh.Shard.Resume(agent.Name, mesh.NowNs);
    }
}
