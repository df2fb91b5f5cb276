using System.Collections.Immutable;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Modules;

/// <summary>What the topologies of the retained log use: the one that the log begins with and all that came into force since.</summary>
internal sealed class LogModules
{
    /// <summary>How often a log is read again whose node removes its beginning meanwhile.</summary>
    private const int Attempts = 5;

    private readonly Dictionary<string, List<ModuleUse>> uses = new(StringComparer.Ordinal);

    /// <summary>The topology that was read last; null if there is none.</summary>
    public MeshTopology? Last { get; private set; }

    /// <summary>The hashes of modules and folders that a topology uses, or that its rules may make it use, each with its agents.</summary>
    public static IEnumerable<IGrouping<string, string>> HashesOf(MeshTopology topology) => topology.Versions
        .SelectMany(agent => agent.Wasi.Preopens.Select(preopen => preopen.ContentHash).Prepend(agent.ModuleHash).Distinct().Select(hash => (Hash: hash, agent.Name)))
        .Distinct()
        .GroupBy(use => use.Hash, use => use.Name, StringComparer.Ordinal);

    /// <summary>All hashes that are used.</summary>
    public IEnumerable<string> Hashes => uses.Keys;

    /// <summary>The topologies that use content, in the order of the log.</summary>
    public ImmutableArray<ModuleUse> Of(string hash) => [.. uses.GetValueOrDefault(hash, [])];

    /// <summary>Reads the log; a node may run on it.</summary>
    /// <param name="stores">Where it is; null where there is none yet.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MeshNodeException">It cannot be read.</exception>
    /// <exception cref="LogCorruptException">It is damaged.</exception>
    public static LogModules Read(LogStores? stores, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var found = new LogModules();
                if (stores is not null) found.Walk(stores, cancellation);
                return found;
            }
            catch (MeshNodeException e) when (e.Failure == NodeFailure.Storage && attempt < Attempts)
            {
                // its beginning was removed while it was read
            }
        }
    }

    private void Walk(LogStores stores, CancellationToken cancellation)
    {
        using var journal = JournalFile.Open(stores);
        if (journal.Base is { Cut: { Topology: { } first } cut })
        {
            var at = new Position(0, cut.Epoch, cut.NextOffset);
            Take(first, at);
            foreach (var (definition, agent) in cut.FormerDefinitions) TakeFormer(definition, agent, at);
        }
        var names = new LogNames();
        foreach (var block in BlockWalk.Through(journal, names, _ => false))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var record in block.Records ?? [])
                if (record is AgentVersionRecord { RunsAs: { } older } version) TakeFormer(older, names.NameOf(version.Agent), new Position(block.Header.Shard, block.Header.Epoch, record.Offset));
                else if (record is TopologyRecord or TopologyChangeRecord) Take(names.TopologyAt(record.Offset), new Position(block.Header.Shard, block.Header.Epoch, record.Offset));
        }
    }

    private void Take(MeshTopology topology, Position at)
    {
        Last = topology;
        foreach (var use in HashesOf(topology)) Add(use.Key, at, [.. use]);
    }

    /// <summary>A state that was made under a definition from before the beginning of the log is repeated with the module of that one.</summary>
    private void TakeFormer(AgentDefinition definition, string agent, Position at)
    {
        foreach (var hash in definition.Wasi.Preopens.Select(preopen => preopen.ContentHash).Prepend(definition.ModuleHash).Distinct()) Add(hash, at, [agent]);
    }

    private void Add(string hash, Position at, ImmutableArray<string> agents)
    {
        if (!uses.TryGetValue(hash, out var all)) uses[hash] = all = [];
        all.Add(new ModuleUse(at.ToString(), agents));
    }
}
