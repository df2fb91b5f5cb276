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
        Rewind = ReadRewind(section.At("rewind")),
    };

    private static RewindTarget ReadRewind(HoconCursor section) => new()
    {
        Turns = section.At("turns").AsInt(),
        Snapshots = section.At("snapshots").AsInt(),
        PreviousVersion = section.At("previous-version").AsBoolean(),
        Inputs = section.At("inputs").AsEnum<RewindInputs>(),
    };

    /// <summary>The circuit of a family; null where no share of failures opens it.</summary>
    public static CircuitPolicy? ReadCircuit(HoconCursor section)
    {
        var share = section.Find("failures-share")?.AsDouble();
        var circuit = new CircuitPolicy
        {
            MinAgents = section.At("min-agents").AsInt(), Window = section.At("window").AsDuration(), OpenFor = section.At("open-for").AsDuration(),
            HalfOpenProbes = section.At("half-open-probes").AsInt(),
        };
        return share is { } value ? circuit with { FailuresShare = value } : null;
    }

    public static ImmutableArray<GroupDefinition> ReadGroups(HoconCursor groups) =>
        [.. groups.Entries().Select(group => new GroupDefinition(group.Key, group.Value.Find("parent")?.AsString(), Read(group.Value))
        {
            RenamedFrom = group.Value.Find("renamed-from")?.AsString(),
        })];
}
