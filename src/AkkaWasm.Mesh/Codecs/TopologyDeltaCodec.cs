using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of a change of a topology. Begins with the version that definitions are written in.</summary>
internal static class TopologyDeltaCodec
{
    public static void Write(ByteWriter w, TopologyDelta d)
    {
        TopologyCodec.WriteVersion(w);
        w.Bool(d.Root is not null);
        if (d.Root is not null) TopologyCodec.WritePolicy(w, d.Root);
        w.Bool(d.Groups is not null);
        if (d.Groups is { } groups) w.List(groups, TopologyCodec.WriteGroup);
        w.List(d.Removed, (to, name) => to.Text(name));
        w.List(d.Put, TopologyCodec.WriteAgent);
        w.List(d.Order, (to, place) => to.Int(place));
        w.Bool(d.Rules is not null);
        if (d.Rules is { } rules) w.List(rules, RuleCodec.WriteDefinition);
        w.List(d.Renamed, (to, r) => { to.Text(r.From); to.Text(r.To); });
    }

    public static TopologyDelta Read(ByteReader r)
    {
        var version = TopologyCodec.ReadVersion(r);
        return new TopologyDelta
        {
            Root = r.Bool() ? TopologyCodec.ReadPolicy(r, version) : null,
            Groups = r.Bool() ? r.List(from => TopologyCodec.ReadGroup(from, version)) : null,
            Removed = r.List(from => from.Text()),
            Put = r.List(from => TopologyCodec.ReadAgent(from, version)),
            Order = r.List(from => from.Int32()),
            Rules = version >= TopologyCodec.WithRules && r.Bool() ? r.List(RuleCodec.ReadDefinition) : null,
            Renamed = version >= TopologyCodec.WithRenames ? r.List(from => new AgentRename(from.Text(), from.Text())) : [],
        };
    }
}
