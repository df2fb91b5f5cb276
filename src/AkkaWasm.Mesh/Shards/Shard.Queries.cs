using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

public sealed partial class Shard
{
    /// <summary>All agents that ever came to be, in the order of their birth.</summary>
    public IEnumerable<AgentStatus> Agents => state.Agents.Select(StatusOf);

    /// <summary>Who has a number.</summary>
    /// <returns>The agent, or null.</returns>
    public AgentInfo? Agent(int number) => number >= 0 && number < state.Agents.Count ? state.Agents[number].Info : null;

    /// <summary>The agent with a name.</summary>
    /// <returns>The agent, or null.</returns>
    public AgentStatus? FindAgent(string name) => state.Find(name) is { } entry ? StatusOf(entry) : null;

    internal static AgentStatus StatusOf(AgentEntry entry) => new()
    {
        Number = entry.Number, Name = entry.Name, Definition = entry.DefinitionName, Key = entry.Key, Incarnation = entry.Incarnation, State = StateOf(entry),
        Turns = entry.Turns, Failures = entry.Failures, Healed = entry.Healed, Quarantined = entry.Quarantine.Count, Pending = entry.Pending.Count,
        LastInput = entry.LastInput, ImageInput = entry.ImageInput, ImageHash = entry.ImageHash, TurnsSinceImage = entry.Tail.Count, LastFault = entry.LastFault,
    };

    private static AgentState StateOf(AgentEntry entry) => entry switch
    {
        { Stopped: true } => AgentState.Stopped,
        { HealPending: true } => AgentState.Healing,
        { Phase: AgentPhase.Running } => AgentState.Running,
        { Phase: AgentPhase.Asleep } => AgentState.Asleep,
        _ => AgentState.Starting,
    };
}
