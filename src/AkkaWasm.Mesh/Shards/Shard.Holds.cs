using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Why a part of the log is still needed.</summary>
public enum LogHoldReason : byte
{
    /// <summary>An agent has not handled the event yet.</summary>
    Waiting,

    /// <summary>The event is in quarantine and may be released.</summary>
    Quarantined,

    /// <summary>The turn on it was made after the agent's newest saved image.</summary>
    AfterImage,

    /// <summary>The agent has no saved image and is rebuilt from its first turn.</summary>
    FirstTurn,

    /// <summary>A timer or request that is pending was set in the turn on it.</summary>
    Timer,

    /// <summary>The turn on it failed and the agent is being healed.</summary>
    Healing,

    /// <summary>The turn on it was made after a saved image that is not the newest, and is needed should that be damaged.</summary>
    AfterOlderImage,

    /// <summary>It is looked through for events from before a subscription.</summary>
    Subscription,

    /// <summary>A changed definition is watched, and its agents may have to go back to what they were.</summary>
    Watched,
}

/// <summary>A part of the log that is still needed.</summary>
/// <param name="From">Offset of the first event that is needed.</param>
/// <param name="Reason">Why.</param>
/// <param name="Agent">Name of the agent that needs it, or of the definition.</param>
public readonly record struct LogHold(long From, LogHoldReason Reason, string Agent);

public sealed partial class Shard
{
    /// <summary>From where on the log is needed for what is to come, and by whom: one entry for each agent and reason, the lowest offset first.</summary>
    /// <param name="images">From how many of each agent's newest images the log is to lead on, 1 or more.</param>
    public IReadOnlyList<LogHold> Holds(int images = 1)
    {
        var holds = new List<LogHold>();
        foreach (var entry in state.Agents) AddHolds(entry, images, holds);
        foreach (var timers in state.Timers.All.Where(t => t.Cause >= 0).GroupBy(t => t.Agent))
            holds.Add(new LogHold(timers.Min(t => t.Cause), LogHoldReason.Timer, state.NameOf(timers.Key)));
        foreach (var (definition, watch) in state.Canaries) holds.Add(new LogHold(watch.NeededFrom, LogHoldReason.Watched, definition));
        foreach (var past in state.Pasts.Values) holds.Add(new LogHold(past.ReadThrough + 1, LogHoldReason.Subscription, past.Definition));
        holds.Sort((a, b) => a.From.CompareTo(b.From));
        return holds;
    }

    private static void AddHolds(AgentEntry entry, int images, List<LogHold> holds)
    {
        if (entry.Quarantine.Count > 0) Add(entry.Quarantine.Keys.First(), LogHoldReason.Quarantined);
        if (entry.Stopped) return;
        if (entry.Init >= 0) Add(entry.Init, LogHoldReason.Waiting);
        if (entry.Pending.Count > 0) Add(entry.Pending[0], LogHoldReason.Waiting);
        if (entry.HealPending && entry.HealCause.Input >= 0) Add(entry.HealCause.Input, LogHoldReason.Healing);
        if (entry.Tail.Count > 0) Add(entry.Tail.Min(t => t.Input), entry.SavedImage is null ? LogHoldReason.FirstTurn : LogHoldReason.AfterImage);
        if (entry.Images.LowestAfterNewest(entry.ImagesHeld(images)) is < long.MaxValue and var lowest) Add(lowest, LogHoldReason.AfterOlderImage);

        void Add(long from, LogHoldReason reason) => holds.Add(new LogHold(from, reason, entry.Name));
    }
}
