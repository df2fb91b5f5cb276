using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>Reads the lines of an agent's health. What the values must keep to is checked with the topology.</summary>
internal static class HealthSection
{
    public static HealthPolicy Read(HoconCursor section) => new()
    {
        MaxReasonBytes = section.At("max-reason").SmallSize(0, HealthPolicy.LongestReasonBytes),
        DegradedLag = section.Find("degraded-lag")?.Count(),
        OverloadedLag = section.Find("overloaded-lag")?.Count(),
        DegradedAge = section.Find("degraded-age")?.AsDuration(),
        OverloadedAge = section.Find("overloaded-age")?.AsDuration(),
        DegradedFailures = section.Find("degraded-failures")?.AsDouble(),
        MinFailures = section.At("min-failures").Count(),
        FailureWindow = section.At("failure-window").AsDuration(),
        DegradedQuarantine = section.Find("degraded-quarantine")?.Count(),
        DegradedTurnTime = section.Find("degraded-turn-time")?.AsDouble(),
        DegradedMemory = section.Find("degraded-memory")?.AsDouble(),
        RecoverAt = section.At("recover-at").AsDouble(),
        PublishAtMostEvery = section.At("publish-at-most-every").Duration(TimeSpan.Zero),
    };
}
