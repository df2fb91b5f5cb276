using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Turns;

/// <summary>A turn to be run again: its event and the digest that its outputs had.</summary>
/// <param name="Input">The event.</param>
/// <param name="Digest">Digest of the recorded turn.</param>
public readonly record struct RecordedTurn(MeshEvent Input, ulong Digest)
{
    /// <summary>The life that it was recorded in and is repeated as, where that is another than the one that is rebuilt; otherwise null.</summary>
    public AgentIdentity? As { get; init; }

    /// <summary>How it moves the state to the definition of the life that it is of; null for a turn that handles the event.</summary>
    public LineageMove? Move { get; init; }

    /// <summary>Whether what it does is not compared, because another module handles the event than the one that was recorded.</summary>
    public bool IsFree { get; init; }
}

/// <summary>A replayed turn did something else than the record says.</summary>
/// <param name="message">One sentence: which agent, at which offset, what differs.</param>
public sealed class ReplayDivergedException(string message) : Exception(message);

/// <summary>
/// Runs the turns of one life of an agent, one after the other, on a guest that it owns. Deterministic: the same image and the same
/// events lead to the same results. Used by one thread at a time.
/// </summary>
public sealed partial class AgentRunner : IDisposable
{
    private readonly AgentIdentity agent;
    private readonly EventIdentity identity;
    private readonly IGuestFactory factory;
    private AgentDefinition definition;
    private GcHeapWatch heap;
    private readonly Queue<(long Seen, long Timer)> cancelled = [];
    private IGuest guest;
    private long seen;
    private long turnsSinceCompaction;
    private bool broken;

    private AgentRunner(AgentIdentity agent, EventIdentity identity, IGuestFactory factory, AgentDefinition definition, IGuest guest)
    {
        this.agent = agent;
        this.identity = identity;
        this.factory = factory;
        this.definition = definition;
        this.guest = guest;
        heap = WatchOf(guest, definition);
    }

    /// <summary>Who it runs.</summary>
    public AgentIdentity Agent => agent;

    /// <summary>Offset of the last event handled with success, or <see cref="Position.None"/>.</summary>
    public long LastInput { get; private set; } = Position.None;

    /// <summary>Successful turns that made the state, turn 0 included, those of lives before that it was taken over from too.</summary>
    public long Turns { get; private set; }

    /// <summary>What the guest uses.</summary>
    public GuestUsage Usage => guest.Usage;

    /// <summary>Whether <see cref="Compact"/> may find garbage: the guest has a GC heap, and turns were run on it since it was fresh.</summary>
    public bool MayHaveGarbage => turnsSinceCompaction > 0 && guest.CanCompact;

    /// <summary>Whether the guest's GC heap is so full that it is time to <see cref="Compact"/>.</summary>
    public bool IsCompactionDue => MayHaveGarbage && heap.IsDue(guest.Usage.GcHeapBytes);

    /// <summary>
    /// Makes a guest and brings it to the state after the last of the given turns; outputs of replayed turns are compared and dropped. It is compacted
    /// on the way where that is due, or a turn exhausts the GC heap.
    /// </summary>
    /// <param name="agent">Who.</param>
    /// <param name="identity">Derives ids and sources.</param>
    /// <param name="factory">Makes guests.</param>
    /// <param name="image">The image to begin from, or null for the first turn.</param>
    /// <param name="turns">The turns after it; read more than once if the GC heap is exhausted.</param>
    /// <param name="imageOf">The life that the image was taken of, where that is another than the one that is rebuilt; otherwise null.</param>
    /// <param name="begins">What the agent is defined as before the first of the turns, where that is another definition than its present one; otherwise null.</param>
    /// <param name="due">The move that its next event stands for, or null.</param>
    /// <exception cref="GuestRefusedException">The module cannot be an agent.</exception>
    /// <exception cref="HostExhaustedException">The host has no room for the guest now.</exception>
    /// <exception cref="ImageCorruptException">The image is damaged or of another agent.</exception>
    /// <exception cref="ReplayDivergedException">A turn did not repeat itself; apart from one that nobody has made yet because it is on the way to <paramref name="due"/>, which is <see cref="MoveFault"/>.</exception>
    public static AgentRunner Rebuild(AgentIdentity agent, EventIdentity identity, IGuestFactory factory, AgentImage? image, IEnumerable<RecordedTurn> turns,
        AgentIdentity? imageOf = null, AgentDefinition? begins = null, LineageMove? due = null)
    {
        var first = begins ?? agent.Definition;
        for (var compactBefore = new HashSet<long>(); ;)
        {
            var runner = new AgentRunner(agent, identity, factory, first, factory.Create(first)) { due = due };
            try
            {
                if (image is not null) runner.Restore(image, imageOf ?? agent);
                if (runner.RepeatAll(turns, compactBefore) is not { } exhausted) return runner;
                compactBefore.Add(exhausted);
                runner.Dispose();
            }
            catch
            {
                runner.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Whether an event that was handed to the agent is not to be run, because a turn since has taken the timer back: a timer on the
    /// agent's private topic; one on any other topic is an event like others. Ask for each event that the
    /// shard delivers, once and in order, before <see cref="Run"/>; one that is skipped has no turn, no record and no answer to the shard.
    /// </summary>
    public bool Skips(MeshEvent input)
    {
        seen++;
        while (cancelled.TryPeek(out var oldest) && seen - oldest.Seen > ShardOptions.MaxMailboxWindow) cancelled.Dequeue();
        if (cancelled.Count == 0 || input is not { Origin: EventOrigin.Timer, Subject: null } || input.Agent != agent.Number || !AgentName.TryInbox(input.Topic, out _, out _)) return false;
        foreach (var (_, timer) in cancelled)
            if (timer == input.Correlation) return true;
        return false;
    }

    /// <summary>Runs a turn. After a failed one the runner is used up: rebuild another.</summary>
    /// <param name="input">The event.</param>
    /// <param name="token">Handed through to the result.</param>
    public TurnResult Run(MeshEvent input, int token)
    {
        var result = RunTurn(input, agent, token, isReplay: false, hashes: true, due);
        due = null;
        foreach (var output in result.Outputs)
            if (output is TimerCancelled { Timer: var timer }) cancelled.Enqueue((seen, timer));
        return result;
    }

    /// <summary>Runs a recorded turn again, bound by no limits of today, and gives what came of it to be compared with the record.</summary>
    /// <param name="input">The event.</param>
    public TurnResult Replay(MeshEvent input)
    {
        var result = RunTurn(input, agent, 0, isReplay: true, hashes: true, due);
        due = null;
        return result;
    }

    private TurnResult RunTurn(MeshEvent input, AgentIdentity life, int token, bool isReplay, bool hashes, LineageMove? move)
    {
        ObjectDisposedException.ThrowIf(broken, this);
        var turn = new Turn(life, input, identity, isReplay);
        var fault = move is null ? Execute(turn) : MoveTo(life, move, isReplay);
        if (fault is not null)
        {
            broken = true;
            var helps = fault.Code == GuestFault.GcHeapOutOfMemory && MayHaveGarbage;
            return new TurnResult { Agent = agent.Number, Token = token, Input = input.Offset, Fault = fault, Fuel = guest.Fuel, CompactionHelps = helps };
        }
        LastInput = input.Offset;
        Turns++;
        turnsSinceCompaction++;
        return new TurnResult
        {
            Agent = agent.Number, Token = token, Input = input.Offset, Outputs = turn.Outputs, Digest = TurnResult.DigestOf(turn.Outputs),
            Fuel = guest.Fuel, Hash = hashes && Turns % agent.Definition.HashEveryTurns == 0 ? guest.Hash() : null,
        };
    }

    /// <summary>Whether it runs further turns: none failed, and it is not disposed.</summary>
    public bool IsUsable => !broken;

    /// <summary>Saves the state between turns.</summary>
    /// <returns>The image, or null where the guest cannot be saved.</returns>
    /// <exception cref="ObjectDisposedException">A turn failed: what the guest holds now is the state of no turn.</exception>
    public AgentImage? Capture()
    {
        ObjectDisposedException.ThrowIf(broken, this);
        return guest.CaptureState() is { } state ? new AgentImage(agent.Name, agent.Incarnation, LastInput, Turns, guest.Hash(), state) : null;
    }

    /// <summary>
    /// Captures the state and restores it into a fresh guest, which has no garbage: for this engine the way to collect cycles. The state, and so its
    /// hash, stays what it is. If it throws, the runner is as it was.
    /// </summary>
    /// <returns>What the GC heap had taken before and takes now, bytes.</returns>
    /// <exception cref="InvalidOperationException">The guest cannot be saved.</exception>
    /// <exception cref="HostExhaustedException">The host has no room for the second guest now.</exception>
    /// <exception cref="ObjectDisposedException">A turn failed: what the guest holds now is the state of no turn.</exception>
    public (long Before, long After) Compact()
    {
        ObjectDisposedException.ThrowIf(broken, this);
        var before = guest.Usage.GcHeapBytes;
        var state = guest.CaptureState() ?? throw new InvalidOperationException($"The guest of agent '{agent.Name}' cannot be saved, so it cannot be compacted.");
        var fresh = factory.Create(definition);
        try
        {
            fresh.RestoreState(state);
        }
        catch
        {
            fresh.Dispose();
            throw;
        }
        guest.Dispose();
        guest = fresh;
        turnsSinceCompaction = 0;
        var after = guest.Usage.GcHeapBytes;
        heap.Compacted(after);
        return (before, after);
    }

    /// <summary>Hash of the state now.</summary>
    /// <exception cref="ObjectDisposedException">A turn failed: what the guest holds now is the state of no turn.</exception>
    public StateHash Hash()
    {
        ObjectDisposedException.ThrowIf(broken, this);
        return guest.Hash();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        broken = true;
        guest.Dispose();
    }

    private static GcHeapWatch WatchOf(IGuest guest, AgentDefinition definition) =>
        new(Math.Min(definition.Limits.GcHeapBytes, guest.MaxGcHeapBytes), definition.Limits.GcCompactAt);

    private GuestFault? Execute(Turn turn)
    {
        try
        {
            return Turns == 0 ? guest.Initialize(turn) : guest.Handle(turn);
        }
        catch (GuestFaultException e)
        {
            return e.Fault;
        }
        catch (HostExhaustedException e)
        {
            return new GuestFault(FaultKind.Operating, GuestFault.HostOutOfMemory, e.Message);
        }
    }

    private void Restore(AgentImage image, AgentIdentity life)
    {
        if (image.Agent != life.Name || image.Incarnation != life.Incarnation)
            throw new ImageCorruptException($"The image is of agent '{image.Agent}', incarnation {image.Incarnation}, not of '{life.Name}', incarnation {life.Incarnation}.");
        guest.RestoreState(image.State);
        LastInput = image.Input;
        Turns = image.Turns;
    }

    /// <returns>The event whose turn needs a compaction before it, or null when all are done.</returns>
    private long? RepeatAll(IEnumerable<RecordedTurn> turns, HashSet<long> compactBefore)
    {
        foreach (var turn in turns)
        {
            if (MoveFault is not null) break;
            if (IsCompactionDue || compactBefore.Contains(turn.Input.Offset)) Compact();
            if (!TryRepeat(turn)) return turn.Input.Offset;
        }
        return null;
    }

    private bool TryRepeat(RecordedTurn recorded)
    {
        var result = RunTurn(recorded.Input, recorded.As ?? agent, 0, isReplay: true, hashes: false, recorded.Move);
        if (result.CompactionHelps) return false;
        if (result.Fault is { } fault)
        {
            var why = $"Agent '{agent.Name}' failed at {recorded.Input.Offset} when it was replayed, where it had succeeded: {fault.Message}";
            if (due is null || !(recorded.IsFree || recorded.Move is not null)) throw new ReplayDivergedException(why);
            RefuseMove(fault with { Message = why });
            return true;
        }
        if (result.Digest != recorded.Digest && !recorded.IsFree)
            throw new ReplayDivergedException($"Agent '{agent.Name}' did something else at {recorded.Input.Offset} when it was replayed: digest {result.Digest:x16}, recorded {recorded.Digest:x16}.");
        return true;
    }
}
