using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Goes through the log with the simplest model of an inbox: a queue of the events that match, per agent. Every turn must be about its
/// front (or about turn 0), and in the end every queue of a running agent is empty.
/// </summary>
internal sealed class DeliveryChecker : Checker
{
    public override string Promise => "agents handle what is theirs, each once and in order";

    public override void Check(History history) => new Walk(history, this).Check();

    private sealed class Walk(History history, DeliveryChecker checker)
    {
        private const int Unrouted = 1 << 20;

        private readonly List<Inbox> agents = [];
        private readonly Dictionary<long, (List<Inbox> Agents, Dictionary<long, long> Fired, Dictionary<string, PoolRecord> Pools, int Renames)> then = [];
        private readonly Dictionary<string, RewindInputs> policies = [];
        private readonly HashSet<(int Agent, long Input)> settled = [];
        private readonly HashSet<string> drained = [];
        private readonly List<AgentRename> renames = [];
        private readonly Dictionary<string, IReadOnlyList<string>> subscriptions = new(StringComparer.Ordinal);
        private Dictionary<long, long> fired = [];
        private readonly Dictionary<string, List<(long Offset, int Partition)>> unborn = new(StringComparer.Ordinal);
        private Dictionary<string, PoolRecord> pools = new(StringComparer.Ordinal);

        private sealed record Inbox(AgentRecord Birth)
        {
            public required AgentDefinition Definition { get; set; }

            public string Name { get; set; } = Birth.Name;

            public List<long> Waiting { get; set; } = [];

            /// <summary>Those of them that came by their keys, each with its partition.</summary>
            public Dictionary<long, int> ByKey { get; set; } = [];

            public long? TurnZero { get; set; }

            public bool AwaitsTurnZero { get; set; } = true;

            /// <summary>Its turn 0 moves its state, which one that sleeps does when there is something to do.</summary>
            public bool Moves { get; set; }

            public bool Stopped { get; set; }

            /// <summary>What waited for it when its definition was changed and came since, as long as that is watched: all of it is handled if the change is taken back.</summary>
            public HashSet<long>? Owed { get; set; }

            /// <summary>Timers and requests since then: what answers them goes with them.</summary>
            public HashSet<long> Asked { get; } = [];

            public int Incarnation { get; set; } = 1;
        }

        public void Check()
        {
            foreach (var record in history.Records)
            {
                foreach (var definition in record is TopologyRecord first ? first.Topology.Agents : record is TopologyChangeRecord changed ? changed.Delta.Put : []) subscriptions[definition.Name] = definition.Subscriptions;
                if (record is TopologyChangeRecord named) Rename(named.Delta.Renamed);
                Apply(record);
                if (history.Cuts.Contains(record.Offset)) then[record.Offset] = ([.. agents.Select(a => a with { Waiting = [.. a.Waiting], ByKey = new(a.ByKey) })], new(fired), new(pools, StringComparer.Ordinal), renames.Count);
            }
            foreach (var agent in agents.Where(a => !a.Stopped))
                checker.Require(agent.Waiting.Count == 0 && (agent.TurnZero is null || agent.Moves), $"The agent '{agent.Name}' never handled the event at {agent.TurnZero ?? agent.Waiting.FirstOrDefault()}.");
        }

        private void Rename(ImmutableArray<AgentRename> named)
        {
            drained.UnionWith(named.Where(r => drained.Contains(r.From)).Select(r => r.To).ToArray());
            renames.AddRange(named);
            pools = Renamed(pools, named);
        }

        private static Dictionary<string, PoolRecord> Renamed(Dictionary<string, PoolRecord> pools, IEnumerable<AgentRename> since) =>
            pools.ToDictionary(p => since.Aggregate(p.Key, (name, rename) => rename.From == name ? rename.To : name), p => p.Value, StringComparer.Ordinal);

        private void Apply(LogRecord record)
        {
            switch (record)
            {
                case MeshRewindRecord back:
                    GoBack(back);
                    break;
                case AgentRecord { Change: AgentChange.Born or AgentChange.Forked } born:
                    checker.Require(born.Agent == agents.Count, $"Agent {born.Agent} was born out of order.");
                    agents.Add(new Inbox(born) { Definition = history.DefinitionOf(born.Definition), AwaitsTurnZero = born.Change == AgentChange.Born, Incarnation = born.Incarnation });
                    if (born.Change == AgentChange.Born && unborn.Remove(born.Name, out var handed)) TakeHanded(agents[^1], handed);
                    break;
                case AgentRecord change:
                    if (change.Name != agents[change.Agent].Name || change.Definition != agents[change.Agent].Definition.Name)
                        (agents[change.Agent].Name, agents[change.Agent].Definition) = (change.Name, history.DefinitionOf(change.Definition));
                    agents[change.Agent].Stopped = change.Stops(agents[change.Agent].Stopped);
                    agents[change.Agent].AwaitsTurnZero = change.Change is AgentChange.Reset or AgentChange.Replaced;
                    agents[change.Agent].Moves = change.Change == AgentChange.Replaced;
                    if (change.Change is AgentChange.Rewound or AgentChange.Renamed) agents[change.Agent].TurnZero = null;
                    agents[change.Agent].Incarnation = change.Incarnation;
                    if (change.Change == AgentChange.Stopped) (agents[change.Agent].Waiting, agents[change.Agent].ByKey) = ([], []);
                    break;
                case CanaryRecord { Step: not CanaryStep.Postponed } canary:
                    foreach (var agent in agents.Where(a => a.Definition.Name == canary.Definition))
                    {
                        agent.Owed = canary.Step == CanaryStep.Began && !agent.Stopped ? [.. agent.Waiting] : null;
                        agent.Asked.Clear();
                    }
                    if (canary.Step == CanaryStep.Began) policies[canary.Definition] = canary.Policy!.Inputs;
                    break;
                case TimerRecord timer:
                    agents[timer.Agent].Asked.Add(timer.Timer);
                    break;
                case QuarantineRecord left:
                    settled.Add((left.Agent, left.Input));
                    break;
                case LineageRecord lineage:
                    agents[lineage.Agent].Waiting = [.. agents[lineage.Agent].Waiting.Where(offset => !lineage.TakenBack.Contains(offset)).Union(lineage.Again).Order()];
                    if (lineage.RollsBack) CheckOwed(agents[lineage.Agent], lineage);
                    if (lineage.Begins is not null) (agents[lineage.Agent].AwaitsTurnZero, agents[lineage.Agent].Moves) = (true, true); // it has yet to move its state, as it had at the change
                    break;
                case PastRecord past:
                    foreach (var (agent, offsets) in past.Deliveries.Where(d => !agents[d.Agent].Stopped))
                    {
                        agents[agent].Waiting = [.. agents[agent].Waiting.Union(offsets).Order()];
                        agents[agent].Owed?.UnionWith(offsets);
                    }
                    break;
                case PoolRecord pool:
                    pools[pool.Definition] = pool;
                    HandOver(pool);
                    break;
                case EventRecord { Event: var e }:
                    Deliver(e);
                    break;
                case TurnRecord turn:
                    Handle(turn);
                    break;
                case HealingRecord { Quarantine: true } healing:
                    agents[healing.Agent].ByKey.Remove(healing.Input);
                    checker.Require(agents[healing.Agent].Waiting.Remove(healing.Input), $"The event at {healing.Input} was put aside for '{agents[healing.Agent].Name}', which did not wait for it.");
                    break;
                case AgentDrainRecord drain:
                    drained.UnionWith(drain.Definitions);
                    break;
                case RuleRecord rule:
                    Take(rule);
                    break;
                case TimerCancelledRecord cancelled when fired.TryGetValue(cancelled.Timer, out var offset):
                    agents[cancelled.Agent].Waiting.Remove(offset);
                    break;
            }
        }

        /// <summary>What a rule saw waiting waits, unless the agent is to end and gets nothing more; what it sheds waits no more.</summary>
        private void Take(RuleRecord rule)
        {
            var agent = agents[rule.Agent];
            foreach (var value in rule.Values.Where(v => v.Signal == RuleSignal.Lag))
                checker.Require((int)value.Value == agent.Waiting.Count || drained.Contains(agent.Definition.Name), $"the rule '{rule.Rule}' saw {value.Value} events waiting for '{agent.Name}' at {rule.Offset}, and {agent.Waiting.Count} did.");
            foreach (var offset in rule.Shed)
            {
                agent.ByKey.Remove(offset);
                checker.Require(agent.Waiting.Remove(offset), $"the event at {offset} was shed at {rule.Offset} for '{agent.Name}', which did not wait for it.");
            }
        }

        /// <summary>What waited at the cut waits again; whoever came to be since waits for nothing.</summary>
        private void GoBack(MeshRewindRecord back)
        {
            var (were, firedThen, poolsThen, renamesThen) = then[back.To];
            for (var i = 0; i < agents.Count; i++)
            {
                var was = i < were.Count && !were[i].Stopped && history.IsDefinedAt(agents[i].Definition.Name, back.Offset) ? were[i] : null;
                agents[i].Waiting = was is null ? [] : [.. was.Waiting];
                agents[i].ByKey = was is null ? [] : new(was.ByKey);
                (agents[i].TurnZero, agents[i].AwaitsTurnZero) = (null, false);
            }
            (fired, pools) = (new(firedThen), Renamed(poolsThen, renames.Skip(renamesThen)));
        }

        private void Deliver(MeshEvent e)
        {
            if (e.Agent >= 0 && e.Origin == EventOrigin.Lifecycle && agents[e.Agent].AwaitsTurnZero)
            {
                agents[e.Agent].AwaitsTurnZero = false;
                agents[e.Agent].TurnZero = e.Offset;
            }
            if (e.Origin == EventOrigin.Timer && e.Subject is null && e.Topic.StartsWith("mesh.inbox.", StringComparison.Ordinal)) fired[e.Correlation] = e.Offset;
            if (e.Depth >= Unrouted) return;
            foreach (var agent in agents)
            {
                if (!IsFor(agent, e)) continue;
                if (!(e.Origin is EventOrigin.Timer or EventOrigin.Reply && agent.Asked.Contains(e.Correlation))) agent.Owed?.Add(e.Offset);
                if (agent.Stopped) continue;
                agent.Waiting.Add(e.Offset);
                if (agent.Definition.Pool is not null && NaivePools.IsFor(agent.Definition, e)) agent.ByKey[e.Offset] = NaivePools.PartitionOf(agent.Definition, e);
            }
        }

        /// <summary>Who goes back to a state misses nothing that came since, and handles nothing twice: answers to what is undone go with it.</summary>
        private void CheckOwed(Inbox agent, LineageRecord lineage)
        {
            checker.Require(lineage.Again.Distinct().Count() == lineage.Again.Length && lineage.Again.Order().SequenceEqual(lineage.Again), $"'{agent.Name}' is to handle events twice, or out of order, at {lineage.Offset}.");
            if (history.GoesBackAlone(lineage) || agent.Owed is not { } owed || policies[agent.Definition.Name] == RewindInputs.Dropped) return;
            var lost = owed.Where(offset => !agent.Waiting.Contains(offset) && !lineage.TakenBack.Contains(offset) && !settled.Contains((lineage.Agent, offset))).ToList();
            checker.Require(lost.Count == 0, $"'{agent.Name}' goes back at {lineage.Offset} and loses the event at {lost.FirstOrDefault()}.");
            var twice = lineage.Again.Where(offset => !owed.Contains(offset) && agent.Birth.Change != AgentChange.Forked).ToList();
            checker.Require(twice.Count == 0, $"'{agent.Name}' goes back at {lineage.Offset} and handles the event at {twice.FirstOrDefault()} again, which was in its state.");
        }

        /// <summary>What waits in partitions that change hands, and comes late enough, waits for their new members.</summary>
        private void HandOver(PoolRecord pool)
        {
            foreach (var (partition, after) in pool.Handed)
            {
                var handed = new List<(long Offset, int Partition)>();
                foreach (var giver in agents.Where(a => a.Definition.Name == pool.Definition))
                    foreach (var (offset, _) in giver.ByKey.Where(w => w.Value == partition && w.Key > after).ToList())
                    {
                        giver.ByKey.Remove(offset);
                        giver.Waiting.Remove(offset);
                        handed.Add((offset, partition));
                    }
                var name = $"{pool.Definition}/{pool.Owners[partition]}";
                if (agents.Find(a => a.Name == name) is { } taker) TakeHanded(taker, handed);
                else if (!unborn.TryAdd(name, handed)) unborn[name].AddRange(handed);
            }
        }

        private static void TakeHanded(Inbox taker, List<(long Offset, int Partition)> handed)
        {
            foreach (var (offset, partition) in handed) taker.ByKey[offset] = partition;
            taker.Waiting = [.. taker.Waiting.Concat(handed.Select(h => h.Offset)).Order()];
        }

        private bool IsFor(Inbox agent, MeshEvent e)
        {
            if (e.Topic == "mesh.inbox." + agent.Name.Replace('/', '.')) return true;
            if (agent.Definition.Pool is not null && agent.Birth.Change != AgentChange.Forked) return IsForMember(agent, e);
            if (agent.Birth.Change == AgentChange.Forked || !subscriptions[agent.Definition.Name].Any(p => NaiveTopics.Matches(p, e.Topic))) return false;
            return agent.Definition.Key is not { } key || agent.Name == $"{agent.Definition.Name}/{e.Topic.Split('.')[key.TopicToken - 1]}";
        }

        private bool IsForMember(Inbox agent, MeshEvent e) => pools.TryGetValue(agent.Definition.Name, out var pool) && NaivePools.IsFor(agent.Definition, e)
            && agent.Birth.Key == $"{pool.Owners[NaivePools.PartitionOf(agent.Definition, e)]}";

        private void Handle(TurnRecord turn)
        {
            var agent = agents[turn.Agent];
            checker.Require(!agent.Stopped && turn.Incarnation == agent.Incarnation, $"The agent '{agent.Name}' had a turn at {turn.Input} in a life that was over.");
            var next = agent.TurnZero ?? (agent.Waiting.Count > 0 ? agent.Waiting[0] : -1);
            checker.Require(next == turn.Input, $"The agent '{agent.Name}' handled the event at {turn.Input} where the one at {next} was next.");
            if (turn.Fault is not null) return;
            if (agent.TurnZero is not null) agent.TurnZero = null;
            else
            {
                agent.ByKey.Remove(turn.Input);
                agent.Waiting.RemoveAt(0);
            }
        }
    }
}
