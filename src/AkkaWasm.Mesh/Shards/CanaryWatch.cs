using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// A changed definition that is watched: how often its agents failed since, and what a way back has to know that nothing else tells. Follows from the log.
/// </summary>
/// <param name="before">What it was before.</param>
/// <param name="policy">How it is watched.</param>
/// <param name="since">Offset of the change.</param>
/// <param name="beganNs">When it was, nanoseconds since the Unix epoch.</param>
/// <param name="share">The share of a family's agents that the version is tried on; null for all.</param>
/// <param name="state">How the states of the others are to be moved when they get the version too.</param>
internal sealed class CanaryWatch(AgentDefinition before, CanaryPolicy policy, long since, long beganNs, KeyShare? share = null, MoveRequest state = MoveRequest.Auto)
{
    /// <summary>How many events that came for agents which a failure had stopped are remembered; those that miss more stay stopped.</summary>
    public const int MostMissed = 100_000;

    private readonly Queue<long> failures = [];
    private readonly List<long> emitted = [];
    private long missed;

    /// <summary>What it was before.</summary>
    public AgentDefinition Before => before;

    /// <summary>How it is watched.</summary>
    public CanaryPolicy Policy { get; private set; } = policy;

    /// <summary>Offset of the change.</summary>
    public long Since => since;

    /// <summary>When the change was, nanoseconds since the Unix epoch.</summary>
    public long BeganNs => beganNs;

    /// <summary>When the watch ends, nanoseconds since the Unix epoch.</summary>
    public long UntilNs { get; private set; } = beganNs + HealingLadder.ToNs(policy.Watch);

    /// <summary>The share of a family's agents that the version is tried on; null for all.</summary>
    public KeyShare? Share { get; private set; } = share;

    /// <summary>How the states of the others are to be moved when they get the version too.</summary>
    public MoveRequest State { get; private set; } = state;

    /// <summary>Whether an agent of the definition is watched.</summary>
    public bool Includes(string agent) => Share is null || Share.Includes(agent);

    /// <summary>It is watched for as long again.</summary>
    public void Postpone(long atNs) => UntilNs = atNs + HealingLadder.ToNs(Policy.Watch);

    /// <summary>Whether it failed too often.</summary>
    public bool IsExceeded { get; private set; }

    /// <summary>How many agents had come to be before the change.</summary>
    public int FirstNew { get; init; }

    /// <summary>From where on the log is needed for a way back.</summary>
    public long NeededFrom { get; init; }

    /// <summary>The images that states at the change begin from.</summary>
    public HashSet<(int Agent, int Incarnation, long Input)> Pins { get; } = [];

    /// <summary>What the agents watched at the change.</summary>
    public SortedDictionary<int, List<string>> Watched { get; } = [];

    /// <summary>Agents that since the change got another state, or events put aside, or were stopped by a failure.</summary>
    public SortedSet<int> Changed { get; } = [];

    /// <summary>Events put aside since the change.</summary>
    public SortedDictionary<int, SortedSet<long>> Quarantined { get; } = [];

    /// <summary>Events that waited for agents which a failure stopped, or that came since; and those that an agent took back before it handled them.</summary>
    public SortedDictionary<int, SortedSet<long>> Missed { get; } = [];

    /// <summary>Agents that a failure stopped.</summary>
    public SortedSet<int> Stopped { get; } = [];

    /// <summary>Timers that were set before the change and forgotten or taken back since, without having fired.</summary>
    public SortedDictionary<int, List<TimerRecord>> Lost { get; } = [];

    /// <summary>How many events were emitted since.</summary>
    public long EmittedCount { get; private set; }

    /// <summary>Offsets of the first of them, <see cref="RewindPlan.MaxListed"/> at most.</summary>
    public IReadOnlyList<long> Emitted => emitted;

    /// <summary>How many failures count at a time.</summary>
    public int FailuresAt(long nowNs) => failures.Count(at => at > nowNs - HealingLadder.ToNs(Policy.WithinTimeRange));

    /// <summary>An agent failed.</summary>
    public void NoteFailure(GuestFault fault, long nowNs)
    {
        if (fault.Kind == FaultKind.Operating) return;
        failures.Enqueue(nowNs);
        while (failures.Peek() <= nowNs - HealingLadder.ToNs(Policy.WithinTimeRange)) failures.Dequeue();
        IsExceeded |= failures.Count > Policy.MaxFailures;
        while (failures.Count > Policy.MaxFailures + 1) failures.Dequeue();
    }

    /// <summary>It is taken back whatever its budget.</summary>
    public void Exceed() => IsExceeded = true;

    /// <summary>An event of an agent was put aside.</summary>
    public void NoteQuarantined(int agent, long input)
    {
        Changed.Add(agent);
        if (!Quarantined.TryGetValue(agent, out var inputs)) Quarantined[agent] = inputs = [];
        inputs.Add(input);
    }

    /// <summary>An agent does not get an event that was to be handled by it.</summary>
    public void NoteMissed(int agent, long offset)
    {
        if (missed == MostMissed)
        {
            Stopped.Remove(agent);
            return;
        }
        if (!Missed.TryGetValue(agent, out var offsets)) Missed[agent] = offsets = [];
        if (offsets.Add(offset)) missed++;
    }

    /// <summary>A timer of an agent is gone.</summary>
    public void NoteLost(TimerRecord timer)
    {
        if (timer.Offset >= since) return;
        if (!Lost.TryGetValue(timer.Agent, out var timers)) Lost[timer.Agent] = timers = [];
        timers.Add(timer);
    }

    /// <summary>An agent emitted an event.</summary>
    public void NoteEmitted(long offset)
    {
        EmittedCount++;
        if (emitted.Count < RewindPlan.MaxListed) emitted.Add(offset);
    }

    /// <summary>Agents that were watched at the change have other names.</summary>
    public void Rename(IReadOnlyDictionary<string, string> names)
    {
        foreach (var watched in Watched.Values)
            for (var i = 0; i < watched.Count; i++) watched[i] = names.GetValueOrDefault(watched[i], watched[i]);
    }

    /// <summary>Takes over until when it is watched, and on whom it is tried.</summary>
    internal void RestoreShare(long untilNs, KeyShare? share, MoveRequest state)
    {
        (UntilNs, Share, State) = (untilNs, share, state);
        Policy = Policy with { ShareBasisPoints = share?.BasisPoints ?? KeyShare.All };
    }

    /// <summary>Takes over what was counted.</summary>
    internal void Restore(bool isExceeded, IEnumerable<long> failed, long emittedCount, IEnumerable<long> firstEmitted)
    {
        (IsExceeded, EmittedCount, missed) = (isExceeded, emittedCount, Missed.Values.Sum(offsets => (long)offsets.Count));
        foreach (var at in failed) failures.Enqueue(at);
        emitted.AddRange(firstEmitted);
    }

    /// <summary>When the failures were that count.</summary>
    internal IEnumerable<long> Failures => failures;
}
