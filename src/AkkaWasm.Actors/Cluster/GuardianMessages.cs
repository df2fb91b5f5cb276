namespace AkkaWasm.Actors.Cluster;

/// <summary>To the guardian: say <see cref="NodeIsIdle"/> once, when the sources are drained and the shard is idle.</summary>
internal sealed record TellWhenNodeIsIdle;

/// <summary>From the guardian: nothing is left to do; or a source failed.</summary>
internal sealed record NodeIsIdle(MeshNodeException? Failure);

/// <summary>To the guardian: take nothing more in.</summary>
internal sealed record CloseNode;

/// <summary>To the guardian, after <see cref="CloseNode"/>: finish and save.</summary>
internal sealed record DrainNode;

/// <summary>From the guardian: done.</summary>
internal sealed record NodeIsDrained;

/// <summary>To the guardian from its clock: start the shard again.</summary>
internal sealed record StartShard;
