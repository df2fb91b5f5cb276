using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Turns;

/// <summary>
/// Says when an agent is to be saved: after so many turns, so many bytes of events or so much time, whichever comes first; because of turns not more
/// often than <see cref="AgentDefinition.SnapshotAtMostEvery"/>. The first image of a life does not wait: there may be many turns since the last one.
/// </summary>
/// <param name="agent">The agent's definition.</param>
/// <param name="maxHeldTurns">So many turns are held back at most, or <see cref="AgentDefinition.SnapshotEveryTurns"/> if that is more: see <see cref="Shards.ShardOptions.MaxHeldTurns"/>.</param>
public sealed class SnapshotPolicy(AgentDefinition agent, int maxHeldTurns)
{
    private long bytes;
    private bool savedBefore;

    /// <summary>Successful turns since the last image.</summary>
    public long Turns { get; private set; }

    /// <summary>Whether there is something to save.</summary>
    public bool HasNews => Turns > 0;

    /// <summary>Whether there are enough turns or bytes to ask <see cref="IsDue"/> with the time; while <see cref="IsHeld"/>, only what does not wait.</summary>
    public bool MayBeDue => HasNews && (IsLarge || Turns >= (IsHeld ? MostTurns : agent.SnapshotEveryTurns));

    /// <summary>Whether there are turns enough for an image that comes too soon after the last one; <see cref="UntilNextLook"/> then says how long it waits.</summary>
    public bool IsHeld { get; private set; }

    private int MostTurns => Math.Max(agent.SnapshotEveryTurns, maxHeldTurns);

    private bool IsLarge => bytes >= agent.SnapshotEveryBytes;

    private TimeSpan ShortestInterval => savedBefore ? agent.SnapshotAtMostEvery : TimeSpan.Zero;

    /// <summary>Counts a successful turn.</summary>
    public void Count(MeshEvent input)
    {
        Turns++;
        bytes += input.Data.Length;
    }

    /// <summary>Counts turns that were run again.</summary>
    public void CountRepeated(long turns) => Turns += turns;

    /// <summary>Whether it is time; where it is not for being too soon after the last image, it is held from then on.</summary>
    /// <param name="sinceImage">Time since the last image, or since the agent is awake.</param>
    public bool IsDue(TimeSpan sinceImage)
    {
        if (!HasNews) return false;
        if (IsLarge || (agent.SnapshotEvery is { } every && sinceImage >= every)) return true;
        if (Turns < agent.SnapshotEveryTurns) return false;
        IsHeld = sinceImage < ShortestInterval && Turns < MostTurns;
        return !IsHeld;
    }

    /// <summary>After how long to ask <see cref="IsDue"/> again though no turn comes; null for never.</summary>
    /// <param name="sinceImage">Time since the last image, or since the agent is awake.</param>
    public TimeSpan? UntilNextLook(TimeSpan sinceImage)
    {
        var held = IsHeld && sinceImage < ShortestInterval ? ShortestInterval - sinceImage : (TimeSpan?)null;
        if (agent.SnapshotEvery is not { } every) return held;
        var timed = sinceImage < every ? every - sinceImage : every;
        return held < timed ? held : timed;
    }

    /// <summary>Notes that an image was taken.</summary>
    public void Saved() => (Turns, bytes, IsHeld, savedBefore) = (0, 0, false, true);
}
