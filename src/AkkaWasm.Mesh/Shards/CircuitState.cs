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
