using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>What records say of agents.</summary>
internal static class AgentRecords
{
    /// <summary>Whether an agent is stopped behind a record: one that is renamed stays what it was.</summary>
    public static bool Stops(this AgentRecord record, bool was) => record.Change == AgentChange.Stopped || (record.Change == AgentChange.Renamed && was);
}
