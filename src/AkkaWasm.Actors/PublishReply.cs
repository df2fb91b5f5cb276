using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>The answer to a published batch: where its events are in the log, safely, or why none of them is.</summary>
/// <param name="Positions">Position of each event of the batch, in its order; for one that was known, the first. Empty if it was refused.</param>
/// <param name="Duplicates">How many of them were known before.</param>
/// <param name="Problem">Why the batch was refused, or null.</param>
/// <param name="RetryAfter">When the same batch may be published again, if that can help.</param>
public sealed record PublishReply(ImmutableArray<Position> Positions, int Duplicates, PublishProblem? Problem, TimeSpan? RetryAfter)
{
    /// <summary>Whether the events are in the log.</summary>
    public bool IsAccepted => Problem is null;

    internal static PublishReply Accepted(ImmutableArray<Position> positions, int duplicates) => new(positions, duplicates, null, null);

    internal static PublishReply Refused(PublishProblem problem, TimeSpan? retryAfter = null) => new([], 0, problem, retryAfter);
}
