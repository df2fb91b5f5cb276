using Akka.Actor;

namespace AkkaWasm.Actors.Sources;

/// <summary>To those who talk to the shard: it serves.</summary>
internal sealed record ShardIsUp(IActorRef Shard);

/// <summary>To those who talk to the shard: it ended; what it had not answered is unknown.</summary>
internal sealed record ShardIsDown;

/// <summary>To sources and gateway: the node drains; take nothing more. Answered with <see cref="IntakeIsStopped"/>.</summary>
internal sealed record StopIntake;

/// <summary>To the sources: end for now. Answered with <see cref="SourcesArePaused"/> when nothing more comes from them.</summary>
internal sealed record PauseSources;

/// <summary>From the sources: nothing more comes.</summary>
internal sealed record SourcesArePaused;

/// <summary>To the sources: read on, each from where the shard says that it is; also those that had been read to their end.</summary>
internal sealed record ResumeSources;

/// <summary>From the gateway: publishers get in.</summary>
internal sealed record IntakeIsOpen;

/// <summary>Nothing more comes in.</summary>
internal sealed record IntakeIsStopped;

/// <summary>From a source: what it is doing.</summary>
/// <param name="Status">What it is doing.</param>
/// <param name="From">The life of the source that says so.</param>
internal sealed record SourceReported(SourceStatus Status, object From);

/// <summary>To the guardian: what the sources are doing.</summary>
/// <param name="AreDrained">Whether all are read to their end.</param>
/// <param name="Problem">Why one failed for good, or null.</param>
internal sealed record SourcesChanged(bool AreDrained, string? Problem);
