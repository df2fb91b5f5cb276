namespace AkkaWasm.Mesh.Shards;

/// <summary>By what agents are put in order, the largest first.</summary>
public enum AgentOrder
{
    /// <summary>Events that wait.</summary>
    Lag,

    /// <summary>How long the oldest event that waits has waited.</summary>
    Age,

    /// <summary>Share of the last turns that failed, then failures in all.</summary>
    Failures,

    /// <summary>How long a turn takes.</summary>
    Time,

    /// <summary>Memory of the guest.</summary>
    Memory,

    /// <summary>The worst level first, then the events that wait.</summary>
    Health,
}

/// <summary>The first agents in an order.</summary>
/// <param name="Agents">The agents.</param>
/// <param name="Active">How many have something to do, are awake, failed lately or are not well, of those that were asked for.</param>
/// <param name="Known">All agents that ever came to be, stopped ones included, whatever was asked for.</param>
public sealed record TopAgents(IReadOnlyList<AgentStatus> Agents, int Active, int Known);
