using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <summary>A topology that was in force.</summary>
/// <param name="At">Where it came into force.</param>
/// <param name="Change">What made it of the one before.</param>
/// <param name="Topology">The topology.</param>
public sealed record LoggedTopology(Position At, TopologyChangeInfo Change, MeshTopology Topology);

/// <summary>What a log says of the topologies that were in force.</summary>
public interface ITopologyHistory
{
    /// <summary>All topologies that were in force, in their order. Of blocks without any no more than the headers are read.</summary>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    IEnumerable<LoggedTopology> Topologies(CancellationToken cancellation = default);

    /// <summary>The topology that was in force at a position.</summary>
    /// <param name="position">Offset of a record, or null for the end of the log.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    /// <exception cref="MeshNodeException">The log ends before the position, or nothing was in force there.</exception>
    LoggedTopology TopologyAt(long? position = null, CancellationToken cancellation = default);

    /// <summary>The agents that lived at a position and ran an older version than the topology said that was in force, because they had gone back alone.</summary>
    /// <param name="position">Offset of a record, or null for the end of the log.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    /// <exception cref="LogBeginsLaterException">The log begins after the position.</exception>
    /// <exception cref="MeshNodeException">The log ends before the position, or is empty.</exception>
    ImmutableArray<StrayAgent> StraysAt(long? position = null, CancellationToken cancellation = default);
}
