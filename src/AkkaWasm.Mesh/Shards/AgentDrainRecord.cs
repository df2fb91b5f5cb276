using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// Agents are to end, but first handle what waits for them: from here on their subscriptions bring them nothing more. When they are through, or the time
/// is over, a change of the topology takes their definitions away.
/// </summary>
public sealed record AgentDrainRecord : LogRecord
{
    /// <summary>Names of the definitions.</summary>
    public required ImmutableArray<string> Definitions { get; init; }

    /// <summary>Names of groups that go with the last of them.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>When they end even if they are not through, nanoseconds since the Unix epoch.</summary>
    public required long DeadlineNs { get; init; }

    /// <summary>Who wants it.</summary>
    public required string Author { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";
}
