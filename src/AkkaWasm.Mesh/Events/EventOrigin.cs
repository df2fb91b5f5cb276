namespace AkkaWasm.Mesh.Events;

/// <summary>How an event came to be in the log. The numbers are part of the log's format.</summary>
public enum EventOrigin : byte
{
    /// <summary>Published from outside the mesh: a source, the HTTP interface.</summary>
    External = 0,

    /// <summary>Published by an agent to a topic.</summary>
    Emitted = 1,

    /// <summary>Sent by an agent to one other agent, on that agent's private topic.</summary>
    Direct = 2,

    /// <summary>Published by an agent that waits for an answer.</summary>
    Request = 3,

    /// <summary>The answer to a request, on the requester's private topic.</summary>
    Reply = 4,

    /// <summary>A timer that fired, or the time-out of a request.</summary>
    Timer = 5,

    /// <summary>What the mesh says of an agent: <c>mesh.agent.…</c>, <c>mesh.health.…</c>.</summary>
    Lifecycle = 6,

    /// <summary>An event put aside with its failure: <c>mesh.deadletter.…</c>.</summary>
    DeadLetter = 7,

    /// <summary>A quarantined event that was released.</summary>
    Released = 8,
}
