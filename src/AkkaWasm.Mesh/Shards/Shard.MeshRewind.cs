using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// The whole mesh goes back to a cut of its log: a new epoch in which every agent goes on from the state that it had, with what waited for it, its
/// timers and its quarantine. What came since stays in the log and counts no more. The topology stays as it is.
/// </content>
public sealed partial class Shard
{
    /// <summary>Says what <see cref="RewindMesh"/> would do; nothing changes.</summary>
    /// <param name="cut">The shard as it was at the cut.</param>
    public MeshRewindOutlook LookAtRewind(ShardCut cut)
    {
        var then = cut.State;
        var steps = state.Agents.Select(now =>
        {
            var was = now.Number < then.Agents.Count ? then.Agents[now.Number] : null;
            var action = ActionOf(now, was);
            var goesBack = action == MeshRewindAction.Rewound;
            return new MeshRewindStep(now.Name, action, now.Incarnation, now.LastInput, goesBack ? was!.LastInput : Position.None, now.Turns - (was?.Turns ?? 0),
                goesBack || action == MeshRewindAction.Reset ? was?.Pending.Count ?? 0 : 0, action == MeshRewindAction.Unborn ? 0 : was?.Quarantine.Count ?? 0);
        });
        return new MeshRewindOutlook(then.NextOffset - 1, [.. steps], TimersOf(then).Length, state.NextOffset - then.NextOffset);
    }

    /// <summary>Takes the mesh back to a cut.</summary>
    /// <param name="cut">The shard as it was at the cut.</param>
    /// <param name="sources">Whether the sources are read again from where they were, and what was published since is forgotten, so that it is taken again.</param>
    /// <param name="ticket">Comes back in an <see cref="AnswerOperator"/> when that is committed.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    public void RewindMesh(ShardCut cut, bool sources, object ticket, long now)
    {
        Advance(now);
        if (CannotRewindTo(cut) is { } problem)
        {
            effects.Add(new AnswerOperator(ticket, problem));
            return;
        }
        var then = cut.State;
        var actions = state.Agents.Select(entry => ActionOf(entry, Then(then, entry))).ToArray();
        if (open.Count > 0) closed.Enqueue(Close());
        Append(new EpochRecord(state.Epoch + 1, nowNs, options.Writer));
        foreach (var entry in state.Agents.Where(e => !e.Stopped).ToArray()) End(entry);
        Append(RecordOf(then, sources, actions));
        for (var number = 0; number < actions.Length; number++) Carry(state.Agents[number], Then(then, state.Agents[number]), actions[number]);
        foreach (var definition in state.Topology!.Agents)
            if (definition.Pool is not null && !state.Pools.ContainsKey(definition.Name)) Form(definition);
        foreach (var asked in then.AskedChanges.Values) AskAgain(asked, actions[asked.Agent]);
        Gate(new AnswerOperator(ticket, null), state.NextOffset - 1);
        foreach (var entry in state.Agents)
            if (IsToComeUp(entry)) BeginLife(entry, nowNs);
    }

    private string? CannotRewindTo(ShardCut cut)
    {
        var then = cut.State;
        if (state.Canaries.Count > 0) return $"{IsWatched(state.Canaries.Keys.First())}, and the mesh cannot go back meanwhile.";
        if (state.Pasts.Count > 0) return $"'{state.Pasts.Keys.First()}' is still brought events from before its subscription, and the mesh cannot go back meanwhile; try again when it has them.";
        if (then.Topology is null) return $"At offset {then.NextOffset - 1} the mesh had no topology yet; go back to a later position.";
        if (then.NextOffset > state.CommittedOffset + 1) return $"The log is committed up to {state.CommittedOffset} only, not to {then.NextOffset - 1}; try again.";
        foreach (var entry in then.Agents)
        {
            if (entry.Stopped) continue;
            if (entry.DueMove is not null) return $"At offset {then.NextOffset - 1} the state of agent '{entry.Name}' had yet to be moved to another definition; go back to another position.";
            (int, int)? life = entry.Tail is [.., var last] ? (last.Agent, last.Incarnation) : entry.SavedImage is { } image ? (image.Agent, image.Incarnation) : null;
            if (SeesAnother(state.Agents[entry.Number], life, DigestUnder(state.Agents[entry.Number], entry.RunsAs)) is { } another) return another;
        }
        foreach (var entry in then.Agents)
            if (entry.Tail.Count > options.MaxRewindTurns)
                return $"To take agent '{entry.Name}' back takes {entry.Tail.Count} turns from its last snapshot before the cut; at most {options.MaxRewindTurns} are possible (max-rewind-turns).";
        return state.Beginning.Offset == 0 ? null : IsNotInTheLog(then);
    }

    /// <summary>What the guest of an agent would see of its present definition, run as it was then.</summary>
    private ulong DigestUnder(AgentEntry entry, AgentDefinition? ranAs) =>
        state.Definition(entry.DefinitionName)?.Of(entry.Name) is { } definition ? state.DigestOf(ranAs is null ? definition : definition.SeenAs(ranAs)) : entry.SeenSince.Digest;

    /// <summary>What the agents went on from at the cut has to be there still.</summary>
    private string? IsNotInTheLog(ShardState then)
    {
        if (then.NextOffset < state.Beginning.Offset) return $"There is no state of offset {then.NextOffset - 1} any more: {Begins}.";
        foreach (var was in then.Agents)
        {
            if (ActionOf(state.Agents[was.Number], was) != MeshRewindAction.Rewound) continue;
            if (was.SavedImage is { } image && !IsKept(image))
                return $"To take agent '{was.Name}' back needs its snapshot after the event at offset {image.Input}, which is not kept any more, and the log cannot stand in for it: {Begins}; go back to a later position.";
            if (LiesBeforeTheLog($"To take agent '{was.Name}' back", was.Tail.Select(t => t.Input).Concat(was.Pending.ToArray()).Concat(was.Quarantine.Keys)) is { } problem) return problem;
        }
        return null;
    }

    private bool IsKept(LineageImage image) =>
        state.Agents[image.Agent].Images.All.Any(i => i.Incarnation == image.Incarnation && i.Input == image.Input) || state.Agents.Exists(a => a.SavedImage == image);

    private MeshRewindAction ActionOf(AgentEntry now, AgentEntry? then)
    {
        if (state.Definition(now.DefinitionName) is not { } definition) return MeshRewindAction.None;
        if (then is null)
        {
            if (now.Stopped && !now.Unborn) return MeshRewindAction.None;
            if (now.Key is not null) return MeshRewindAction.Unborn;
            return now.Name == definition.Name ? MeshRewindAction.Reset : MeshRewindAction.Stopped;
        }
        if (then.Unborn) return MeshRewindAction.Unborn;
        if (then.Stopped) return now.Stopped ? MeshRewindAction.None : MeshRewindAction.Stopped;
        return then.Init >= 0 || then.AwaitsStart ? MeshRewindAction.Reset : MeshRewindAction.Rewound;
    }

    private static AgentEntry? Then(ShardState then, AgentEntry entry) => entry.Number < then.Agents.Count ? then.Agents[entry.Number] : null;

    private MeshRewindRecord RecordOf(ShardState then, bool sources, MeshRewindAction[] actions) => new()
    {
        To = then.NextOffset - 1, Sources = sources, Timers = TimersOf(then),
        Agents = [.. then.Agents.Where(e => actions[e.Number] != MeshRewindAction.Unborn).Select(e => AsItWas(e, actions[e.Number] is MeshRewindAction.Rewound or MeshRewindAction.Reset))],
        Unborn = [.. state.Agents.Where(e => actions[e.Number] == MeshRewindAction.Unborn).Select(e => e.Number)],
        Requests = [.. then.Requests.OrderBy(r => r.Key).Select(r => (r.Key, r.Value))],
        Cursors = sources ? [.. then.Cursors.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => (c.Key, c.Value))] : [],
        Pools = [.. then.PoolMoments.Select(pool => Now(then, pool)).Where(pool => state.Definition(pool.Last.Definition)?.Pool?.Partitions == pool.Last.Owners.Length)],
        Watchers = [.. then.Watchers.Select(w => (Watched: Now(then, w.Key), w.Value.ToImmutableArray())).OrderBy(w => w.Watched, StringComparer.Ordinal)],
    };

    /// <summary>The name that an agent has now.</summary>
    private string Now(ShardState then, string agent) => then.Find(agent) is { } was ? state.NameOf(was.Number) : agent;

    private PoolMoment Now(ShardState then, PoolMoment pool) =>
        then.Agents.FirstOrDefault(a => a.DefinitionName == pool.Last.Definition) is { } member
            ? pool with { Last = pool.Last with { Definition = state.Agents[member.Number].DefinitionName } }
            : pool;

    /// <summary>Timers of agents that go back; those of others end with them.</summary>
    private ImmutableArray<TimerRecord> TimersOf(ShardState then) =>
        [.. then.Timers.All.Where(t => ActionOf(state.Agents[t.Agent], then.Agents[t.Agent]) == MeshRewindAction.Rewound)
            .Select(t => t.Topic == AgentName.Inbox(then.NameOf(t.Agent)) ? t with { Topic = AgentName.Inbox(state.NameOf(t.Agent)) } : t)];

    private void Carry(AgentEntry entry, AgentEntry? then, MeshRewindAction action)
    {
        switch (action)
        {
            case MeshRewindAction.Rewound:
                RunAsThen(entry, then!.RunsAs);
                Append(new AgentRecord(entry.Number, AgentChange.Rewound, entry.Name, entry.DefinitionName, entry.Key, state.NextIncarnation(entry), entry.Parent));
                Append(new LineageRecord { Agent = entry.Number, Image = then.SavedImage, Turns = [.. then.Tail], Moves = then.Moves });
                Restate(entry, then.Health?.Reported);
                AppendLifecycle(entry, AgentName.Lifecycle(entry.Name, "rewound"), LifecycleData.Agent(entry.Name, entry.Incarnation, $"with the mesh, as of offset {then.LastInput}"), null);
                break;
            case MeshRewindAction.Reset:
                BeginAgain(entry, null);
                break;
            case MeshRewindAction.Stopped or MeshRewindAction.Unborn when !entry.Stopped:
                Stop(entry, "stopped because the mesh went back to before it came to be", null, endActor: true, orphans: false);
                break;
        }
    }

    /// <summary>An agent that waits again for what was answered after the cut is answered again, as of the topology that stays.</summary>
    private void AskAgain(ChangeAskedRecord asked, MeshRewindAction action)
    {
        if (action == MeshRewindAction.Rewound && !state.AskedChanges.ContainsKey(asked.Offset)) Ask(asked with { });
    }

    /// <summary>For an agent that does not go on nothing waits; what was put aside for it stays so.</summary>
    private static RewoundAgent AsItWas(AgentEntry then, bool goesOn) => new(
        then.Number, then.Cursor, [.. then.Quarantine.Values], goesOn ? [.. then.Pending.ToArray()] : [], goesOn ? [.. then.FiredTimers.All.Select(f => (f.Key, f.Value))] : []);

    /// <summary>An agent of a family that came to be after the cut that the mesh went back to comes to be anew with its next event.</summary>
    private void BearAnew(AgentEntry entry, MeshEvent? cause)
    {
        if (entry.Unborn) BeginAgain(entry, cause);
    }
}
