using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Why an agent runs another version than before. The numbers are part of the log's format.</summary>
public enum AgentVersionStep : byte
{
    /// <summary>It goes back to the version before; the <see cref="AgentRecord"/> of its new life follows.</summary>
    WentBack = 0,

    /// <summary>It runs what its definition says again, because that changed or because it begins anew.</summary>
    CaughtUp = 1,

    /// <summary>It is a fork and runs what its origin ran; stands behind the fork's records.</summary>
    Inherited = 2,

    /// <summary>It goes back with its definition, or with the mesh, and runs what it ran then.</summary>
    Restored = 3,

    /// <summary>It turned out that it cannot go back to a version before; until it gets another module its ladder does not try again.</summary>
    Refused = 4,
}

/// <summary>Says which version an agent runs, where that may differ from what its definition says.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Step">What happened.</param>
/// <param name="RunsAs">The older definition of which it has all that a guest sees; null if that is its present one.</param>
public sealed record AgentVersionRecord(int Agent, AgentVersionStep Step, AgentDefinition? RunsAs) : LogRecord;
