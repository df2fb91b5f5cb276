namespace AkkaWasm.Actors.Serialization;

/// <summary>Marks what <see cref="MeshSerializer"/> writes: everything of ours that is persisted or crosses nodes.</summary>
internal interface IMeshSerializable;

/// <summary>A row of the journal: the bytes of one block.</summary>
internal sealed record JournalRow(ReadOnlyMemory<byte> Block) : IMeshSerializable;

/// <summary>A snapshot of a shard's own state.</summary>
internal sealed record ShardSnapshot(ReadOnlyMemory<byte> State) : IMeshSerializable;

/// <summary>A snapshot of an agent, as <c>AgentImage.ToBytes</c> wrote it.</summary>
internal sealed record ImageSnapshot(ReadOnlyMemory<byte> Image) : IMeshSerializable;
