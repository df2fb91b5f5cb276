using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>An event that failed was handled in the end, or stands in quarantine with a dead letter.</summary>
internal sealed class DeadLetterChecker : Checker
{
    public override string Promise => "dead letters are complete";

    public override void Check(History history)
    {
        var letters = history.Events.Where(e => e.Origin == EventOrigin.DeadLetter).ToLookup(e => (e.Agent, e.Cause));
        var put = history.Records.OfType<HealingRecord>().Where(r => r.Quarantine).Select(r => (r.Agent, r.Input)).ToList();
        var shed = history.Records.OfType<RuleRecord>().SelectMany(r => r.Shed.Select(input => (r.Agent, input))).ToHashSet();
        var handled = history.Turns.Where(t => t.Fault is null).Select(t => (t.Agent, t.Input)).ToHashSet();
        var stopped = history.Records.OfType<AgentRecord>().Where(r => r.Change == AgentChange.Stopped).Select(r => r.Agent).ToHashSet();
        var started = history.Events.Where(IsStart).Select(e => (e.Agent, e.Offset)).ToHashSet();
        started.UnionWith(history.Records.OfType<LineageRecord>().Where(r => r.Begins is not null).Select(r => (r.Agent, r.Begins!.Input)));
        var reset = history.Records.OfType<AgentRecord>().Where(r => r.Change is AgentChange.Reset or AgentChange.Replaced or AgentChange.Renamed).Select(r => (r.Agent, r.Incarnation)).ToHashSet();
        var next = history.Records.OfType<AgentRecord>().GroupBy(r => r.Agent).SelectMany(a => a.Zip(a.Skip(1)).Where(p => p.First.Incarnation != p.Second.Incarnation).Select(p => ((a.Key, p.First.Incarnation), p.Second.Incarnation)))
            .ToDictionary(p => p.Item1, p => p.Item2);
        var takenBack = history.Records.OfType<LineageRecord>().Where(r => r.RollsBack).SelectMany(r => r.TakenBack.Select(input => (r.Agent, input))).ToHashSet();
        var cancelled = history.Records.OfType<TimerCancelledRecord>().Select(r => (r.Agent, r.Timer)).ToHashSet();
        takenBack.UnionWith(history.Events.Where(e => e.Origin == EventOrigin.Timer && cancelled.Contains((e.Agent, e.Correlation))).Select(e => (e.Agent, e.Offset)));
        foreach (var (record, following) in history.Records.Zip(history.Records.Skip(1)))
            if (record is AgentRecord back && following is LineageRecord { RollsBack: true }) reset.Add((back.Agent, back.Incarnation));
        foreach (var turn in history.Turns.Where(t => t.Fault is not null && !history.IsUndone(t.Offset) && !(started.Contains((t.Agent, t.Input)) && reset.Contains((t.Agent, next.GetValueOrDefault((t.Agent, t.Incarnation)))))))
            Require(handled.Contains((turn.Agent, turn.Input)) || put.Contains((turn.Agent, turn.Input)) || stopped.Contains(turn.Agent) || takenBack.Contains((turn.Agent, turn.Input)) || shed.Contains((turn.Agent, turn.Input)),
                $"the event at {turn.Input} failed for agent {turn.Agent} and is neither handled nor in quarantine.");
        foreach (var one in put) Require(letters[one].Any(), $"the event at {one.Input} was put aside without a dead letter.");
        var kept = history.Mesh.Shard.Agents.SelectMany(a => history.Mesh.Shard.Quarantine(a.Name).Select(q => (a.Number, q.Input))).Order();
        Require(kept.SequenceEqual(Expected(history)), "the quarantine is not what was put aside and not taken out.");
    }

    private static IEnumerable<(int Agent, long Input)> Expected(History history)
    {
        var (held, then) = (new SortedSet<(int Agent, long Input)>(), new Dictionary<long, (int Agent, long Input)[]>());
        foreach (var record in history.Records)
        {
            if (record is HealingRecord { Quarantine: true } put) held.Add((put.Agent, put.Input));
            if (record is EventRecord { Event: { Origin: EventOrigin.DeadLetter, Correlation: MeshEvent.Undelivered } letter }) held.Add((letter.Agent, letter.Offset));
            if (record is RuleRecord rule) held.UnionWith(rule.Shed.Select(input => (rule.Agent, input)));
            if (record is QuarantineRecord taken) held.Remove((taken.Agent, taken.Input));
            if (record is LineageRecord { RollsBack: true } again) held.ExceptWith(again.Fresh.Select(input => (again.Agent, input)));
            if (record is MeshRewindRecord back) held = [.. then[back.To]];
            if (history.Cuts.Contains(record.Offset)) then[record.Offset] = [.. held];
        }
        return held;
    }
}
