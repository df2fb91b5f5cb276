namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// An operator has the next turn of an agent that would succeed fail with an operating fault of code <see cref="Turns.GuestFault.Simulated"/>; the
/// <see cref="TurnRecord"/> with that fault says that it did. Over restarts and new lives of the agent it stays to come; one that is stopped makes no next turn.
/// </summary>
/// <param name="Agent">Number of the agent.</param>
public sealed record CrashAskedRecord(int Agent) : LogRecord;
