using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>Reads what makes a definition a pool. What the values must keep to is checked with the topology.</summary>
internal static class PoolSection
{
    /// <returns>The pool, or null where no size is given.</returns>
    public static PoolPolicy? Read(HoconCursor section)
    {
        var size = section.Find("size")?.Count();
        var pool = new PoolPolicy
        {
            Key = AgentSection.ReadKey(section.At("key")),
            Partitions = section.At("partitions").Count(),
            Size = size ?? 0,
            Min = section.At("min").Count(),
            Max = section.At("max").Count(),
            GrowLag = section.Find("grow-lag")?.Count(),
            GrowAge = section.Find("grow-age")?.AsDuration(),
            ShrinkLag = section.At("shrink-lag").Count(),
            ShrinkAge = section.At("shrink-age").AsDuration(),
            ShrinkAfter = section.Find("shrink-after")?.AsDuration(),
            CoolDown = section.At("cool-down").Duration(TimeSpan.Zero),
        };
        return size is null ? null : pool;
    }
}
