namespace AkkaWasm.Mesh.Shards;

/// <summary>An operator let a group wait, with all groups and agents below it, or go on. Agents that come to be in it meanwhile wait too.</summary>
/// <param name="Group">Name of the group.</param>
/// <param name="Paused">Whether it waits from here on.</param>
public sealed record GroupPauseRecord(string Group, bool Paused) : LogRecord;
