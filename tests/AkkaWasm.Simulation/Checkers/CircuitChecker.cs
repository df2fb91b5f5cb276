using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Goes through the log with the simplest model of a circuit: the last turn of each agent of the family. It opens when, and only when, enough of them
/// failed; then nothing that came since is handled until its time is over; it closes when as many turns succeeded as are asked for.
/// </summary>
internal sealed class CircuitChecker : Checker
{
    public override string Promise => "circuits open and close as their policy says";

    public override void Check(History history)
    {
        foreach (var family in history.Topology.Agents.Where(a => a.Circuit is not null)) new Walk(this, family, family.Circuit!).Go(history.Records);
    }

    private sealed class Walk(CircuitChecker checker, AgentDefinition family, CircuitPolicy policy)
    {
        private string name = family.Name;
        private readonly HashSet<int> members = [];
        private readonly HashSet<long> moves = [];
        private readonly Dictionary<int, (long AtNs, bool Failed)> last = [];
        private CircuitState state;
        private CircuitState? due;
        private bool failedNow;
        private long nowNs;
        private long openFrom;
        private long untilNs;
        private int successes;

        public void Go(IEnumerable<LogRecord> records)
        {
            foreach (var record in records) Take(record);
            Settle();
        }

        private void Take(LogRecord record)
        {
            switch (record)
            {
                case TopologyChangeRecord { Delta.Renamed: { IsEmpty: false } renames }: name = renames.FirstOrDefault(r => r.From == name) is { To: { } to } ? to : name; break;
                case AgentRecord { Change: AgentChange.Born or AgentChange.Forked } born when born.Definition == name: members.Add(born.Agent); break;
                case EpochRecord epoch:
                    Settle();
                    nowNs = Math.Max(nowNs, epoch.AtNs);
                    break;
                case EventRecord { Event: var e }:
                    nowNs = Math.Max(nowNs, e.AppendedAtNs);
                    if (failedNow) Judge();
                    break;
                case TurnRecord turn:
                    Settle();
                    if (members.Contains(turn.Agent)) Note(turn);
                    break;
                case LineageRecord { Begins: { } move }: moves.Add(move.Input); break; // a state is moved whatever becomes of the events
                case CircuitRecord change when change.Definition == name: Switch(change); break;
            }
        }

        private void Note(TurnRecord turn)
        {
            checker.Require(state != CircuitState.Open || turn.Input < openFrom || moves.Contains(turn.Input), $"the event at {turn.Input} was handled by agent {turn.Agent} of '{name}', whose circuit was open since {openFrom}.");
            var failed = turn.Fault is not null;
            last[turn.Agent] = (nowNs, failed);
            failedNow = failed;
            if (state == CircuitState.HalfOpen && !failed && ++successes >= policy.HalfOpenProbes) due = CircuitState.Closed;
        }

        /// <summary>The first event after a failed turn says when it failed.</summary>
        private void Judge()
        {
            failedNow = false;
            if (state == CircuitState.HalfOpen) due = CircuitState.Open;
            if (state != CircuitState.Closed) return;
            var counted = last.Values.Where(t => t.AtNs >= nowNs - (policy.Window.Ticks * 100)).ToList();
            if (counted.Count >= policy.MinAgents && counted.Count(t => t.Failed) >= policy.FailuresShare * counted.Count) due = CircuitState.Open;
        }

        private void Switch(CircuitRecord change)
        {
            if (change.State == CircuitState.HalfOpen) checker.Require(state == CircuitState.Open, $"the circuit of '{name}' was tried at {change.Offset} and was {state}.");
            else checker.Require(due == change.State, $"the circuit of '{name}' became {change.State} at {change.Offset} without reason.");
            (due, state, successes) = (null, change.State, 0);
            if (state == CircuitState.Open) (openFrom, untilNs) = (change.Offset, change.UntilNs);
            if (state == CircuitState.Closed) last.Clear();
            checker.Require(state != CircuitState.Open || untilNs == nowNs + (policy.OpenFor.Ticks * 100), $"the circuit of '{name}' opened at {change.Offset} for another time than its policy says.");
        }

        private void Settle()
        {
            checker.Require(due is null, $"the circuit of '{name}' was to become {due} and did not.");
            failedNow = false;
        }
    }
}
