using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>Judges a history. Each checker knows one promise of the mesh and looks at records, not at how the shard keeps it.</summary>
internal static class AllCheckers
{
    public static readonly (string Name, Action<History> Check)[] All =
    [
        ("acknowledged events are in the log, once", AcknowledgedEventsAreThere),
        ("ids are unique", IdsAreUnique),
        ("agents handle what is theirs, in order", h => new DeliveryChecker(h).Check()),
        ("states are those of a replay from turn 0", StatesAreThoseOfAReplay),
        ("failed events are handled or in quarantine", FailedEventsAreHandledOrPutAside),
        ("budgets are respected", BudgetsAreRespected),
        ("a recovered shard knows what the live one knows", RecoveryGivesTheSame),
    ];

    public static void CheckAll(History history)
    {
        foreach (var (_, check) in All) check(history);
    }

    public static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new SimulationException(otherwise);
    }

    private static void AcknowledgedEventsAreThere(History h)
    {
        var byId = h.Events.Where(e => e.Origin == EventOrigin.External).ToLookup(e => e.Id!);
        foreach (var (id, offset) in h.Acknowledged)
            Require(byId[id].Select(e => e.Offset).SequenceEqual([offset]), $"The event '{id}' was acknowledged at {offset}; the log has it at [{string.Join(", ", byId[id].Select(e => e.Offset))}].");
    }

    private static void IdsAreUnique(History h)
    {
        foreach (var twins in h.Events.GroupBy(e => (h.Mesh.Shard.Identity.SourceOf(e), h.Mesh.Shard.Identity.IdOf(e))))
            Require(twins.Count() == 1, $"The events at {string.Join(", ", twins.Select(e => e.Offset))} have the same id.");
    }

    private static void StatesAreThoseOfAReplay(History h)
    {
        var events = h.Events.ToDictionary(e => e.Offset);
        var turns = h.Turns.Where(t => t.Fault is null).ToLookup(t => t.Agent);
        var statuses = h.Mesh.Shard.Agents.Where(a => a.State != AgentState.Stopped).ToArray();
        foreach (var status in statuses)
        {
            var info = h.Mesh.Shard.Agent(status.Number)!;
            var identity = new AgentIdentity(info.Number, info.Name, info.Incarnation, info.Definition, n => h.Mesh.Shard.Agent(n)!.Name);
            using var runner = AgentRunner.Rebuild(identity, h.Mesh.Shard.Identity, h.Mesh.Guests, null, []);
            foreach (var turn in turns[status.Number].Where(t => t.Incarnation == status.Incarnation))
            {
                var result = runner.Replay(events[turn.Input]);
                Require(result.Fault is null && result.Digest == turn.Digest, $"The turn of '{status.Name}' at {turn.Input} did not repeat itself: {result.Fault?.Message ?? "another digest"}.");
                Require(turn.Hash is null || turn.Hash == result.Hash, $"The state of '{status.Name}' after {turn.Input} hashes to {result.Hash}, recorded is {turn.Hash}.");
            }
            h.Mesh.Memory(status.Name);
            Require(runner.Hash() == h.Mesh.Actors[status.Number].Runner!.Hash(), $"The state of '{status.Name}' is not that of a replay of its {runner.Turns} turns.");
        }
    }

    private static void FailedEventsAreHandledOrPutAside(History h)
    {
        var letters = h.Events.Where(e => e.Origin == EventOrigin.DeadLetter).ToLookup(e => (e.Agent, e.Cause));
        var put = h.Records.OfType<HealingRecord>().Where(r => r.Quarantine).Select(r => (r.Agent, r.Input)).ToList();
        var handled = h.Turns.Where(t => t.Fault is null).Select(t => (t.Agent, t.Input)).ToHashSet();
        var stopped = h.Records.OfType<AgentRecord>().Where(r => r.Change == AgentChange.Stopped).Select(r => r.Agent).ToHashSet();
        var started = h.Events.Where(e => e.Origin == EventOrigin.Lifecycle && e.Topic.EndsWith(".started", StringComparison.Ordinal)).Select(e => (e.Agent, e.Offset)).ToHashSet();
        var reset = h.Records.OfType<AgentRecord>().Where(r => r.Change == AgentChange.Reset).Select(r => (r.Agent, r.Incarnation)).ToHashSet();
        foreach (var turn in h.Turns.Where(t => t.Fault is not null && !(started.Contains((t.Agent, t.Input)) && reset.Contains((t.Agent, t.Incarnation + 1)))))
            Require(handled.Contains((turn.Agent, turn.Input)) || put.Contains((turn.Agent, turn.Input)) || stopped.Contains(turn.Agent),
                $"The event at {turn.Input} failed for agent {turn.Agent} and is neither handled nor in quarantine.");
        foreach (var one in put) Require(letters[one].Any(), $"The event at {one.Input} was put aside without a dead letter.");
        var taken = h.Records.OfType<QuarantineRecord>().Select(r => (r.Agent, r.Input));
        var kept = h.Mesh.Shard.Agents.SelectMany(a => h.Mesh.Shard.Quarantine(a.Name).Select(q => (a.Number, q.Input))).Order();
        Require(kept.SequenceEqual(put.Except(taken).Order()), "The quarantine is not what was put aside and not taken out.");
    }

    private static void BudgetsAreRespected(History h)
    {
        long now = 0;
        var served = new Dictionary<(int Agent, string Group, int Escalations, int Rung), List<long>>();
        foreach (var record in h.Records)
        {
            if (record is EventRecord { Event: var e }) now = e.AppendedAtNs;
            if (record is not HealingRecord { Directive: not HealingDirective.Resume } healing) continue;
            var policy = healing.Group.Length == 0 ? h.Topology.Root : h.Topology.Groups.Single(g => g.Name == healing.Group).Supervision;
            var key = (healing.Escalations == 0 ? healing.Agent : -1, healing.Group, healing.Escalations, healing.Rung);
            if (!served.TryGetValue(key, out var times)) served[key] = times = [];
            times.Add(now);
            var counted = times.Count(t => t > now - policy.WithinTimeRange.Ticks * 100);
            Require(policy.MaxNrOfRetries < 0 || healing.Rung == policy.OnFailure.Length || counted <= Math.Max(1, policy.MaxNrOfRetries),
                $"Rung {healing.Rung} of '{healing.Group}' served {counted} failures of agent {healing.Agent} up to {healing.Input}; {policy.MaxNrOfRetries} are its budget.");
        }
    }

    private static void RecoveryGivesTheSame(History h)
    {
        h.Mesh.RunToIdle().CommitAll();
        var live = h.Mesh.Shard.SaveState().ToArray();
        foreach (var start in h.Mesh.Store.States.Where((_, i) => i % 8 == 0).Prepend((Blocks: 0, State: [])))
        {
            var shard = new Shard(h.Mesh.Options);
            if (start.Blocks > 0) shard.Restore(start.State);
            foreach (var block in h.Mesh.Store.Blocks.Skip(start.Blocks)) shard.Recover(block);
            Require(live.AsSpan().SequenceEqual(shard.SaveState().Span), $"A shard that recovers from block {start.Blocks} on knows something else than the one that ran.");
        }
    }
}
