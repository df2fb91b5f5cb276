using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Every change that an agent asks for is in the log once, is answered once, with what is made of it right behind; nothing is changed by an agent but so, and never
/// anything that it may not.
/// </summary>
internal sealed class IntegrationChecker : Checker
{
    public override string Promise => "agents change what they may, and each request is answered once";

    public override void Check(History history)
    {
        var open = new Dictionary<long, ChangeAskedRecord>();
        var (again, back, askedAgain, then) = (new List<ChangeAskedRecord>(), new HashSet<int>(), new HashSet<long>(), new Dictionary<long, ChangeAskedRecord[]>());
        for (var i = 0; i < history.Records.Count; i++)
        {
            switch (history.Records[i])
            {
                case MeshRewindRecord rewind:
                    foreach (var undone in open.Keys.Where(offset => offset > rewind.To).ToList()) open.Remove(undone);
                    (again, back) = ([.. then[rewind.To].Where(asked => !open.ContainsKey(asked.Offset))], []);
                    break;
                case AgentRecord { Change: AgentChange.Rewound } rewound:
                    back.Add(rewound.Agent); // others do not go on from where they waited
                    break;
                case ChangeAskedRecord request:
                    if (again.RemoveAll(asked => asked.Agent == request.Agent && asked.Correlation == request.Correlation) > 0) askedAgain.Add(request.Offset);
                    open.Add(request.Offset, request);
                    break;
                case TurnRecord turn:
                    Require(!again.Exists(asked => back.Contains(asked.Agent)), $"the mesh went back to where agent {again.FirstOrDefault()?.Agent} waited for an answer, and at {turn.Offset} it has not been asked again.");
                    again.Clear();
                    break;
                case ChangeAnsweredRecord answered:
                    Require(open.Remove(answered.Asked, out var asked), $"the answer at {answered.Offset} is to a request at {answered.Asked} that is answered or never was.");
                    RequireTold(history.Records, i, asked!);
                    break;
                case TopologyChangeRecord change when TopologyAuthor.AgentOf(change.Author) is not null:
                    var drained = change.Delta.Put.IsEmpty && history.Records.Take(i).OfType<AgentDrainRecord>().Any(d => d.Definitions.SequenceEqual(change.Delta.Removed));
                    Require(drained || (i > 0 && history.Records[i - 1] is ChangeAnsweredRecord), $"{change.Author} changed the topology at {change.Offset}, and that is the answer to nothing.");
                    RequireAllowed(history, change);
                    break;
            }
            if (history.Cuts.Contains(history.Records[i].Offset)) then[history.Records[i].Offset] = [.. open.Values];
        }
        Require(open.Count == 0, $"the request at {open.Keys.FirstOrDefault()} was never answered.");
        RequireRecorded(history, askedAgain);
    }

    private void RequireTold(List<LogRecord> records, int at, ChangeAskedRecord asked)
    {
        for (var i = at + 1; i < records.Count && records[i] is not (TurnRecord or ChangeAnsweredRecord or EpochRecord); i++)
            if (records[i] is EventRecord { Event: { Origin: EventOrigin.Lifecycle } e } && e.Correlation == asked.Correlation && e.Agent == asked.Agent) return;
        Require(false, $"agent {asked.Agent} is not told what became of its request at {asked.Offset}.");
    }

    /// <summary>What the one agent that changes something may, said another way than the mesh does.</summary>
    private void RequireAllowed(History history, TopologyChangeRecord change)
    {
        var before = history.Topologies.Last(t => t.From < change.Offset).Topology;
        Require(TopologyAuthor.AgentOf(change.Author) == Simulator.Integrator && change.Delta.Groups is null && change.Delta.Root is null, $"{change.Author} changed more than agents at {change.Offset}.");
        foreach (var name in change.Delta.Removed) Require(before.Agents.First(a => a.Name == name).Group == Simulator.IntegratedGroup, $"{change.Author} took '{name}' away at {change.Offset}.");
        foreach (var put in change.Delta.Put)
        {
            var good = put.Group == Simulator.IntegratedGroup && put.Limits.Deadline <= TimeSpan.FromSeconds(1) && put.Capabilities is { Spawn: false, Schedule: false, Integrate.IsEmpty: true }
                && put.Capabilities.Publish.All(p => p.StartsWith("alert.", StringComparison.Ordinal)) && put.Subscriptions.All(s => s is not ">");
            Require(good && (before.Agents.FirstOrDefault(a => a.Name == put.Name)?.Group ?? Simulator.IntegratedGroup) == Simulator.IntegratedGroup, $"{change.Author} defined '{put.Name}' at {change.Offset}, which it may not.");
        }
        var quota = before.Agents.First(a => a.Name == Simulator.Integrator).Spawn.MaxAgents;
        var helpers = change.Delta.On(before).Agents.Count(a => a.Group == Simulator.IntegratedGroup);
        Require(change.Delta.Put.IsEmpty || helpers <= quota, $"{change.Author} defines {helpers} agents at {change.Offset}, {quota} are allowed.");
    }

    /// <summary>What a successful turn asked for is in the log once, but for what is asked again because the mesh went back.</summary>
    private void RequireRecorded(History history, HashSet<long> askedAgain)
    {
        var recorded = history.Records.OfType<ChangeAskedRecord>().Where(r => !askedAgain.Contains(r.Offset)).ToLookup(r => (r.Agent, r.Incarnation, r.Input));
        if (recorded.Count == 0) return;
        var suppressed = EffectChecker.Suppressed(history);
        foreach (var life in Replays.Of(history))
            foreach (var (turn, again) in life.Turns)
            {
                if (again is null) continue;
                var key = (turn.Agent, turn.Incarnation, turn.Input);
                var wanted = suppressed.Contains(key) ? [] : again.Outputs.OfType<ChangeAsked>().Select(o => o.Correlation).ToList();
                Require(wanted.SequenceEqual(recorded[key].Select(r => r.Correlation)), $"'{life.Birth.Name}' asked for {wanted.Count} changes at {turn.Input}; {recorded[key].Count()} are in the log.");
            }
    }
}
