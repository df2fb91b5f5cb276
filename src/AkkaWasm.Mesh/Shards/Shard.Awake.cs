using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Who is awake. When there is no room for one more guest, the least recently used agent that has nothing to do is put to sleep; if all are busy, one
/// that has had its share of turns. None of that is a record: a replay, and the state of every agent, are the same without it.
/// </content>
public sealed partial class Shard
{
    /// <summary>
    /// Of so many awake agents one goes to sleep when the host runs out of memory, and at least one; no more than <see cref="TogetherAhead"/> where it
    /// ran out at about as many before, which is what its room ends at.
    /// </summary>
    private const int ReliefShare = 16;

    /// <summary>Of so many places at most one is kept free.</summary>
    private const int SpareShare = 100;

    /// <summary>So many agents are put to sleep ahead of need at a time, where so many places are kept free: their images are saved together.</summary>
    private const int TogetherAhead = 8;

    /// <summary>How often in a row an agent for whom the host had no memory waits for others to leave; then it waits for a back-off.</summary>
    private const int TriesForRoom = 3;

    /// <summary>After so many agents that came up it is tried whether the host has room for one more than it had.</summary>
    private const int ProbeEvery = 8;

    private readonly AwakeAgents awake = new();
    private int? foundRoom;
    private int roomAtFailure;
    private int readies;
    private int relief;

    /// <summary>How many may be awake, as far as is known.</summary>
    private int Room => Math.Min(MaxAwake, foundRoom ?? MaxAwake);

    /// <summary>Places that are kept free, as long as there are idle agents that can be saved.</summary>
    private int Spare => Math.Min(options.SpareAwake, Room / SpareShare);

    /// <summary>
    /// How many agents may be awake now, 1 or more; at first <see cref="ShardOptions.MaxAwake"/>. Whoever drives the shard lowers it when memory is
    /// short. What is above goes to sleep as soon as it has nothing to do.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is 0 or negative.</exception>
    public int MaxAwake
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    }

    /// <summary>Who is awake and who is not.</summary>
    public AwakeCounts AwakeCounts => new(awake.Count, state.Living - awake.Count - awake.Queued, awake.Queued, awake.Sleeps);

    /// <summary>Says that an agent had nothing to do for a while and may sleep.</summary>
    public void AgentIdle(int agent, int token)
    {
        var entry = state.Agents[agent];
        if (entry.Token == token && entry is { Phase: AgentPhase.Running, HasWork: false, IsLeaving: false }) PutToSleep(entry);
    }

    /// <summary>Says that an agent's guest is given back, as <see cref="Shards.PutToSleep"/> asked for.</summary>
    public void AgentAsleep(int agent, int token)
    {
        var entry = state.Agents[agent];
        if (entry.Token != token || !entry.IsLeaving) return;
        End(entry);
        if (entry.MemoryImage?.Input == entry.ImageInput) entry.MemoryImage = null;
        if (entry.HasWork) state.Touch(entry);
    }

    /// <summary>Says that an agent is not asleep because it cannot be saved; it will be asked again only when nobody else can go.</summary>
    public void AgentStaysAwake(int agent, int token)
    {
        var entry = state.Agents[agent];
        if (entry.Token != token || !entry.IsLeaving) return;
        entry.CannotBeSaved = true;
        awake.Stay(entry);
        state.Touch(entry);
    }

    /// <summary>Begins what waits for room, and has others leave for what still waits.</summary>
    private void MakeRoom()
    {
        while (awake.Count < Room && awake.NextQueued is { } next) Start(next);
        var wanted = Math.Max(awake.Queued + awake.Count - Room, relief) - awake.Leaving;
        relief = 0;
        for (; wanted > 0 && awake.NextToLeave is { } entry; wanted--) PutToSleep(entry);
        var ahead = awake.Count - awake.Leaving - (Room - Spare);
        if (ahead < Math.Min(TogetherAhead, Spare)) return;
        for (; ahead > 0 && awake.LeastRecentlyUsed is { } entry; ahead--) PutToSleep(entry);
    }

    private void PutToSleep(AgentEntry entry)
    {
        awake.Leave(entry);
        effects.Add(new PutToSleep(entry.Number, entry.Token, entry.CannotBeSaved));
    }

    /// <summary>Whether an agent gets no more events for now: it goes, or others wait for room and it had as many turns as a mailbox holds. One that would have to be replayed stays.</summary>
    private bool IsHeldBack(AgentEntry entry)
    {
        if (entry.IsLeaving) return true;
        if (awake.Queued == 0 || entry.Init >= 0 || entry.CannotBeSaved || entry.TurnsAwake < options.MailboxWindow) return false;
        if (entry.InFlight.Count == 0) PutToSleep(entry);
        return true;
    }

    /// <summary>The host had no memory for one guest more: so many as there are now are what it has room for, and the agent waits for one of them to leave.</summary>
    /// <returns>False if there is none, or others left for it in vain.</returns>
    private bool WaitsForRoom(AgentEntry entry)
    {
        entry.Token++;
        entry.InFlight.Clear();
        SetPhase(entry, AgentPhase.Queued);
        var few = 1 + (awake.Count / ReliefShare);
        var isKnown = roomAtFailure > 0 && Math.Abs(awake.Count - roomAtFailure) < few;
        relief = isKnown ? Math.Min(few, TogetherAhead) : few;
        (foundRoom, roomAtFailure) = (Math.Max(1, awake.Count), awake.Count);
        return awake.Count > 0 && entry.RebuildFailures <= TriesForRoom;
    }

    private void ProbeRoom()
    {
        if (foundRoom is not { } found || ++readies % ProbeEvery != 0) return;
        foundRoom = found + 1 < MaxAwake ? found + 1 : null;
    }

    /// <summary>The host had no memory for a growth: some that are not needed now make room.</summary>
    private void Relieve(GuestFault fault)
    {
        if (fault.Code == GuestFault.HostOutOfMemory) relief = 1 + (awake.Count / ReliefShare);
    }
}
