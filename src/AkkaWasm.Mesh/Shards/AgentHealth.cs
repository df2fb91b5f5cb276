using System.Numerics;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What the log says of the health of an agent; made for those of whom there is something to say.</summary>
internal sealed class AgentHealth
{
    /// <summary>How many turns back it is known which failed.</summary>
    public const int TurnsKept = 64;

    /// <summary>A bit for each of the last turns, the last one lowest: whether it failed.</summary>
    public ulong RecentFailures { get; set; }

    /// <summary>When the last one failed, nanoseconds since the Unix epoch.</summary>
    public long LastFailureNs { get; set; }

    /// <summary>What the guest said last in its present life.</summary>
    public HealthStatement? Reported { get; set; }

    /// <summary>What the mesh said last.</summary>
    public HealthStatement? Observed { get; set; }

    public bool IsEmpty => RecentFailures == 0 && Reported is null && Observed is null;

    /// <summary>The worse of the two.</summary>
    public AgentHealthLevel Level => (AgentHealthLevel)Math.Max((byte)(Reported?.Level ?? default), (byte)(Observed?.Level ?? default));

    public void Fail(long atNs)
    {
        RecentFailures = (RecentFailures << 1) | 1;
        LastFailureNs = Math.Max(LastFailureNs, atNs);
    }

    public void Succeed() => RecentFailures <<= 1;

    /// <summary>How many of the last turns failed, as long as that counts.</summary>
    public int FailuresCounted(HealthPolicy policy, long nowNs) =>
        RecentFailures == 0 || nowNs - LastFailureNs >= HealingLadder.ToNs(policy.FailureWindow) ? 0 : BitOperations.PopCount(RecentFailures);

    public void Note(HealthRecord r)
    {
        var statement = new HealthStatement(r.Signal, r.Level, r.Reason, r.Offset, r.AtNs);
        if (r.Signal == HealthSignal.Guest) Reported = statement;
        else Observed = statement;
    }
}

/// <summary>What the turns of an agent that is awake take; of the running process only.</summary>
internal sealed class MeasuredUse
{
    /// <summary>Of so many turns the average is made up, roughly: a newer one counts more.</summary>
    private const double Span = 32;

    public double TurnNs { get; private set; }

    public long MemoryBytes { get; private set; }

    public long GcHeapBytes { get; private set; }

    private double counted;

    public void Note(AgentUse use)
    {
        counted = Math.Min(Span, counted + use.Turns);
        TurnNs += (use.TurnNs - TurnNs) * Math.Min(1, use.Turns / counted);
        (MemoryBytes, GcHeapBytes) = (use.MemoryBytes, use.GcHeapBytes);
    }
}
