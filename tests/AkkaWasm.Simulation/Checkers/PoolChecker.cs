using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Goes through the log with the simplest model of a pool: for each key a queue of events, each with the member that had its partition when it came. A turn
/// is about an event before which no other of its key waits for anybody else, and no event is handled by two.
/// </summary>
internal sealed class PoolChecker : Checker
{
    public override string Promise => "events of one key are handled one after the other, each by one member of its pool";

    public override void Check(History history)
    {
        foreach (var pool in PoolsThatCame([.. history.Topologies.Select(t => t.Topology)])) new Walk(this, history, pool).Go();
    }

    /// <summary>Pools as they were defined first; one that is renamed is the one that it was.</summary>
    private static IEnumerable<AgentDefinition> PoolsThatCame(MeshTopology[] topologies) => topologies
        .SelectMany((topology, i) => topology.Agents.Where(a => a.Pool is not null && (i == 0 || AgentRenames.Of(topologies[i - 1], topology).All(r => r.To != a.Name)
            && topologies[i - 1].Agents.All(was => was.Name != a.Name))))
        .DistinctBy(a => a.Name);

    private sealed record Wait(long Offset, string Key, int Partition, int Agent);

    private sealed record Moment(List<Wait> Waiting, HashSet<long> Handled, PoolRecord? Last, Dictionary<int, int> Members, HashSet<int> Stopped);

    private sealed class Walk(PoolChecker checker, History history, AgentDefinition first)
    {
        private const int Unrouted = 1 << 20;

        /// <summary>As it is defined by the last record.</summary>
        private AgentDefinition pool = first;
        private readonly Dictionary<long, Moment> then = [];
        private readonly HashSet<(int Agent, long Offset)> again = [];
        private readonly Dictionary<long, string> keys = [];

        /// <summary>What members that went back with their definition have to handle again.</summary>
        private readonly List<Wait> redone = [];
        private Moment now = new([], [], null, [], []);

        public void Go()
        {
            foreach (var record in history.Records)
            {
                Take(record);
                if (history.Cuts.Contains(record.Offset)) then[record.Offset] = Copy(now);
            }
            var left = now.Waiting.Where(w => !now.Stopped.Contains(w.Agent)).Select(w => w.Offset);
            checker.Require(!left.Any(), $"the events at {List(left)} still wait for '{pool.Name}' when everything is at rest.");
        }

        private static Moment Copy(Moment m) => new([.. m.Waiting], [.. m.Handled], m.Last, new(m.Members), [.. m.Stopped]);

        private void Take(LogRecord record)
        {
            switch (record)
            {
                case MeshRewindRecord back:
                    now = Copy(then[back.To]) with { Members = now.Members };
                    redone.Clear();
                    break;
                case TopologyChangeRecord { Delta: var delta }:
                    var name = delta.Renamed.FirstOrDefault(r => r.From == pool.Name) is { To: { } to } ? to : pool.Name;
                    pool = delta.Put.FirstOrDefault(d => d.Name == name) ?? pool with { Name = name };
                    break;
                case AgentRecord { Key: { } key } agent when agent.Definition == pool.Name:
                    var member = now.Members[agent.Agent] = int.Parse(key, System.Globalization.CultureInfo.InvariantCulture);
                    if (agent.Change == AgentChange.Born) now = now with { Waiting = [.. now.Waiting.Select(w => w.Agent < 0 && now.Last!.Owners[w.Partition] == member ? w with { Agent = agent.Agent } : w)] };
                    if (agent.Change == AgentChange.Stopped) redone.RemoveAll(w => w.Agent == agent.Agent);
                    if (agent.Change != AgentChange.Stopped) now.Stopped.Remove(agent.Agent);
                    else if (now.Stopped.Add(agent.Agent)) now.Waiting.RemoveAll(w => w.Agent == agent.Agent);
                    break;
                case PoolRecord change when change.Definition == pool.Name:
                    Judge(change);
                    HandOver(change);
                    now = now with { Last = change };
                    break;
                case EventRecord { Event: { Depth: < Unrouted } e } when now.Last is not null && NaivePools.IsFor(pool, e):
                    keys[e.Offset] = NaivePools.KeyOf(pool, e);
                    Deliver(e, now.Last.Owners[NaivePools.PartitionOf(pool, e)]);
                    break;
                case TurnRecord turn when now.Members.ContainsKey(turn.Agent):
                    Handle(turn);
                    break;
                case HealingRecord { Quarantine: true } aside when now.Members.ContainsKey(aside.Agent):
                    Done(aside.Input);
                    break;
                case RuleRecord rule when now.Members.ContainsKey(rule.Agent):
                    foreach (var offset in rule.Shed) Done(offset);
                    break;
                case LineageRecord lineage when now.Members.ContainsKey(lineage.Agent):
                    foreach (var offset in lineage.Again) again.Add((lineage.Agent, offset));
                    if (lineage.RollsBack) redone.RemoveAll(w => w.Agent == lineage.Agent || lineage.Again.Contains(w.Offset));
                    if (lineage.RollsBack) redone.AddRange(lineage.Again.Where(keys.ContainsKey).Select(offset => new Wait(offset, keys[offset], 0, lineage.Agent)));
                    break;
            }
        }

        private void Deliver(MeshEvent e, int owner)
        {
            foreach (var (agent, member) in now.Members)
                if (member == owner && !now.Stopped.Contains(agent)) now.Waiting.Add(new Wait(e.Offset, NaivePools.KeyOf(pool, e), NaivePools.PartitionOf(pool, e), agent));
        }

        /// <summary>Whoever gets them may be born behind the record: who it is is said by the first turn.</summary>
        private void HandOver(PoolRecord change)
        {
            foreach (var (partition, after) in change.Handed)
            {
                var taker = now.Members.Where(m => m.Value == change.Owners[partition]).Select(m => m.Key).DefaultIfEmpty(-1).First();
                for (var i = 0; i < now.Waiting.Count; i++)
                    if (now.Waiting[i].Partition == partition && now.Waiting[i].Offset > after) now.Waiting[i] = now.Waiting[i] with { Agent = taker };
            }
        }

        private void Handle(TurnRecord turn)
        {
            var earlier = keys.TryGetValue(turn.Input, out var key) ? redone.Find(w => w.Key == key && w.Offset < turn.Input) : null;
            checker.Require(earlier is null, $"the event at {turn.Input} was handled by agent {turn.Agent} when agent {earlier?.Agent} had still to handle the one at {earlier?.Offset} of the same key '{key}' again.");
            if (turn.Fault is null) redone.RemoveAll(w => w.Offset == turn.Input);
            var wait = now.Waiting.Find(w => w.Offset == turn.Input);
            if (wait is null)
            {
                checker.Require(!now.Handled.Contains(turn.Input) || again.Contains((turn.Agent, turn.Input)), $"the event at {turn.Input} was handled by agent {turn.Agent} when it had been handled before.");
                return;
            }
            checker.Require(wait.Agent == turn.Agent, $"the event at {turn.Input} waited for agent {wait.Agent} and was handled by agent {turn.Agent}.");
            var older = now.Waiting.Find(w => w.Key == wait.Key && w.Offset < wait.Offset);
            checker.Require(older is null, $"the event at {turn.Input} was handled when the one at {older?.Offset} of the same key '{wait.Key}' still waited for agent {older?.Agent}.");
            if (turn.Fault is null) Done(turn.Input);
        }

        private void Done(long offset)
        {
            redone.RemoveAll(w => w.Offset == offset);
            if (now.Waiting.RemoveAll(w => w.Offset == offset) > 0) now.Handled.Add(offset);
        }

        /// <summary>Partitions are dealt evenly, as few change hands as that takes, and what the mesh decides keeps to the bounds and to the cool-down.</summary>
        private void Judge(PoolRecord change)
        {
            var policy = history.Topologies.Last(t => t.From <= change.Offset).Topology.Agents.First(a => a.Name == pool.Name).Pool!;
            var held = change.Members.ToDictionary(m => m, m => change.Owners.Count(owner => owner == m));
            checker.Require(change.Owners.Length == policy.Partitions && held.Values.Max() - held.Values.Min() <= 1, $"the change at {change.Offset} deals partitions unevenly: {string.Join(", ", held)}.");
            checker.Require(held.Count <= policy.Max, $"the change at {change.Offset} makes {held.Count} members of at most {policy.Max}.");
            if (now.Last is not { } before) return;
            var had = change.Members.Select(m => before.Owners.Count(owner => owner == m)).OrderDescending().ToArray();
            var (each, more) = (policy.Partitions / had.Length, policy.Partitions % had.Length);
            var mayStay = had.Select((count, place) => Math.Min(count, each + (place < more ? 1 : 0))).Sum();
            checker.Require(change.Owners.Zip(before.Owners).Count(o => o.First == o.Second) == mayStay, $"by the change at {change.Offset} more partitions change hands than have to.");
            if (change.Cause is not (PoolCause.Lag or PoolCause.Age or PoolCause.Idle)) return;
            checker.Require(change.AtNs - before.AtNs >= policy.CoolDown.Ticks * 100, $"the change at {change.Offset} comes before the cool-down of the one at {before.Offset} is over.");
            checker.Require(held.Count - before.Members.Length == (change.Cause == PoolCause.Idle ? -1 : 1) && held.Count >= policy.Min, $"the change at {change.Offset} makes {held.Count} members of {before.Members.Length}.");
            if (change.Cause == PoolCause.Idle) checker.Require(now.Waiting.Count < policy.ShrinkLag * held.Count, $"the pool shrinks at {change.Offset} while {now.Waiting.Count} events wait.");
        }
    }
}
