using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Who changes a topology, as records name it.</summary>
public static class TopologyAuthor
{
    /// <summary>The node, because its configuration is another than when it was started last.</summary>
    public const string Startup = "startup";

    /// <summary>A person or program outside.</summary>
    public const string Operator = "operator";

    /// <summary>The mesh, because a changed definition failed too often.</summary>
    public const string Canary = "canary";

    /// <summary>The mesh, because a rule of its topology says so.</summary>
    public const string Rule = "rule";

    /// <summary>An agent of the mesh.</summary>
    public static string Agent(string name) => AgentPrefix + name;

    /// <summary>The agent that an author is, or null for any other.</summary>
    public static string? AgentOf(string author) => author.StartsWith(AgentPrefix, StringComparison.Ordinal) ? author[AgentPrefix.Length..] : null;

    private const string AgentPrefix = "agent ";
}

/// <summary>
/// The mesh consists of something else from here on. What follows from it, agents that stop and that come to be, stands behind it in the same append.
/// </summary>
/// <param name="Delta">What changes.</param>
/// <param name="AtNs">When, nanoseconds since the Unix epoch.</param>
/// <param name="Author">Who changed it: see <see cref="TopologyAuthor"/>.</param>
/// <param name="Reason">Why, as the author says; empty if nothing was said.</param>
/// <param name="Summary">What it changes, in a few words.</param>
public sealed record TopologyChangeRecord(TopologyDelta Delta, long AtNs, string Author, string Reason, string Summary) : LogRecord
{
    /// <summary>Longest <see cref="Author"/> or <see cref="Reason"/>, characters. Fixed: what one node records every other has to take, and the last of them are in every saved state.</summary>
    public const int MaxText = 500;
}

/// <summary>A change of the topology, as it is remembered.</summary>
/// <param name="Offset">Where it stands in the log.</param>
/// <param name="AtNs">When it was, nanoseconds since the Unix epoch.</param>
/// <param name="Author">Who changed it: see <see cref="TopologyAuthor"/>.</param>
/// <param name="Reason">Why, as the author says; empty if nothing was said.</param>
/// <param name="Summary">What it changed, in a few words.</param>
public sealed record TopologyChangeInfo(long Offset, long AtNs, string Author, string Reason, string Summary);
