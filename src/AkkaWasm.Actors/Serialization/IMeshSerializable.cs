using AkkaWasm.Mesh.Shards;
namespace AkkaWasm.Actors.Serialization;

/// <summary>Marks what <see cref="MeshSerializer"/> writes: everything of ours that is persisted or crosses nodes.</summary>
internal interface IMeshSerializable;

/// <summary>A row of the journal: the bytes of one block.</summary>
internal sealed record JournalRow(ReadOnlyMemory<byte> Block) : IMeshSerializable;

/// <summary>A snapshot of a shard's own state.</summary>
internal sealed class ShardSnapshot : IMeshSerializable
{
    private readonly Lazy<ReadOnlyMemory<byte>> state;

    public ShardSnapshot(ReadOnlyMemory<byte> state) => this.state = new Lazy<ReadOnlyMemory<byte>>(state);

    private ShardSnapshot(Lazy<ReadOnlyMemory<byte>> state) => this.state = state;

    public ReadOnlyMemory<byte> State => state.Value;

    /// <summary>One that is encoded when it is serialized: by the snapshot store, not by the shard.</summary>
    public static ShardSnapshot Deferred(CapturedState state) => new(new Lazy<ReadOnlyMemory<byte>>(state.ToMemory));
}

/// <summary>A snapshot of an agent, as <c>AgentImage.ToBytes</c> wrote it.</summary>
internal sealed record ImageSnapshot(ReadOnlyMemory<byte> Image) : IMeshSerializable;
