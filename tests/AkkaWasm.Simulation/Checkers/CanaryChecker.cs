using System.IO.Hashing;
using System.Text;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Counts the failures of changed definitions that are watched by the log alone. One is set back when, and only when, it failed too often, and with it exactly
/// those agents that moved; it stays when its time is over and it did not. What is tried on a share of a family moves exactly the agents in the share, and the
/// others when it is promoted. A pool keeps its members meanwhile, apart from those who stop.
/// </summary>
internal sealed class CanaryChecker : Checker
{
    public override string Promise => "a changed definition stays if its budget holds, and is set back with its agents if not";

    public override void Check(History history)
    {
        var walk = new Walk(this, history);
        for (var i = 0; i < history.Records.Count; i++) walk.Take(i);
        walk.End();
    }

    private sealed record Watch(AgentDefinition Before, CanaryPolicy Policy, long UntilNs, int FirstNew, KeyShare? Share)
    {
        /// <summary>Whom the version is tried on, by the rule as it is written down.</summary>
        public bool Has(string agent) => Share is null || XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(agent), Share.Seed) % 10_000 < (ulong)Share.BasisPoints;

        public List<long> Failures { get; } = [];

        public bool IsExceeded { get; set; }

        /// <summary>Agents that since the change made a turn that counts, have events put aside, or began another life.</summary>
        public HashSet<int> Changed { get; } = [];

        /// <summary>Agents that a failure has stopped since.</summary>
        public HashSet<int> Stopped { get; } = [];
    }

    private sealed record Agent(string Name, string Definition, bool IsFork)
    {
        public string Name { get; set; } = Name;

        public string Definition { get; set; } = Definition;

        public bool IsStopped { get; set; }
    }

    private sealed class Walk(CanaryChecker checker, History history)
    {
        private readonly Dictionary<string, Watch> watches = [];
        private readonly List<Agent> agents = [];
        private readonly HashSet<int> wentBack = [];
        private readonly HashSet<long> moves = [];
        private readonly Dictionary<int, string?> runs = [];
        private MeshTopology? topology;
        private MeshTopology? before;
        private TopologyChangeRecord? change;
        private long nowNs;

        public void Take(int at)
        {
            switch (history.Records[at])
            {
                case EpochRecord epoch: nowNs = Math.Max(nowNs, epoch.AtNs); break;
                case EventRecord { Event: var e }: nowNs = Math.Max(nowNs, e.AppendedAtNs); break;
                case TopologyRecord first: topology = first.Topology; break;
                case TopologyChangeRecord changed: Change(changed); break;
                case CanaryRecord canary: Step(canary, at); break;
                case TurnRecord turn: Note(turn); break;
                case PoolRecord pool:
                    checker.Require(pool.Cause == PoolCause.Stopped || !watches.ContainsKey(pool.Definition), $"the pool '{pool.Definition}' gets other members at {pool.Offset} while it is watched.");
                    break;
                case HealingRecord healing: Note(healing); break;
                case AgentVersionRecord { Step: not AgentVersionStep.Refused } version: runs[version.Agent] = version.RunsAs?.ModuleHash; break;
                case AgentRecord agent: Note(agent, at + 1 < history.Records.Count && history.Records[at + 1] is LineageRecord { RollsBack: true } next && !history.GoesBackAlone(next)); break;
                case LineageRecord lineage when !history.GoesBackAlone(lineage): Note(lineage); break;
                case MeshRewindRecord back: checker.Require(watches.Count == 0, $"the mesh went back at {back.Offset} while '{watches.Keys.FirstOrDefault()}' was watched."); break;
            }
        }

        public void End()
        {
            foreach (var (definition, watch) in watches) checker.Require(!watch.IsExceeded, $"'{definition}' failed too often and was not set back.");
        }

        private Watch? WatchOf(int agent) => watches.GetValueOrDefault(agents[agent].Definition) is { } watch && watch.Has(agents[agent].Name) ? watch : null;

        /// <summary>A version that traps does so in no agent that is not under it.</summary>
        private void CheckVersion(TurnRecord turn)
        {
            if (turn.Fault?.Code != "bad-version" || moves.Contains(turn.Input)) return; // on the way to its own version a state may have to pass one that nobody ran
            var (name, definition) = (agents[turn.Agent].Name, topology!.Agents.Single(a => a.Name == agents[turn.Agent].Definition));
            var isTried = definition.Canary is { } canary && new Watch(definition, new CanaryPolicy(), 0, 0, canary.Share).Has(name);
            var module = runs.GetValueOrDefault(turn.Agent) ?? (isTried ? definition.Canary!.Definition : definition).ModuleHash;
            checker.Require(module.EndsWith('!'), $"'{name}' ran another version than its own, {module}, at {turn.Offset}.");
        }

        /// <summary>Behind a change of a share, or to all: those who live and whose version becomes another begin a life with it in the same append, and nobody else of the family.</summary>
        private void CheckMoved(string definition, long offset, int at, Func<string, bool> areMoved)
        {
            HashSet<int> moved = [];
            for (var i = at + 1; i < history.Records.Count && history.Records[i] is not EventRecord { Event.Topic: Shard.TopologyTopic }; i++)
                if (history.Records[i] is AgentRecord { Change: AgentChange.Replaced or AgentChange.Reset } agent) moved.Add(agent.Agent);
                else if (history.Records[i] is AgentVersionRecord { Step: AgentVersionStep.CaughtUp } version) moved.Add(version.Agent);
            for (var i = 0; i < agents.Count; i++)
            {
                if (agents[i].Definition != definition) continue;
                checker.Require(moved.Contains(i) == (!agents[i].IsStopped && areMoved(agents[i].Name)), $"'{agents[i].Name}' {(moved.Contains(i) ? "got" : "did not get")} the version that is tried, with the change before {offset}.");
            }
        }

        /// <summary>Whether the guests of two versions see something else.</summary>
        private static bool IsMoved(AgentDefinition from, AgentDefinition to) => !SeesTheSame(from, to);

        private void Note(AgentRecord agent, bool goesBack)
        {
            if (agent.Agent == agents.Count) agents.Add(new Agent(agent.Name, agent.Definition, agent.Change == AgentChange.Forked));
            (agents[agent.Agent].Name, agents[agent.Agent].Definition) = (agent.Name, agent.Definition);
            var watch = WatchOf(agent.Agent);
            watch?.Changed.Add(agent.Agent);
            agents[agent.Agent].IsStopped = agent.Stops(agents[agent.Agent].IsStopped);
            if (agent.Change != AgentChange.Stopped && !goesBack) watch?.Stopped.Remove(agent.Agent);
        }

        private void Note(LineageRecord lineage)
        {
            if (lineage.Begins is { } move) moves.Add(move.Input);
            if (!lineage.RollsBack) return;
            checker.Require(wentBack.Add(lineage.Agent), $"'{agents[lineage.Agent].Name}' is set back twice at {lineage.Offset}.");
            var policy = WatchOf(lineage.Agent)?.Policy;
            checker.Require(policy is not null, $"'{agents[lineage.Agent].Name}' is set back at {lineage.Offset}, and its definition is not watched.");
            checker.Require(policy!.Inputs != RewindInputs.Dropped || lineage.Again.SequenceEqual(lineage.Fresh), $"what was handled is handled again at {lineage.Offset}, and was to be dropped.");
            checker.Require(lineage.Suppressed == (policy.Inputs == RewindInputs.Suppressed) || lineage.Again.SequenceEqual(lineage.Fresh), $"what is handled again at {lineage.Offset} is {(lineage.Suppressed ? "" : "not ")}suppressed.");
        }

        private void Note(HealingRecord healing)
        {
            if (healing.Quarantine) WatchOf(healing.Agent)?.Changed.Add(healing.Agent);
            if (healing.Directive == HealingDirective.Stop)
                foreach (var agent in healing.Affected)
                {
                    if (WatchOf(agent) is not { } watch) continue;
                    watch.Stopped.Add(agent);
                    watch.IsExceeded |= topology!.Agents.Single(a => a.Name == agents[agent].Definition).Pool is not null; // a pool is whole or goes back
                }
        }

        private void Note(TurnRecord turn)
        {
            CheckVersion(turn);
            if (WatchOf(turn.Agent) is not { } watch) return;
            if (turn.Fault is null) watch.Changed.Add(turn.Agent);
            else if (turn.Fault.Kind != FaultKind.Operating)
            {
                watch.Failures.Add(nowNs);
                watch.IsExceeded |= watch.Failures.Count(f => f > nowNs - (watch.Policy.WithinTimeRange.Ticks * 100)) > watch.Policy.MaxFailures;
            }
        }

        private void Change(TopologyChangeRecord changed)
        {
            (before, change) = (topology, changed);
            topology = changed.Delta.On(topology!);
            wentBack.Clear();
            if (IsWayBack(changed)) return;
            foreach (var name in changed.Delta.Removed) watches.Remove(name);
            foreach (var put in changed.Delta.Put)
                checker.Require(!watches.Remove(put.Name) || changed.Author == TopologyAuthor.Startup, $"'{put.Name}' is changed at {changed.Offset} while it is watched.");
        }

        /// <summary>Whether a definition that is watched becomes what it was before, or for all what it is tried as on some.</summary>
        private bool IsWayBack(TopologyChangeRecord changed) =>
            changed.Author != TopologyAuthor.Startup && changed.Delta.Put is [var one] && watches.TryGetValue(one.Name, out var watch)
            && (TopologyCodec.AreSame(one, watch.Before) || (before!.Agents.Single(a => a.Name == one.Name).Canary is { } canary && TopologyCodec.AreSame(one, canary.Definition)));

        private void Step(CanaryRecord canary, int at)
        {
            if (canary.Step == CanaryStep.Began)
            {
                checker.Require(before!.Agents.Any(a => TopologyCodec.AreSame(a, canary.Before!)) && change!.Delta.Put.Any(d => d.Name == canary.Definition), $"the watch at {canary.Offset} is of no change.");
                watches[canary.Definition] = new Watch(canary.Before!, canary.Policy!, canary.AtNs + (canary.Policy!.Watch.Ticks * 100), agents.Count, canary.Share);
                if (canary.Share is not null) CheckBegun(canary, at);
                return;
            }
            if (canary.Step == CanaryStep.Postponed)
            {
                checker.Require(watches.TryGetValue(canary.Definition, out var known) && known.Share is not null && canary.AtNs >= known.UntilNs && !known.IsExceeded, $"'{canary.Definition}' was postponed at {canary.Offset} without reason.");
                watches[canary.Definition] = known! with { UntilNs = canary.AtNs + (known.Policy.Watch.Ticks * 100) };
                return;
            }
            checker.Require(watches.Remove(canary.Definition, out var watch), $"'{canary.Definition}' became {canary.Step} at {canary.Offset} and was not watched.");
            var isAsked = history.Seen.Requests.Exists(r => r.What is "a promotion" or "an abort" && r.Agent == canary.Definition);
            checker.Require(isAsked || watch!.IsExceeded == canary.Step is CanaryStep.RolledBack or CanaryStep.Kept, $"'{canary.Definition}' became {canary.Step} at {canary.Offset} after {watch!.Failures.Count} failures.");
            if (canary.Step == CanaryStep.Promoted && watch!.Share is not null)
            {
                CheckSpread(canary, watch, at);
                checker.Require(isAsked || canary.AtNs >= watch.UntilNs, $"'{canary.Definition}' was promoted at {canary.Offset} before its time was over.");
            }
            else if (canary.Step == CanaryStep.Promoted && !isAsked)
                checker.Require(history.Records[at + 1] is EventRecord { Event: { Topic: Shard.PromotedTopic } told } && told.AppendedAtNs >= watch!.UntilNs && IsNow(told.AppendedAtNs),
                    $"'{canary.Definition}' was promoted at {canary.Offset} before its time was over.");
            if (canary.Step == CanaryStep.RolledBack) CheckRolledBack(canary, watch!);
        }

        /// <summary>The version is tried on the agents in the share; the definition of the others is what it was.</summary>
        private void CheckBegun(CanaryRecord canary, int at)
        {
            var now = topology!.Agents.Single(a => a.Name == canary.Definition);
            checker.Require(now.Canary?.Share == canary.Share && TopologyCodec.AreSame(now with { Canary = null }, canary.Before! with { Canary = null }), $"the share at {canary.Offset} is another than that of the topology.");
            CheckMoved(canary.Definition, canary.Offset, at, name => watches[canary.Definition].Has(name) && IsMoved(canary.Before!, now.Canary!.Definition));
        }

        /// <summary>What was tried is the definition of all, and the others have moved to it.</summary>
        private void CheckSpread(CanaryRecord canary, Watch watch, int at)
        {
            var (was, now) = (before!.Agents.Single(a => a.Name == canary.Definition), topology!.Agents.Single(a => a.Name == canary.Definition));
            checker.Require(now.Canary is null && was.Canary is { } tried && TopologyCodec.AreSame(tried.Definition, now), $"'{canary.Definition}' was promoted at {canary.Offset} to something else than what was tried.");
            CheckMoved(canary.Definition, canary.Offset, at, name => !watch.Has(name) && IsMoved(was, now));
        }

        private void CheckRolledBack(CanaryRecord canary, Watch watch)
        {
            checker.Require(change!.Delta.Put is [var one] && TopologyCodec.AreSame(one, watch.Before), $"'{canary.Definition}' was set back at {canary.Offset} to something else.");
            var changed = before!.Agents.Single(a => a.Name == canary.Definition);
            var isSeen = !SeesTheSame(changed.Canary?.Definition ?? changed, watch.Before);
            for (var i = 0; i < agents.Count; i++)
            {
                if (agents[i].Definition != canary.Definition) continue;
                var expected = watch.Has(agents[i].Name) && (watch.Stopped.Contains(i) || (!agents[i].IsStopped && (isSeen || (watch.Changed.Contains(i) && !(agents[i].IsFork && i >= watch.FirstNew)))));
                checker.Require(wentBack.Contains(i) == expected, $"'{agents[i].Name}' was {(expected ? "not " : "")}set back with its definition at {canary.Offset}.");
            }
        }

        private static bool SeesTheSame(AgentDefinition one, AgentDefinition other)
        {
            var (a, b) = (new ByteWriter(), new ByteWriter());
            TopologyCodec.WriteSeen(a, one);
            TopologyCodec.WriteSeen(b, other);
            return a.Written.SequenceEqual(b.Written);
        }

        /// <summary>The clock of the mesh never was that far.</summary>
        private bool IsNow(long atNs) => atNs <= history.Mesh.NowNs;
    }
}
