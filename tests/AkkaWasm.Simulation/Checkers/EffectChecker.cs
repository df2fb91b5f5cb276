using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>What a successful turn emitted and scheduled is in the log exactly once in its life, or a dead letter says why not; a failed turn left nothing.</summary>
internal sealed class EffectChecker : Checker
{
    public override string Promise => "effects happen exactly once per incarnation";

    public override void Check(History history)
    {
        var emitted = history.Events.Where(e => e.Origin is EventOrigin.Emitted or EventOrigin.Direct or EventOrigin.Request or EventOrigin.Reply).ToLookup(e => (e.Agent, e.Incarnation, e.Cause));
        var letters = history.Events.Where(e => e.Origin == EventOrigin.DeadLetter).ToLookup(e => (e.Agent, e.Incarnation, e.Cause));
        var timers = SetByTurns(history).ToLookup(t => t.Timer);
        var succeeded = history.Turns.Where(t => t.Fault is null).Select(t => (t.Agent, t.Incarnation, t.Input)).ToHashSet();
        foreach (var turn in emitted) Require(succeeded.Contains(turn.Key), $"agent {turn.Key.Agent} emitted the event at {turn.First().Offset} in a turn at {turn.Key.Cause} that did not succeed.");
        var suppressed = Suppressed(history);
        foreach (var life in Replays.Of(history))
            foreach (var (recorded, again) in life.Turns)
            {
                var key = (recorded.Agent, recorded.Incarnation, recorded.Input);
                if (suppressed.Contains(key)) continue;
                foreach (var output in again?.Outputs ?? []) Count(output, life.Birth.Name, recorded, emitted[key], letters[key], timers);
            }
    }

    /// <summary>Turns on events that are handled again so that nothing leaves the agent; also when a life without that of before comes to them.</summary>
    public static HashSet<(int Agent, int Incarnation, long Input)> Suppressed(History history)
    {
        var (through, fresh, turns) = (new Dictionary<int, long>(), new HashSet<(int, long)>(), new HashSet<(int, int, long)>());
        var starts = new Dictionary<int, long>();
        foreach (var record in history.Records)
        {
            if (record is LineageRecord lineage)
            {
                fresh.ExceptWith(lineage.Again.Select(offset => (lineage.Agent, offset)));
                fresh.UnionWith((lineage.Suppressed ? lineage.Fresh : lineage.Again).Select(offset => (lineage.Agent, offset)));
                if (lineage is { Suppressed: true, Again: [.., var last] }) through[lineage.Agent] = Math.Max(last, through.GetValueOrDefault(lineage.Agent, -1));
                if (lineage is { Suppressed: true, BeginsAnew: true }) Begin((AgentRecord)history.Records[(int)lineage.Offset - 1], lineage.Offset + 1);
            }
            else if (record is AgentRecord { Change: not AgentChange.Renamed } agent && starts.Remove(agent.Agent) && agent.Change == AgentChange.Reset) Begin(agent, agent.Offset + 1);
            else if (record is MeshRewindRecord)
            {
                through.Clear();
                fresh.Clear();
                starts.Clear();
            }
            else if (record is TurnRecord turn)
            {
                if (turn.Fault is null && starts.GetValueOrDefault(turn.Agent, -1) == turn.Input) starts.Remove(turn.Agent);
                if (turn.Input <= through.GetValueOrDefault(turn.Agent, -1) && !fresh.Contains((turn.Agent, turn.Input))) turns.Add((turn.Agent, turn.Incarnation, turn.Input));
            }
        }
        return turns;

        void Begin(AgentRecord agent, long start)
        {
            starts[agent.Agent] = start;
            turns.Add((agent.Agent, agent.Incarnation, start));
        }
    }

    /// <summary>Without those that an agent which goes back with its definition has again: they stand behind what is told of that, and before anything else of an agent or its definition.</summary>
    private static IEnumerable<TimerRecord> SetByTurns(History history)
    {
        var back = -1;
        foreach (var record in history.Records)
        {
            if (record is LineageRecord { RollsBack: true } lineage) back = lineage.Agent;
            else if (record is AgentRecord or CanaryRecord or TurnRecord) back = -1;
            else if (record is TimerRecord timer && timer.Agent != back) yield return timer;
        }
    }

    private void Count(TurnOutput output, string agent, TurnRecord turn, IEnumerable<MeshEvent> emitted, IEnumerable<MeshEvent> letters, ILookup<long, TimerRecord> timers)
    {
        if (output is TimerSet set)
        {
            var times = timers[set.Timer].Count();
            Require(times == 1, $"the timer {set.Timer} that '{agent}' set at {turn.Input} stands in the log {times} times.");
        }
        if (output is not EventEmitted { Event: var e }) return;
        var found = emitted.Count(other => other.Index == e.Index);
        Require(found == 1 || (found == 0 && letters.Any()), $"the event number {e.Index} that '{agent}' emitted at {turn.Input} is in the log {found} times.");
    }
}
