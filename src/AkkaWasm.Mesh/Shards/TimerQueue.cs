namespace AkkaWasm.Mesh.Shards;

/// <summary>Timers that were set and did not fire, in (due time, order of scheduling).</summary>
internal sealed class TimerQueue
{
    private readonly Dictionary<long, TimerRecord> byHandle = [];
    private readonly SortedSet<(long DueNs, long Order, long Timer)> byTime = [];

    public int Count => byHandle.Count;

    public long? NextDueNs => byTime.Count == 0 ? null : byTime.Min.DueNs;

    public IEnumerable<TimerRecord> All => byTime.Select(t => byHandle[t.Timer]);

    public void Add(TimerRecord timer)
    {
        Remove(timer.Timer);
        byHandle[timer.Timer] = timer;
        byTime.Add((timer.DueNs, timer.Offset, timer.Timer));
    }

    public TimerRecord? Remove(long handle)
    {
        if (!byHandle.Remove(handle, out var timer)) return null;
        byTime.Remove((timer.DueNs, timer.Offset, handle));
        return timer;
    }

    public TimerRecord? PeekDue(long nowNs) => byTime.Count > 0 && byTime.Min.DueNs <= nowNs ? byHandle[byTime.Min.Timer] : null;
}
