using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

public sealed partial class Shard
{
    private readonly WaitingAgents waiting = new();
    private readonly HashSet<AgentEntry> starved = [];
    private bool loading;
    private int coming;

    /// <summary>What an agent is rebuilt from.</summary>
    public RebuildPlan PlanRebuild(int agent, int token)
    {
        var entry = state.Agents[agent];
        var image = entry.MemoryImage is { } kept && kept.Incarnation == entry.Incarnation ? kept : null;
        var from = image?.Input ?? entry.ImageInput;
        var skip = entry.Tail.FindIndex(t => t.Input == from) + 1;
        ImmutableArray<LineageTurn> inputs = [.. entry.Tail.Skip(skip)];
        return new RebuildPlan(entry.Info, token, image, image is null ? entry.SavedImage : null, inputs)
        {
            Compact = IsToBeCompacted(entry), Due = entry.DueMove,
            // moves before the image are in it
            Moves = entry.Moves.IsEmpty ? [] : [.. entry.Moves.Where(m => m.Input == entry.Init || inputs.Any(t => t.Input == m.Input))],
            OlderImages = image is null && entry.SavedImage is { } saved ? OlderImages(saved) : [],
        };
    }

    /// <summary>Says that the actor of an agent has its guest rebuilt.</summary>
    /// <param name="agent">Number of the agent.</param>
    /// <param name="token">The life that began.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <param name="unusableImage">Why an image could not be used, one sentence; then it was rebuilt from an older one, or its first turn, and the mesh says so on <c>mesh.agent.NAME.image-refused</c>.</param>
    public void AgentReady(int agent, int token, long now, string? unusableImage = null)
    {
        Advance(now);
        var entry = state.Agents[agent];
        if (entry.Token != token || entry.Phase != AgentPhase.Starting) return;
        SetPhase(entry, AgentPhase.Running);
        ProbeRoom();
        if (unusableImage is not null) AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "image-refused"), LifecycleData.Agent(entry.Name, entry.Incarnation, unusableImage), null);
        entry.RebuildFailures = 0;
        if (entry.HealPending)
        {
            Append(new HealedRecord(agent));
            var healed = About(entry, AgentName.Lifecycle(entry.Name, "healed"), LifecycleData.Agent(entry.Name, entry.Incarnation), EventOrigin.Lifecycle);
            AppendEvent(healed with { Cause = entry.HealCause.Input, Depth = entry.HealCause.Depth });
        }
        if (!entry.HasWork) TouchHeld(entry.DefinitionName); // it has nothing more to be tried with: others of its family are
        state.Touch(entry);
    }

    /// <summary>
    /// Says that a guest could not be rebuilt. It is tried again after a back-off, up to the policy's retries for faults of the host; then the agent is
    /// stopped. Where the host had no memory for it, others are put to sleep, and it is tried again for as long as it takes.
    /// </summary>
    public void AgentUnavailable(int agent, int token, GuestFault fault, long now)
    {
        Advance(now);
        var entry = state.Agents[agent];
        if (entry.Token != token || entry.Stopped) return;
        var policy = Policies.Of(state.Topology!, entry.Definition.Group);
        if (++entry.RebuildFailures > policy.HostFaultRetries && fault.Code != GuestFault.HostOutOfMemory)
        {
            Stop(entry, $"stopped because it could not be rebuilt: {fault.Message}", null, endActor: true);
            return;
        }
        if (fault.Code == GuestFault.HostOutOfMemory && WaitsForRoom(entry)) return;
        BeginLife(entry, nowNs + HealingLadder.BackoffNs(policy, entry.RebuildFailures, new TurnRandom((ulong)state.NextOffset)));
    }

    /// <summary>
    /// Notes an image that an agent's actor made, newer than the saved one or to be put in its place. It serves healing at once and is to be saved when
    /// the log is safe up to it.
    /// </summary>
    public void ImageTaken(int agent, int token, AgentImage image)
    {
        var entry = state.Agents[agent];
        if (entry.DueMove is not null) return; // it is still the state of the life before
        if (entry.Token != token || entry.Incarnation != image.Incarnation || entry.Stopped || !(IsInTail(entry, image) || image.Input == entry.ImageInput)) return;
        entry.MemoryImage = image;
        Gate(new SaveImage(agent, image), state.NextOffset - 1);
    }

    /// <summary>Says that an image is durable.</summary>
    public void ImageSaved(int agent, AgentImage image, long now)
    {
        Advance(now);
        var entry = state.Agents[agent];
        if (entry.Incarnation != image.Incarnation || entry.Stopped) return;
        if (IsInTail(entry, image)) Append(new ImageRecord(agent, image.Incarnation, image.Input, image.Hash));
        if (entry.Phase == AgentPhase.Asleep && entry.ImageInput == image.Input && entry.MemoryImage?.Input == image.Input) entry.MemoryImage = null;
    }

    /// <summary>Whether an image is newer than the saved one: the turns since that one are the tail.</summary>
    private static bool IsInTail(AgentEntry entry, AgentImage image) => entry.Tail.Exists(t => t.Input == image.Input);

    /// <summary>Wakes an agent that sleeps, so that its state can be looked at.</summary>
    public void Wake(string agent)
    {
        if (state.Find(agent) is { Stopped: false, Phase: AgentPhase.Asleep } entry) BeginLife(entry);
    }

    /// <summary>Gives the events of a stretch of the log that was asked for with <see cref="LoadEvents"/>; it may end earlier than was asked.</summary>
    /// <param name="from">First offset of the stretch.</param>
    /// <param name="to">Last offset of the stretch.</param>
    /// <param name="events">All events in it, in order.</param>
    public void EventsLoaded(long from, long to, IReadOnlyList<MeshEvent> events)
    {
        loading = false;
        state.Window.AddLoaded(from, to, events);
        foreach (var entry in starved) state.Touch(entry);
        starved.Clear();
    }

    /// <summary>Hands out what is waiting to all agents that got something to do.</summary>
    private void Pump()
    {
        for (var i = 0; i < state.Touched.Count; i++)
        {
            var entry = state.Touched[i];
            entry.Dirty = false;
            if (entry.Stopped || recovering) continue;
            Notice(entry);
            if (entry.Phase == AgentPhase.Running)
            {
                var held = entry.HasWork && IsHeld(entry);
                if (!held) Deliver(entry);
                awake.Use(entry, held);
            }
            else if (entry.Phase == AgentPhase.Asleep && entry is { HasWork: true, Paused: false } && !IsHeld(entry)) BeginLife(entry);
        }
        state.Touched.Clear();
        ReadOn();
        if (!recovering) MakeRoom();
    }

    /// <summary>Whether an agent that has something to do gets nothing for now.</summary>
    private bool IsHeld(AgentEntry entry) => IsHeldByCircuit(entry) || state.IsHeldByPool(entry) || state.IsHeldByPast(entry);

    private void Deliver(AgentEntry entry)
    {
        if (entry.Paused || entry.IsPreparing || IsHeldBack(entry)) return;
        if (state.NextOffset - 1 - state.CommittedOffset > options.MaxUncommitted)
        {
            starved.Add(entry);
            return;
        }
        if (entry.Init >= 0)
        {
            if (entry.InFlight.Count == 0 && Take(entry, entry.Init) is { } first) Send(entry, [first]);
            return;
        }
        if (entry.InFlight.Count > options.MailboxWindow / 2) return;
        var batch = ImmutableArray.CreateBuilder<MeshEvent>();
        var given = entry.InFlight.Count;
        var window = Math.Min(WindowOf(entry), entry.Pending.Count);
        var pool = state.PoolOf(entry);
        var readThrough = state.PastOf(entry)?.ReadThrough ?? long.MaxValue;
        while (given + batch.Count < window)
        {
            var next = entry.Pending[given + batch.Count];
            if (next > readThrough || (pool is not null && state.Holds(pool, next))) break;
            if (Take(entry, next) is not { } e) break;
            batch.Add(e);
        }
        if (batch.Count > 0) Send(entry, batch.ToImmutable());
    }

    private MeshEvent? Take(AgentEntry entry, long offset)
    {
        var found = state.Window.Take(offset);
        if (found is null) Load(entry, offset);
        return found;
    }

    private void Send(AgentEntry entry, ImmutableArray<MeshEvent> batch)
    {
        foreach (var e in batch) entry.InFlight.Enqueue(e);
        effects.Add(new DeliverEvents(entry.Number, entry.Token, batch));
    }

    /// <summary>Asks for a stretch that is not in memory; all of it is committed, because nothing else leaves memory.</summary>
    private void Load(AgentEntry entry, long offset)
    {
        if (offset >= state.Window.CompleteFrom) throw new InvalidOperationException($"The event at {offset}, which waits for agent '{entry.Name}', is not in the log.");
        starved.Add(entry);
        if (loading) return;
        loading = true;
        effects.Add(new LoadEvents(offset, Math.Min(offset + LogWindow.LoadedStretch, state.Window.CompleteFrom) - 1));
    }

    /// <summary>Begins a new life of an agent's actor, not before its back-off is over; whatever the old one still says is dropped.</summary>
    private void BeginLife(AgentEntry entry) => BeginLife(entry, entry.NotBeforeNs);

    private void BeginLife(AgentEntry entry, long notBeforeNs)
    {
        if (IsGoingBack(entry)) return;
        entry.Token++;
        entry.InFlight.Clear();
        if (notBeforeNs > nowNs)
        {
            SetPhase(entry, AgentPhase.Waiting);
            waiting.Add(entry.Number, notBeforeNs);
        }
        else BeginRebuild(entry);
    }

    /// <summary>An agent that has its room already keeps it; another one waits behind those that wait.</summary>
    private void BeginRebuild(AgentEntry entry)
    {
        waiting.Remove(entry.Number);
        if (WantsRewind(entry))
        {
            PlanRewind(entry);
            return;
        }
        var hasRoom = entry.Phase is AgentPhase.Starting or AgentPhase.Running || (awake.Queued == 0 && awake.Count < Room);
        if (hasRoom) Start(entry);
        else if (entry.Phase != AgentPhase.Queued) SetPhase(entry, AgentPhase.Queued);
    }

    private void Start(AgentEntry entry)
    {
        SetPhase(entry, AgentPhase.Starting);
        effects.Add(new RebuildAgent(entry.Number, entry.Token));
    }

    private void End(AgentEntry entry)
    {
        if (entry.Phase != AgentPhase.Asleep) effects.Add(new EndAgent(entry.Number, entry.Token));
        Forget(entry);
    }

    private void Forget(AgentEntry entry)
    {
        waiting.Remove(entry.Number);
        starved.Remove(entry);
        entry.Token++;
        SetPhase(entry, AgentPhase.Asleep);
        ForgetUse(entry);
        entry.Rest();
    }

    private void SetPhase(AgentEntry entry, AgentPhase phase)
    {
        coming += (IsComing(phase) ? 1 : 0) - (IsComing(entry.Phase) ? 1 : 0);
        awake.Move(entry, phase);
        entry.Phase = phase;

        static bool IsComing(AgentPhase phase) => phase is AgentPhase.Waiting or AgentPhase.Queued or AgentPhase.Planning or AgentPhase.Starting;
    }
}
