namespace AkkaWasm.Mesh.Shards;

/// <summary>An operator let an agent wait, or go on. Its events stay, timers fire to where it waits.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Paused">Whether it waits from here on.</param>
public sealed record AgentPauseRecord(int Agent, bool Paused) : LogRecord;
