using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>Every successful turn of every life does the same when it is run again, and what an agent is in the end is what a replay from turn 0 makes.</summary>
internal sealed class StateChecker : Checker
{
    public override string Promise => "state equals replay";

    public override void Check(History history)
    {
        foreach (var life in Replays.Of(history))
        {
            var name = life.Birth.Name;
            foreach (var (recorded, again) in life.Turns)
            {
                Require(again is { Fault: null } && again.Digest == recorded.Digest, $"the turn of '{name}' at {recorded.Input} did not repeat itself: {again?.Fault?.Message ?? "another digest"}.");
                Require(recorded.Hash is null || recorded.Hash == again!.Hash, $"the state of '{name}' after {recorded.Input} hashes to {again!.Hash}, recorded is {recorded.Hash}.");
            }
            name = history.Mesh.Shard.Agent(life.Birth.Agent)!.Name;
            if (history.Mesh.Status(name) is not { State: not AgentState.Stopped } status || status.Incarnation != life.Birth.Incarnation) continue;
            Require(life.State == history.Mesh.Awaken(name).Hash(), $"the state of '{name}' is not that of a replay of its {life.Turns.Count} turns.");
        }
        CheckReplaced(history);
        CheckRewound(history);
    }

    /// <summary>The first state that is hashed after an agent got another module is that of a replay: whoever was made ready for it had all that came before.</summary>
    private void CheckReplaced(History history)
    {
        var hashed = history.Turns.Where(t => t is { Fault: null, Hash: not null }).ToLookup(t => (t.Agent, t.Incarnation));
        foreach (var life in history.Records.OfType<AgentRecord>().Where(r => r.Change == AgentChange.Replaced))
        {
            if (hashed[(life.Agent, life.Incarnation)].FirstOrDefault() is not { } turn || history.IsUndone(turn.Offset)) continue;
            Require(HashOf(history, turn) == turn.Hash, $"the state of '{life.Name}' after {turn.Input}, in the life that began with another module at {life.Offset}, is not that of a replay of its turns.");
        }
    }

    /// <summary>The state after a turn as a replay makes it; null where one of its turns does something else now.</summary>
    private static StateHash? HashOf(History history, TurnRecord turn)
    {
        try
        {
            using var replayed = history.Mesh.Replayed(turn);
            return replayed.Hash();
        }
        catch (ReplayDivergedException)
        {
            return null;
        }
    }

    /// <summary>The life of an agent that was rewound is made of turns of earlier lives too.</summary>
    private void CheckRewound(History history)
    {
        var rewound = history.Records.OfType<LineageRecord>().Select(r => r.Agent).ToHashSet();
        foreach (var agent in history.Mesh.Shard.Agents.Where(a => rewound.Contains(a.Number) && a.State != AgentState.Stopped).ToList())
        {
            if (history.Mesh.AwakenIfItMoves(agent.Name)?.Hash() is not { } now) continue; // one that slept moves its state when it wakes, if it got another module
            using var replayed = history.Mesh.Replayed(history.Mesh.Status(agent.Name));
            Require(replayed.Hash() == now, $"the state of '{agent.Name}', which was rewound, is not that of a replay of the {replayed.Turns} turns that it is made of.");
        }
    }
}
