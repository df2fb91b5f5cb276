using System.Collections.Immutable;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <content>The topologies that were in force.</content>
public sealed partial class OfflineLog
{
    /// <inheritdoc/>
    public IEnumerable<LoggedTopology> Topologies(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        foreach (var (topology, _) in TopologiesOf(journal, cancellation))
            if (topology is not null) yield return topology;
    }

    /// <inheritdoc/>
    public LoggedTopology TopologyAt(long? position = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        LoggedTopology? found = null;
        var last = Position.None;
        foreach (var (topology, end) in TopologiesOf(journal, cancellation))
        {
            last = end;
            if (topology is not null && (position is null || topology.At.Offset <= position)) found = topology;
            if (position <= last && topology?.At.Offset > position) break;
        }
        if (position > last) throw new MeshNodeException(NodeFailure.Configuration, $"There is no record at offset {position}: the log ends at {last}.");
        return found ?? throw new MeshNodeException(NodeFailure.Configuration, position is null ? "The log is empty: serve the mesh first." : $"At offset {position} the mesh had no topology yet.");
    }

    /// <inheritdoc/>
    public ImmutableArray<StrayAgent> StraysAt(long? position = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        using var journal = JournalFile.Open(stores);
        return MeshMoments.Read(journal, stores, position, cancellation).Strays;
    }

    /// <summary>The topologies as they come, and with each block, the last of which may have none, where the log ends.</summary>
    private static IEnumerable<(LoggedTopology? Topology, long End)> TopologiesOf(JournalFile journal, CancellationToken cancellation)
    {
        var names = new LogNames();
        foreach (var block in BlockWalk.Through(journal, names, _ => false))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var record in block.Records ?? [])
                if (ChangeOf(record, block.Header) is { } change)
                    yield return (new LoggedTopology(new Position(block.Header.Shard, block.Header.Epoch, record.Offset), change, names.TopologyAt(record.Offset)), block.Header.LastOffset);
            yield return (null, block.Header.LastOffset);
        }
    }

    private static TopologyChangeInfo? ChangeOf(LogRecord record, BlockHeader header) => record switch
    {
        TopologyRecord => new TopologyChangeInfo(record.Offset, header.BaseTimeNs, TopologyAuthor.Startup, "", "the mesh is defined"),
        TopologyChangeRecord change => new TopologyChangeInfo(change.Offset, change.AtNs, change.Author, change.Reason, change.Summary),
        _ => null,
    };
}
