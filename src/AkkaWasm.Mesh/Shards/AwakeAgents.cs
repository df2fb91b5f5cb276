namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// Which agents have a guest, which of them have nothing to do, least recently used first, and which wait for room. Of the running process only: no
/// record says who is awake.
/// </summary>
internal sealed class AwakeAgents
{
    private readonly LinkedList<AgentEntry> idle = [];
    private readonly LinkedList<AgentEntry> idleUnsaved = [];
    private readonly LinkedList<AgentEntry> queue = [];

    /// <summary>Agents with a guest, or one that is being rebuilt; those that go to sleep included.</summary>
    public int Count { get; private set; }

    /// <summary>Agents that were told to go to sleep.</summary>
    public int Leaving { get; private set; }

    /// <summary>Agents that wait for room.</summary>
    public int Queued => queue.Count;

    /// <summary>How often an agent was put to sleep.</summary>
    public long Sleeps { get; private set; }

    /// <summary>An agent changes from one phase to another.</summary>
    public void Move(AgentEntry entry, AgentPhase to)
    {
        Count += (IsAwake(to) ? 1 : 0) - (IsAwake(entry.Phase) ? 1 : 0);
        entry.Place.List?.Remove(entry.Place);
        if (entry.IsLeaving) Leaving--;
        entry.IsLeaving = false;
        if (to == AgentPhase.Starting) entry.TurnsAwake = 0;
        if (to == AgentPhase.Queued) queue.AddLast(entry.Place);
    }

    /// <summary>An agent that runs was looked after: the most recently used of the idle ones, or not idle. One that is held gets nothing of what waits for it, and may leave.</summary>
    public void Use(AgentEntry entry, bool held)
    {
        entry.Place.List?.Remove(entry.Place);
        if (entry.IsLeaving || (entry is { HasWork: true, Paused: false } && !held) || entry.InFlight.Count > 0) return;
        (entry.CannotBeSaved ? idleUnsaved : idle).AddLast(entry.Place);
    }

    /// <summary>The agent that waits longest for room, or null.</summary>
    public AgentEntry? NextQueued => queue.First?.Value;

    /// <summary>The least recently used of those that have nothing to do, or null. One that cannot be saved, and has to be replayed, only if there is no other.</summary>
    public AgentEntry? NextToLeave => (idle.First ?? (Leaving == 0 ? idleUnsaved.First : null))?.Value;

    /// <summary>The least recently used of those that have nothing to do and can be saved, or null.</summary>
    public AgentEntry? LeastRecentlyUsed => idle.First?.Value;

    /// <summary>An agent is told to go to sleep.</summary>
    public void Leave(AgentEntry entry)
    {
        entry.Place.List?.Remove(entry.Place);
        entry.IsLeaving = true;
        Leaving++;
        Sleeps++;
    }

    /// <summary>It stays after all.</summary>
    public void Stay(AgentEntry entry)
    {
        if (!entry.IsLeaving) return;
        entry.IsLeaving = false;
        Leaving--;
        Sleeps--;
    }

    private static bool IsAwake(AgentPhase phase) => phase is AgentPhase.Starting or AgentPhase.Running;
}
