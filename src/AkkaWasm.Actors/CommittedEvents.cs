using System.Collections.Immutable;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>
/// The events of one commit, as they are published to the topic <see cref="Topic"/> of Akka's DistributedPubSub, for any actor that subscribes
/// there. At most once: a subscriber that must not miss any compares <see cref="FirstOffset"/> with what it saw last and fetches what is
/// missing from the log. After <see cref="PubSubRestarted"/> it has to subscribe again.
/// </summary>
public sealed class CommittedEvents : IMeshSerializable
{
    /// <summary>The topic of DistributedPubSub that commits are published to.</summary>
    public const string Topic = "mesh-events";

    private readonly EventIdentity identity;

    internal CommittedEvents(string mesh, LogBlock block, Func<int, int, string> nameOf)
    {
        Mesh = mesh;
        Block = block;
        NameOf = nameOf;
        identity = new EventIdentity(mesh, nameOf);
    }

    /// <summary>Name of the mesh.</summary>
    public string Mesh { get; }

    /// <summary>Number of the shard.</summary>
    public int Shard => Block.Header.Shard;

    /// <summary>Offset of the first record of the commit; records that are no events count too.</summary>
    public long FirstOffset => Block.Header.FirstOffset;

    /// <summary>Offset of the last record of the commit.</summary>
    public long LastOffset => Block.Header.LastOffset;

    /// <summary>The events, in order; those of an agent have neither id nor source, see <see cref="Resolve"/>.</summary>
    public ImmutableArray<MeshEvent> Events => Block.Events;

    internal LogBlock Block { get; }

    /// <summary>Gives the name of an agent in one of its lives, by its number and the incarnation; that of one that the events do not mention may be empty.</summary>
    internal Func<int, int, string> NameOf { get; }

    /// <summary>Gives one of the events its position, id and source.</summary>
    public CommittedEvent Resolve(MeshEvent e) => new(new Position(Shard, e.Epoch, e.Offset), identity.IdOf(e), identity.SourceOf(e), e);
}
