using System.Collections.Immutable;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>Reads how failures are handled, from <c>mesh.supervision</c> or from a group. What the values must keep to is checked with the topology.</summary>
internal static class SupervisionSection
{
    public static SupervisionPolicy Read(HoconCursor section) => new()
    {
        Strategy = section.At("strategy").AsEnum<SupervisionStrategy>(),
        Directive = section.At("directive").AsEnum<HealingDirective>(),
        OnFailure = [.. section.At("on-failure").AsListOf(item => item.AsEnum<HealingDirective>())],
        MaxNrOfRetries = section.At("max-nr-of-retries").AsInt(),
        WithinTimeRange = section.At("within-time-range").AsDuration(),
        MinBackoff = section.At("min-backoff").AsDuration(),
        MaxBackoff = section.At("max-backoff").AsDuration(),
        RandomFactor = section.At("random-factor").AsDouble(),
        EventRetries = section.At("event-retries").AsInt(),
        HostFaultRetries = section.At("host-fault-retries").AsInt(),
    };

    public static ImmutableArray<GroupDefinition> ReadGroups(HoconCursor groups) =>
        [.. groups.Entries().Select(group => new GroupDefinition(group.Key, group.Value.Find("parent")?.AsString(), Read(group.Value)))];
}
