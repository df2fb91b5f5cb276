using System.Collections.Immutable;
using Akka.Actor;
using AkkaWasm.Actors.Cluster;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Shards;

/// <summary>What somebody outside asks a shard and waits for the answer to.</summary>
internal interface IShardQuestion;

/// <summary>To the shard: append a batch. Answered with <see cref="PublishAnswer"/>.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Id">Comes back in the answers.</param>
/// <param name="TellWhenTaken">Whether <see cref="PublishTaken"/> is wanted before the commit.</param>
internal sealed record PublishToShard(PublishBatch Batch, long Id, bool TellWhenTaken = false);

/// <summary>From the shard: the batch is appended and waits for its commit.</summary>
internal sealed record PublishTaken(long Id);

/// <summary>From the shard: the batch is committed, or refused.</summary>
internal sealed record PublishAnswer(long Id, PublishReply Reply);

/// <summary>What stands for a publisher in the core.</summary>
internal interface IPublishTicket
{
    /// <summary>Gives it its answer.</summary>
    void Answer(PublishReply with);
}

/// <summary>An actor that published.</summary>
internal sealed record PublishTicket(IActorRef ReplyTo, long Id) : IPublishTicket
{
    public void Answer(PublishReply with) => ReplyTo.Tell(new PublishAnswer(Id, with));
}

/// <summary>To the shard: publishers wait at the gate.</summary>
internal sealed record PublishersWait(PublishGate Gate);

/// <summary>To the shard: how far was a source read? Answered with <see cref="SourceCursorIs"/>.</summary>
internal sealed record GetSourceCursor(string Source);

/// <summary>From the shard: the cursor that a source moved to last, or null.</summary>
internal sealed record SourceCursorIs(ReadOnlyMemory<byte>? Cursor);

/// <summary>A question to the shard, answered at once from its state.</summary>
/// <param name="Answer">Runs in the shard's actor.</param>
internal sealed record AskShard(Func<Shard, object?> Answer) : IShardQuestion;

/// <summary>The answer to <see cref="AskShard"/>.</summary>
internal sealed record ShardAnswer(object? Value);

/// <summary>To the shard: what is the hash of an agent's state? Answered with <see cref="StateHashIs"/>.</summary>
internal sealed record GetStateHash(string Agent) : IShardQuestion;

/// <summary>From the shard: the hash, or null if the agent has no state.</summary>
internal sealed record StateHashIs(Mesh.StateHash? Hash);

/// <summary>To the shard: take an event out of quarantine. Answered with <see cref="ShardAnswer"/> that holds a sentence or null, after the commit.</summary>
internal sealed record ReleaseFromQuarantine(string Agent, long Offset, ReadOnlyMemory<byte>? Edited, bool Drop) : IShardQuestion;

/// <summary>To the shard: release or drop all events of the quarantine that a filter lets through, or none. Answered with <see cref="ShardAnswer"/> that holds a <see cref="QuarantineAnswer"/>, after the commit.</summary>
internal sealed record EmptyQuarantine(QuarantineFilter Filter, bool Drop) : IShardQuestion;

/// <summary>How many events left quarantine, or why none did.</summary>
internal sealed record QuarantineAnswer(int Count, string? Problem);

/// <summary>To the shard: say <see cref="ShardIsIdle"/> once, as soon as nothing is pending.</summary>
internal sealed record TellWhenIdle;

/// <summary>From the shard: nothing is pending, healing, in flight or uncommitted.</summary>
internal sealed record ShardIsIdle;

/// <summary>To the shard: finish, save, and end. Answered with <see cref="ShardIsDrained"/>.</summary>
internal sealed record DrainShard;

/// <summary>From the shard: everything is saved.</summary>
internal sealed record ShardIsDrained;

/// <summary>To the guardian: the shard serves.</summary>
internal sealed record ShardIsReady(int Epoch);

/// <summary>To the guardian, before the shard ends: why.</summary>
/// <param name="Cause">Why.</param>
/// <param name="UnusableState">Row of a saved state that cannot be used, or null.</param>
internal sealed record ShardIsFailing(Exception Cause, long? UnusableState = null);

/// <summary>To the shard from itself: the last row of the journal, or null if it is not there.</summary>
internal sealed record LastRowIs(ReadOnlyMemory<byte>? Block);

/// <summary>To the shard from itself: events that were read from the journal.</summary>
internal sealed record StretchIsLoaded(long From, long To, ImmutableArray<MeshEvent> Events);

/// <summary>To the shard from itself: an image is stored, or could not be.</summary>
internal sealed record ImageIsStored(int Agent, AgentImage Image, Exception? Failure);

/// <summary>To the shard from its clock: the next group of images may be saved.</summary>
internal sealed record ImagesAreDue
{
    public static ImagesAreDue Now { get; } = new();
}

/// <summary>To the shard from itself: images that are not kept any more were deleted, or could not be.</summary>
internal sealed record ImagesAreDropped(Exception? Failure);

/// <summary>To the shard from itself: parts that no image names were deleted, or could not be.</summary>
internal sealed record PartsAreSwept(long Deleted, Exception? Failure);

/// <summary>To the shard from itself: a quarantined event was read from the journal.</summary>
internal sealed record QuarantinedIsLoaded(ReleaseFromQuarantine Request, IActorRef ReplyTo, MeshEvent? Event);

/// <summary>To the shard from its clock: look at the memory of the process.</summary>
internal sealed record LookAtMemory
{
    public static LookAtMemory Now { get; } = new();
}

/// <summary>To the shard from its clock.</summary>
internal sealed record Alarm
{
    public static Alarm Rings { get; } = new();
}
