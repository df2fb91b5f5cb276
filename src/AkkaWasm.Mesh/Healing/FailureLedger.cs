using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Healing;

/// <summary>The failures of an agent or a group that still count, and how far down the ladder they led. Follows from the log.</summary>
internal sealed class FailureLedger
{
    private readonly Queue<long> times = [];

    /// <summary>Which directive of the ladder is in force, from 0.</summary>
    public int Rung { get; private set; }

    /// <summary>How many failures lie within the range before now.</summary>
    public int CountSince(long sinceNs) => times.Count(t => t > sinceNs);

    /// <summary>Notes a failure; one that led a rung further down begins a new count.</summary>
    public void Note(long atNs, long forgetBeforeNs, int rung)
    {
        if (rung != Rung) times.Clear();
        Rung = rung;
        while (times.TryPeek(out var oldest) && oldest <= forgetBeforeNs) times.Dequeue();
        times.Enqueue(atNs);
    }

    public void Write(ByteWriter w)
    {
        w.Int(Rung);
        w.List(times, (to, time) => to.Int(time));
    }

    public static FailureLedger Read(ByteReader r)
    {
        var ledger = new FailureLedger { Rung = r.Int32() };
        foreach (var time in r.List(from => from.Int())) ledger.times.Enqueue(time);
        return ledger;
    }
}
