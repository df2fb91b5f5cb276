namespace AkkaWasm.Mesh.Shards;

/// <summary>Which of the events that were put aside are meant. What is null lets all through.</summary>
public sealed record QuarantineFilter
{
    /// <summary>All.</summary>
    public static QuarantineFilter All { get; } = new();

    /// <summary>Those of the agent of this name; of a family, those of all its agents.</summary>
    public string? Agent { get; init; }

    /// <summary>Those whose fault has this code, as <c>unreachable</c>.</summary>
    public string? Code { get; init; }

    /// <summary>Those put aside at this time or later, nanoseconds since the Unix epoch.</summary>
    public long? FromNs { get; init; }

    /// <summary>Those put aside before this time, nanoseconds since the Unix epoch.</summary>
    public long? BeforeNs { get; init; }

    internal bool Wants(string agent) =>
        Agent is null || agent == Agent || (agent.Length > Agent.Length && agent[Agent.Length] == '/' && agent.StartsWith(Agent, StringComparison.Ordinal));

    internal bool Wants(QuarantinedEvent e) => (Code is null || e.Fault.Code == Code) && !(e.AtNs < FromNs) && !(e.AtNs >= BeforeNs);
}
