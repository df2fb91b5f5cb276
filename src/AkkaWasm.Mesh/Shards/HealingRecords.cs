namespace AkkaWasm.Mesh.Shards;

/// <summary>Whether the agents of a family get events. The numbers are part of the log's format.</summary>
public enum CircuitState : byte
{
    /// <summary>They do.</summary>
    Closed = 0,

    /// <summary>They do not: too many of them failed.</summary>
    Open = 1,

    /// <summary>A few do, one at a time, to find out whether they fail still.</summary>
    HalfOpen = 2,
}

/// <summary>The circuit of a family changed.</summary>
/// <param name="Definition">Name of the family.</param>
/// <param name="State">What it is from here on.</param>
/// <param name="UntilNs">Until when it is open, nanoseconds since the Unix epoch; 0 where it is not.</param>
public sealed record CircuitRecord(string Definition, CircuitState State, long UntilNs) : LogRecord;

/// <summary>An operator let an agent wait, or go on. Its events stay, timers fire to where it waits.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Paused">Whether it waits from here on.</param>
public sealed record AgentPauseRecord(int Agent, bool Paused) : LogRecord;
