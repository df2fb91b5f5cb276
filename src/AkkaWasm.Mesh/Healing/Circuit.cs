using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Healing;

/// <summary>The circuit of one family: who failed of late, and whether it is open. Follows from the log.</summary>
internal sealed class Circuit
{
    /// <summary>Below so many agents what is out of the window is not worth being looked for.</summary>
    private const int LeastPruned = 256;

    private readonly Dictionary<int, (long AtNs, bool Failed)> last = [];
    private int pruneAt = LeastPruned;
    private long countedFromNs = long.MinValue;

    public CircuitState State { get; private set; }

    /// <summary>Until when it is open, nanoseconds since the Unix epoch.</summary>
    public long UntilNs { get; private set; }

    /// <summary>Turns that succeeded since it is half open.</summary>
    public int Successes { get; private set; }

    public void Note(int agent, long atNs, bool failed, CircuitPolicy policy)
    {
        last[agent] = (atNs, failed);
        countedFromNs = atNs - HealingLadder.ToNs(policy.Window);
        if (!failed && State == CircuitState.HalfOpen) Successes++;
        if (last.Count >= pruneAt) Prune();
    }

    public void Apply(CircuitRecord record)
    {
        (State, UntilNs, Successes) = (record.State, record.UntilNs, 0);
        if (State == CircuitState.Closed) last.Clear();
    }

    /// <summary>Where a turn has led to, if anywhere; asked after it was noted.</summary>
    public CircuitState Next(bool failed, long nowNs, CircuitPolicy policy)
    {
        if (State == CircuitState.HalfOpen) return failed ? CircuitState.Open : Successes >= policy.HalfOpenProbes ? CircuitState.Closed : CircuitState.HalfOpen;
        if (State == CircuitState.Open || !failed) return State;
        var from = nowNs - HealingLadder.ToNs(policy.Window);
        var (turns, failures) = (0, 0);
        foreach (var turn in last.Values)
        {
            if (turn.AtNs < from) continue;
            turns++;
            if (turn.Failed) failures++;
        }
        return turns >= policy.MinAgents && failures >= policy.FailuresShare * turns ? CircuitState.Open : CircuitState.Closed;
    }

    private void Prune()
    {
        foreach (var (agent, turn) in last)
            if (turn.AtNs < countedFromNs) last.Remove(agent);
        pruneAt = Math.Max(LeastPruned, 2 * last.Count);
    }

    /// <summary>Turns out of the window are left out, so that the same log leads to the same bytes whenever they were looked for.</summary>
    public void Write(ByteWriter w)
    {
        w.Byte((byte)State);
        w.Int(UntilNs);
        w.Int(Successes);
        w.List([.. last.Where(t => t.Value.AtNs >= countedFromNs).OrderBy(t => t.Key)], (to, t) => { to.Int(t.Key); to.Int(t.Value.AtNs); to.Bool(t.Value.Failed); });
    }

    public static Circuit Read(ByteReader r)
    {
        var circuit = new Circuit { State = (CircuitState)r.Byte(), UntilNs = r.Int(), Successes = r.Int32() };
        foreach (var (agent, at, failed) in r.List(from => (from.Int32(), from.Int(), from.Bool()))) circuit.last[agent] = (at, failed);
        return circuit;
    }
}
