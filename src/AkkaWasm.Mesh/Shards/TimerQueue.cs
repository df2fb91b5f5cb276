namespace AkkaWasm.Mesh.Shards;

/// <summary>Timers that were set and did not fire, in (due time, order of scheduling).</summary>
internal sealed class TimerQueue
{
    private readonly Dictionary<long, TimerRecord> byHandle = [];
    private readonly Dictionary<int, HashSet<long>> byAgent = [];
    private readonly SortedSet<(long DueNs, long Order, long Timer)> byTime = [];

    public long? NextDueNs => byTime.Count == 0 ? null : byTime.Min.DueNs;

    public IEnumerable<TimerRecord> All => byTime.Select(t => byHandle[t.Timer]);

    public void Add(TimerRecord timer)
    {
        Remove(timer.Timer);
        byHandle[timer.Timer] = timer;
        byTime.Add((timer.DueNs, timer.Offset, timer.Timer));
        if (!byAgent.TryGetValue(timer.Agent, out var own)) byAgent[timer.Agent] = own = [];
        own.Add(timer.Timer);
    }

    public TimerRecord? Find(long handle) => byHandle.GetValueOrDefault(handle);

    public TimerRecord? Remove(long handle)
    {
        if (!byHandle.Remove(handle, out var timer)) return null;
        byTime.Remove((timer.DueNs, timer.Offset, handle));
        var own = byAgent[timer.Agent];
        own.Remove(handle);
        if (own.Count == 0) byAgent.Remove(timer.Agent);
        return timer;
    }

    /// <summary>Lets timers of an agent fire on another topic: those that would on a given one.</summary>
    public void Readdress(int agent, string from, string to)
    {
        if (!byAgent.TryGetValue(agent, out var own)) return;
        foreach (var handle in own)
            if (byHandle[handle] is var timer && timer.Topic == from) byHandle[handle] = timer with { Topic = to };
    }

    /// <summary>Takes away all that an agent set at an offset or after it.</summary>
    public IReadOnlyList<TimerRecord> RemoveOf(int agent, long from) =>
        byAgent.TryGetValue(agent, out var own) ? [.. own.Where(handle => byHandle[handle].Offset >= from).ToArray().Select(handle => Remove(handle)!)] : [];

    /// <summary>The lowest offset of an event in whose turn an agent set a timer that is pending, <see cref="long.MaxValue"/> for none.</summary>
    public long LowestCauseOf(int agent)
    {
        if (!byAgent.TryGetValue(agent, out var own)) return long.MaxValue;
        var lowest = long.MaxValue;
        foreach (var handle in own)
            if (byHandle[handle].Cause is >= 0 and var cause) lowest = Math.Min(lowest, cause);
        return lowest;
    }

    public TimerRecord? PeekDue(long nowNs) => byTime.Count > 0 && byTime.Min.DueNs <= nowNs ? byHandle[byTime.Min.Timer] : null;
}
