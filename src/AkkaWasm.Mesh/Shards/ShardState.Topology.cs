using System.IO.Hashing;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>What the mesh consists of.</content>
internal sealed partial class ShardState
{
    /// <summary>
    /// Of how many definitions that an agent had before it is remembered which of its lives it had them in. Fixed: it is part of every agent's state, of which there may be
    /// millions, and who goes back to a life before those is told that its definition is not known.
    /// </summary>
    public const int RememberedDefinitions = 100;

    /// <summary>What stands for a definition that the topology does not have any more, for agents that were stopped.</summary>
    private static readonly AgentDefinition Gone = new() { Name = "", ModuleHash = "" };

    private readonly Dictionary<AgentDefinition, ulong> seen = new(ReferenceEqualityComparer.Instance);

    public MeshTopology? Topology { get; private set; }

    /// <summary>Whether there are definitions whose agents end when they have nothing to do.</summary>
    public bool SomeRetireIdle { get; private set; }

    /// <summary>Where the record is that the topology came into force with.</summary>
    public long TopologyOffset { get; set; } = Events.Position.None;

    /// <summary>The topology that the mesh was started with last; changes while it runs leave it.</summary>
    public MeshTopology? Configured { get; set; }

    /// <summary>The last changes, the newest last.</summary>
    public List<TopologyChangeInfo> TopologyChanges { get; } = [];

    private void ApplyTopology(TopologyRecord r)
    {
        Use(r.Topology, null);
        Configured = r.Topology;
        Remember(new TopologyChangeInfo(r.Offset, LastTimeNs, TopologyAuthor.Startup, "", "the mesh is defined"));
    }

    private void ApplyTopologyChange(TopologyChangeRecord r)
    {
        var before = Topology ?? throw new LogCorruptException($"The record at {r.Offset} changes a topology where there is none.", r.Offset);
        var after = r.Delta.On(before);
        var moves = !r.Delta.Order.IsEmpty || !r.Delta.Removed.IsEmpty || !r.Delta.Renamed.IsEmpty;
        EndCanaries(r);
        RenameGroups(before, after);
        RenameAgents(r.Delta.Renamed);
        before = AgentRenames.On(before, r.Delta.Renamed);
        ForgetVerbs(after, r.Delta);
        NoteDefinedBy(r, before);
        Use(after, moves || r.Delta.Groups is not null ? null : [.. r.Delta.Put.Select(d => d.Name)]);
        if (r.Delta.Rules is not null) ForgetRules(before);
        FollowPasts(r, before);
        if (r.Author == TopologyAuthor.Startup) Configured = after.Intended();
        Remember(new TopologyChangeInfo(r.Offset, r.AtNs, r.Author, r.Reason, r.Summary));
    }

    private void Remember(TopologyChangeInfo info)
    {
        TopologyOffset = info.Offset;
        TopologyChanges.Add(info);
        if (TopologyChanges.Count > options.RememberedChanges) TopologyChanges.RemoveRange(0, TopologyChanges.Count - options.RememberedChanges);
    }

    /// <summary>Takes a topology as the one in force.</summary>
    /// <param name="topology">The topology.</param>
    /// <param name="changed">Names of the definitions whose agents have to be looked at; null for all.</param>
    private void Use(MeshTopology topology, HashSet<string>? changed)
    {
        Topology = topology;
        definitions.Clear();
        places.Clear();
        router.Clear();
        seen.Clear();
        inGroups.Clear();
        ForgetRoutes();
        for (var i = 0; i < topology.Agents.Length; i++)
        {
            var definition = topology.Agents[i];
            definitions[definition.Name] = definition;
            places[definition.Name] = i;
            if (IsDraining(definition.Name)) continue;
            foreach (var pattern in definition.Subscriptions) router.Add(TopicPattern.Parse(pattern), i);
        }
        ForgetPools();
        foreach (var entry in changed is null ? (IEnumerable<AgentEntry>)Agents : Agents.Of(changed).Union(Children).OrderBy(entry => entry.Number)) Bind(entry);
        CountOffspring();
        IndexRules();
        SomeRetireIdle = topology.Versions.Any(a => a.Apoptosis.IdleAfter is not null);
    }

    private void Bind(AgentEntry entry)
    {
        if (!definitions.TryGetValue(entry.DefinitionName, out var definition))
        {
            entry.Definition ??= Gone;
            return;
        }
        var (version, group) = (definition.Of(entry.Name), GroupOf(entry, definition));
        entry.Definition = entry.RunsAs is { } older ? version.SeenAs(older) with { Group = group } : group == version.Group ? version : InGroup(version, group);
        entry.DefinitionIndex = places[definition.Name];
        NotePausedByGroup(entry);
    }

    /// <summary>A life begins: its guest may see another definition than that of the life before, and then no state of that one can be its own.</summary>
    private void NoteSeen(AgentEntry entry)
    {
        var digest = DigestOf(entry.Definition);
        if (entry.SeenSince.Digest == digest) return;
        if (entry.SeenSince.Digest != 0) entry.SeenBefore = [.. entry.SeenBefore.TakeLast(RememberedDefinitions - 1), entry.SeenSince];
        entry.SeenSince = (entry.Incarnation, digest);
    }

    /// <summary>A digest of what a guest can see of its definition.</summary>
    public ulong DigestOf(AgentDefinition definition)
    {
        if (seen.TryGetValue(definition, out var known)) return known;
        var w = new ByteWriter(512);
        TopologyCodec.WriteSeen(w, definition);
        return seen[definition] = XxHash64.HashToUInt64(w.Written);
    }
}
