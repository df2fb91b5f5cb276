using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>The recorded turns of one life of an agent, run again from turn 0 on a guest of its own.</summary>
internal sealed class Replays : IDisposable
{
    private readonly AgentRunner runner;

    private Replays(IEnumerable<TurnRecord> turns, IReadOnlyDictionary<long, MeshEvent> events, AgentRecord birth, AgentRunner runner)
    {
        (Birth, this.runner) = (birth, runner);
        foreach (var turn in turns)
        {
            var result = events.TryGetValue(turn.Input, out var input) && runner.IsUsable ? runner.Replay(input) : null;
            Turns.Add((turn, result));
        }
    }

    /// <summary>The record that the life began with.</summary>
    public AgentRecord Birth { get; }

    /// <summary>Each recorded turn and what it did now; null where its event is not there or a turn before it failed.</summary>
    public List<(TurnRecord Recorded, TurnResult? Again)> Turns { get; } = [];

    /// <summary>The state after the last turn, or null where one failed.</summary>
    public StateHash? State => runner.IsUsable ? runner.Hash() : null;

    /// <summary>All lives that began with turn 0, in the order of the log.</summary>
    public static IEnumerable<Replays> Of(History history)
    {
        var events = history.Events.DistinctBy(e => e.Offset).ToDictionary(e => e.Offset);
        var turns = history.Turns.Where(t => t.Fault is null).ToLookup(t => (t.Agent, t.Incarnation));
        foreach (var birth in history.Records.OfType<AgentRecord>().Where(r => r.Change is AgentChange.Born or AgentChange.Reset))
        {
            var info = history.Mesh.Shard.Agent(birth.Agent)!;
            var definition = history.DefinitionOf(birth.Definition); // all versions do the same where they do not trap, and these turns did not
            var identity = new AgentIdentity(info.Number, birth.Name, birth.Incarnation, definition with { ModuleHash = definition.ModuleHash.TrimEnd('!') }, history.Mesh.NameIn);
            using var life = new Replays(turns[(birth.Agent, birth.Incarnation)], events, birth, AgentRunner.Rebuild(identity, history.Mesh.Shard.Identity, history.Mesh.Guests, null, []));
            yield return life;
        }
    }

    public void Dispose() => runner.Dispose();
}
