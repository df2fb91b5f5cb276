using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Healing;

/// <summary>The failures of an agent or a group that still count, and how far down the ladder they led. Follows from the log.</summary>
internal sealed class FailureLedger
{
    /// <summary>How many failures are remembered where no budget asks for more; enough for the longest back-off.</summary>
    public const int Remembered = 64;

    private static readonly Queue<long> NoTimes = [];

    private Queue<long>? times;

    /// <summary>Nothing failed.</summary>
    public static FailureLedger Empty { get; } = new();

    /// <summary>Which directive of the ladder the failures led to, from 0; in force as long as one of them counts.</summary>
    public int Rung { get; private set; }

    /// <summary>How many failures lie within the range before now.</summary>
    public int CountSince(long sinceNs)
    {
        var count = 0;
        foreach (var time in times ?? NoTimes)
            if (time > sinceNs) count++;
        return count;
    }

    /// <summary>Notes a failure; one that changes the rung begins a new count.</summary>
    /// <param name="atNs">When it was.</param>
    /// <param name="forgetBeforeNs">Failures up to then do not count any more.</param>
    /// <param name="rung">Rung of the directive that answered it.</param>
    /// <param name="budget">How many failures the policy counts to, or -1 for any number.</param>
    public void Note(long atNs, long forgetBeforeNs, int rung, int budget)
    {
        times ??= [];
        if (rung != Rung) times.Clear();
        Rung = rung;
        times.Enqueue(atNs);
        while (times.Peek() <= forgetBeforeNs || times.Count > Math.Max(Remembered, budget)) times.Dequeue();
    }

    public void Write(ByteWriter w)
    {
        w.Int(Rung);
        w.List(times ?? NoTimes, (to, time) => to.Int(time));
    }

    public static FailureLedger Read(ByteReader r)
    {
        var ledger = new FailureLedger { Rung = r.Int32() };
        foreach (var time in r.List(from => from.Int())) (ledger.times ??= []).Enqueue(time);
        return ledger;
    }
}
