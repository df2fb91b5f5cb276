using Akka.Actor;

namespace AkkaWasm.Actors.Sources;

/// <summary>To those who talk to the shard: it serves.</summary>
internal sealed record ShardIsUp(IActorRef Shard);

/// <summary>To those who talk to the shard: it ended; what it had not answered is unknown.</summary>
internal sealed record ShardIsDown;

/// <summary>To sources and gateway: the node drains; take nothing more. Answered with <see cref="IntakeIsStopped"/>.</summary>
internal sealed record StopIntake;

/// <summary>Nothing more comes in.</summary>
internal sealed record IntakeIsStopped;

/// <summary>From a source: so many elements are committed.</summary>
internal sealed record SourceProgressed(string Source, long Elements);

/// <summary>From a source: all of it is committed.</summary>
internal sealed record SourceIsDrained(string Source, long Elements);

/// <summary>From a source, before its actor ends: why it cannot go on.</summary>
internal sealed record SourceIsFailing(string Source, string Problem);

/// <summary>To the guardian: what the sources are doing.</summary>
/// <param name="AreDrained">Whether all are read to their end.</param>
/// <param name="Problem">Why one failed for good, or null.</param>
internal sealed record SourcesChanged(bool AreDrained, string? Problem);
