using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>A count of events.</summary>
internal sealed class EventCounter
{
    public long Count { get; set; }
}

/// <summary>Counts what the log contains.</summary>
internal sealed class TotalsLedger
{
    private readonly SortedDictionary<FaultKind, long> failures = [];
    private readonly Dictionary<string, EventCounter> byFirstToken = new(StringComparer.Ordinal);
    private long eventsIn, events, turns, born, healed, quarantined, activeNs, epochStartNs;

    /// <summary>The counts, with the time up to the last event.</summary>
    public ShardTotals Until(long lastTimeNs) => new()
    {
        Active = TimeSpan.FromTicks((activeNs + (lastTimeNs - epochStartNs)) / 100),
        EventsIn = eventsIn, Events = events, Turns = turns, Born = born, Healed = healed, Quarantined = quarantined,
        Failures = new SortedDictionary<FaultKind, long>(failures),
        EventsByFirstToken = byFirstToken.Where(t => t.Value.Count > 0).ToDictionary(t => t.Key, t => t.Value.Count, StringComparer.Ordinal),
    };

    /// <summary>Events published from outside, and turns.</summary>
    public (long EventsIn, long Turns) Progress => (eventsIn, turns);

    /// <summary>What counts the events of a topic, together with those of all topics that begin with the same token.</summary>
    public EventCounter CounterOf(string topic)
    {
        var dot = topic.IndexOf('.');
        var token = dot < 0 ? topic : topic[..dot];
        if (!byFirstToken.TryGetValue(token, out var counter)) byFirstToken[token] = counter = new EventCounter();
        return counter;
    }

    public void Count(MeshEvent e, EventCounter byToken)
    {
        events++;
        if (e.Origin == EventOrigin.External) eventsIn++;
        byToken.Count++;
    }

    public void Count(TurnRecord turn)
    {
        turns++;
        if (turn.Fault is { } fault) failures[fault.Kind] = failures.GetValueOrDefault(fault.Kind) + 1;
    }

    /// <summary>Closes the time of the epoch before and begins that of another.</summary>
    public void CountEpoch(long atNs, long lastTimeNs)
    {
        activeNs += lastTimeNs - epochStartNs;
        epochStartNs = Math.Max(atNs, lastTimeNs);
    }

    public void CountBirth() => born++;

    public void CountHealed() => healed++;

    public void CountQuarantined() => quarantined++;

    public void Write(ByteWriter w)
    {
        foreach (var count in new[] { eventsIn, events, turns, born, healed, quarantined, activeNs, epochStartNs }) w.Int(count);
        w.List(failures, (to, f) => { to.Byte((byte)f.Key); to.Int(f.Value); });
        w.List([.. byFirstToken.Where(t => t.Value.Count > 0).OrderBy(t => t.Key, StringComparer.Ordinal)], (to, t) => { to.Text(t.Key); to.Int(t.Value.Count); });
    }

    public void Read(ByteReader r)
    {
        (eventsIn, events, turns, born, healed, quarantined) = (r.Int(), r.Int(), r.Int(), r.Int(), r.Int(), r.Int());
        (activeNs, epochStartNs) = (r.Int(), r.Int());
        foreach (var (kind, count) in r.List(from => ((FaultKind)from.Byte(), from.Int()))) failures[kind] = count;
        foreach (var (token, count) in r.List(from => (from.Text(), from.Int()))) CounterOf(token).Count = count;
    }
}
