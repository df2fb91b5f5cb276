using System.Globalization;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What is to be seen of a pool, and what follows from it for its size.</summary>
/// <param name="Members">Members that live and have partitions.</param>
/// <param name="Lag">Events that wait for those agents of the pool that can handle some.</param>
/// <param name="AgeNs">How long the oldest of them has waited, nanoseconds.</param>
/// <param name="Waiting">Events that wait for any of them.</param>
internal readonly record struct PoolSigns(int Members, long Lag, long AgeNs, long Waiting)
{
    /// <summary>Why a pool should have more members, or null.</summary>
    public (PoolCause Cause, string Reason)? WhyGrow(PoolPolicy policy)
    {
        if (Members < policy.Min) return (PoolCause.Bounds, $"it has {Members} members of at least {policy.Min} (pool.min)");
        if (Members >= policy.Max) return null;
        if (policy.GrowAge is { } age && AgeNs >= HealingLadder.ToNs(age))
            return (PoolCause.Age, $"the oldest event that waits has waited {Seconds(AgeNs)}; the line is at {Seconds(HealingLadder.ToNs(age))} (pool.grow-age)");
        if (policy.GrowLag is { } lag && Lag >= (long)lag * Members)
            return (PoolCause.Lag, $"{Number(Lag)} events wait for {Members} members; the line is at {Number(lag)} for each (pool.grow-lag)");
        return null;
    }

    /// <summary>Whether there is so little to do that one member fewer would do.</summary>
    public bool IsQuiet(PoolPolicy policy) => Waiting < (long)policy.ShrinkLag * Math.Max(1, Members - 1) && AgeNs < HealingLadder.ToNs(policy.ShrinkAge);

    /// <summary>Why a pool should have fewer members.</summary>
    public string WhyShrink(PoolPolicy policy, long quietNs) =>
        $"for {Seconds(quietNs)} fewer than {Number(policy.ShrinkLag)} events waited for each member that is left (pool.shrink-lag), and none for {Seconds(HealingLadder.ToNs(policy.ShrinkAge))} (pool.shrink-age)";

    private static string Seconds(long ns) => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e9:0.###} s");

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
