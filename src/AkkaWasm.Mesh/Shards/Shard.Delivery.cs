using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

public sealed partial class Shard
{
    private readonly HashSet<AgentEntry> waiting = [];
    private readonly HashSet<AgentEntry> starved = [];
    private (long From, long To)? loading;

    /// <summary>What an agent is rebuilt from.</summary>
    public RebuildPlan PlanRebuild(int agent, int token)
    {
        var entry = state.Agents[agent];
        var image = entry.MemoryImage is { } kept && kept.Incarnation == entry.Incarnation ? kept : null;
        var from = image?.Input ?? entry.ImageInput;
        var skip = entry.Tail.FindIndex(t => t.Input == from) + 1;
        return new RebuildPlan(entry.Info, token, image, image is null ? entry.ImageInput : Position.None, [.. entry.Tail.Skip(skip)]);
    }

    /// <summary>Says that the actor of an agent has its guest rebuilt.</summary>
    public void AgentReady(int agent, int token, long now)
    {
        Advance(now);
        var entry = state.Agents[agent];
        if (entry.Token != token || entry.Phase != AgentPhase.Starting) return;
        entry.Phase = AgentPhase.Running;
        entry.RebuildFailures = 0;
        if (entry.HealPending)
        {
            Append(new HealedRecord(agent));
            AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "healed"), LifecycleData.Agent(entry.Name, entry.Incarnation), null);
        }
        state.Touch(entry);
    }

    /// <summary>Says that a guest could not be rebuilt. It is tried again after a back-off, up to the policy's retries for faults of the host; then the agent is stopped.</summary>
    public void AgentUnavailable(int agent, int token, GuestFault fault, long now)
    {
        Advance(now);
        var entry = state.Agents[agent];
        if (entry.Token != token || entry.Stopped) return;
        var policy = Policies.Of(state.Topology!, entry.Definition.Group);
        if (++entry.RebuildFailures > policy.HostFaultRetries)
        {
            Stop(entry, $"stopped because it could not be rebuilt: {fault.Message}", null, endActor: true);
            return;
        }
        entry.NotBeforeNs = nowNs + HealingLadder.BackoffNs(policy, entry.RebuildFailures, new TurnRandom((ulong)state.NextOffset));
        BeginLife(entry);
    }

    /// <summary>Notes an image that an agent's actor made. It serves healing at once and is to be saved when the log is safe up to it.</summary>
    public void ImageTaken(int agent, int token, AgentImage image)
    {
        var entry = state.Agents[agent];
        if (entry.Token != token || entry.Incarnation != image.Incarnation || entry.Stopped) return;
        entry.MemoryImage = image;
        if (image.Input > entry.ImageInput) Gate(new SaveImage(agent, image), state.NextOffset - 1);
    }

    /// <summary>Says that an image is durable.</summary>
    public void ImageSaved(int agent, AgentImage image, long now)
    {
        Advance(now);
        var entry = state.Agents[agent];
        if (entry.Incarnation != image.Incarnation || image.Input <= entry.ImageInput || entry.Stopped) return;
        Append(new ImageRecord(agent, image.Incarnation, image.Input, image.Hash));
        if (entry.Phase == AgentPhase.Asleep) entry.MemoryImage = null;
    }

    /// <summary>Says that an agent had nothing to do for a while and wants to sleep.</summary>
    public void AgentIdle(int agent, int token)
    {
        var entry = state.Agents[agent];
        if (entry.Token != token || entry.Phase != AgentPhase.Running || entry.HasWork) return;
        End(entry);
        if (entry.MemoryImage?.Input == entry.ImageInput) entry.MemoryImage = null;
    }

    /// <summary>Wakes an agent that sleeps, so that its state can be looked at.</summary>
    public void Wake(string agent)
    {
        if (state.Find(agent) is { Stopped: false, Phase: AgentPhase.Asleep } entry) BeginLife(entry);
    }

    /// <summary>Gives the events of a stretch of the log that was asked for with <see cref="LoadEvents"/>.</summary>
    /// <param name="from">First offset of the stretch.</param>
    /// <param name="to">Last offset of the stretch.</param>
    /// <param name="events">All events in it, in order.</param>
    public void EventsLoaded(long from, long to, IReadOnlyList<MeshEvent> events)
    {
        loading = null;
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
            if (entry.Phase == AgentPhase.Running) Deliver(entry);
            else if (entry.Phase == AgentPhase.Asleep && entry.HasWork) BeginLife(entry);
        }
        state.Touched.Clear();
    }

    private void Deliver(AgentEntry entry)
    {
        if (state.NextOffset - 1 - state.CommittedOffset > options.MaxUncommitted)
        {
            starved.Add(entry);
            return;
        }
        if (entry.Init >= 0)
        {
            if (entry.InFlight == 0 && Take(entry, entry.Init) is { } first) Send(entry, [first]);
            return;
        }
        var missing = state.CatchUp(entry);
        if (missing >= 0) Load(entry, missing);
        var batch = ImmutableArray.CreateBuilder<MeshEvent>();
        while (entry.InFlight + batch.Count < Math.Min(options.MailboxWindow, entry.Pending.Count))
        {
            if (Take(entry, entry.Pending[entry.InFlight + batch.Count]) is not { } e) break;
            batch.Add(e);
        }
        if (batch.Count > 0) Send(entry, batch.ToImmutable());
    }

    private MeshEvent? Take(AgentEntry entry, long offset)
    {
        var found = state.Window.Find(offset);
        if (found is null) Load(entry, offset);
        return found;
    }

    private void Send(AgentEntry entry, ImmutableArray<MeshEvent> batch)
    {
        entry.InFlight += batch.Length;
        effects.Add(new DeliverEvents(entry.Number, entry.Token, batch));
    }

    private void Load(AgentEntry entry, long offset)
    {
        starved.Add(entry);
        if (loading is not null) return;
        loading = (offset, offset + LogWindow.LoadedStretch - 1);
        effects.Add(new LoadEvents(loading.Value.From, Math.Min(loading.Value.To, state.NextOffset - 1)));
    }

    /// <summary>Begins a new life of an agent's actor; whatever the old one still says is dropped.</summary>
    private void BeginLife(AgentEntry entry)
    {
        entry.Token++;
        entry.InFlight = 0;
        entry.Phase = AgentPhase.Waiting;
        if (entry.NotBeforeNs > nowNs) waiting.Add(entry);
        else BeginRebuild(entry);
    }

    private void BeginRebuild(AgentEntry entry)
    {
        waiting.Remove(entry);
        entry.Phase = AgentPhase.Starting;
        effects.Add(new RebuildAgent(entry.Number, entry.Token));
    }

    private void End(AgentEntry entry)
    {
        if (entry.Phase != AgentPhase.Asleep) effects.Add(new EndAgent(entry.Number, entry.Token));
        Forget(entry);
    }

    private void Forget(AgentEntry entry)
    {
        waiting.Remove(entry);
        starved.Remove(entry);
        entry.Token++;
        entry.InFlight = 0;
        entry.Phase = AgentPhase.Asleep;
    }
}
