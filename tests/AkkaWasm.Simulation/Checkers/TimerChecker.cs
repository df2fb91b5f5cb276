using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Goes through the log with the simplest model of timers: a list. Each fires at most once, not before it is due, in (due time, order of scheduling),
/// not after it was taken back, answered or its life ended; in the end none is overdue.
/// </summary>
internal sealed class TimerChecker : Checker
{
    public override string Promise => "timers fire once and in order";

    public override void Check(History history)
    {
        var pending = new Dictionary<long, TimerRecord>();
        var done = new HashSet<long>();
        var then = new Dictionary<long, Dictionary<long, TimerRecord>>();
        long now = 0;
        foreach (var record in history.Records)
        {
            switch (record)
            {
                case MeshRewindRecord back:
                    pending = new(then[back.To]);
                    break;
                case TimerRecord timer:
                    pending[timer.Timer] = timer;
                    break;
                case TimerCancelledRecord cancelled when pending.TryGetValue(cancelled.Timer, out var timer) && timer.Agent == cancelled.Agent && !timer.IsTimeout:
                    pending.Remove(cancelled.Timer);
                    break;
                case AgentRecord { Change: AgentChange.Reset or AgentChange.Stopped } change:
                    foreach (var timer in pending.Values.Where(t => t.Agent == change.Agent).ToList()) pending.Remove(timer.Timer);
                    break;
                case LineageRecord lineage:
                    foreach (var timer in pending.Values.Where(t => t.Agent == lineage.Agent && t.Offset >= lineage.ForgetFrom).ToList()) pending.Remove(timer.Timer);
                    break;
                case EventRecord { Event: { Origin: EventOrigin.Reply } reply }:
                    pending.Remove(reply.Correlation);
                    break;
                case EventRecord { Event: { Origin: EventOrigin.Timer } fired }:
                    Fire(pending, done, fired);
                    break;
            }
            if (record is EventRecord { Event: var e }) now = e.AppendedAtNs;
            if (history.Cuts.Contains(record.Offset)) then[record.Offset] = new(pending);
        }
        var overdue = pending.Values.Where(t => t.DueNs <= now).ToList();
        Require(overdue.Count == 0 || history.Mesh.Shard.NextAlarmNs <= now, $"{overdue.Count} timers are overdue and nobody waits for them.");
    }

    private void Fire(Dictionary<long, TimerRecord> pending, HashSet<long> done, MeshEvent fired)
    {
        Require(!done.Contains(fired.Correlation) || pending.ContainsKey(fired.Correlation), $"the timer {fired.Correlation} fired twice, the second time at {fired.Offset}.");
        Require(pending.Remove(fired.Correlation, out var timer), $"the timer {fired.Correlation} fired at {fired.Offset} and was not pending.");
        done.Add(fired.Correlation);
        Require(fired.AppendedAtNs >= timer!.DueNs, $"the timer {fired.Correlation} fired {timer.DueNs - fired.AppendedAtNs} ns before it was due.");
        var before = pending.Values.FirstOrDefault(t => (t.DueNs, t.Offset).CompareTo((timer.DueNs, timer.Offset)) < 0);
        Require(before is null, $"the timer {fired.Correlation} fired at {fired.Offset} before the timer {before?.Timer}, which was due before it.");
    }
}
