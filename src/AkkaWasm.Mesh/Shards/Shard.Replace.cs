using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>An agent that is awake and is to be made ready for its new definition: see <c>Shard.PrepareTopology</c>.</summary>
/// <param name="Plan">What it will be rebuilt from, should it have to be; with who it will be, and the move that is to come.</param>
/// <param name="Move">How its state is moved; its offset is not known yet.</param>
public sealed record AgentToPrepare(RebuildPlan Plan, LineageMove Move);

/// <content>
/// The definition of living agents becomes one that the guest sees as another. Each begins a new life, whose first turn moves the state that it has. Agents
/// that are awake are made ready for that before anything is recorded, and then go on at once; those that sleep move their state when they wake.
/// </content>
public sealed partial class Shard
{
    /// <summary>Agents that are being made ready, and the last event in the state that each was asked to make ready from.</summary>
    private readonly Dictionary<AgentEntry, long> preparing = [];

    /// <summary>What says how the states of modules can be moved; null where definitions that the guest sees as others are refused.</summary>
    public IGuestFactory? Guests { get; set; }

    /// <summary>
    /// Says which agents have to be made ready before a change of the topology. From now until <see cref="ApplyTopology"/> or <see cref="EndPreparation"/>
    /// they get no events; what they were given they handle before they are made ready.
    /// </summary>
    /// <param name="plan">The change.</param>
    public IReadOnlyList<AgentToPrepare> PrepareTopology(TopologyPlan plan)
    {
        EndPreparation();
        if (!plan.IsPossible || plan.Moves.IsEmpty) return [];
        var moves = new MovesByAgent(plan.Moves.Where(m => m.Way is not null));
        var next = plan.Delta.Put.ToDictionary(d => d.Name, StringComparer.Ordinal);
        var prepared = new List<AgentToPrepare>();
        foreach (var entry in state.Agents.Of(moves.Definitions))
        {
            if (entry.Stopped || entry.RunsAs is not null || entry.Phase != AgentPhase.Running || entry.Init >= 0 || moves.Of(entry) is not { } move) continue;
            entry.IsPreparing = true;
            preparing.Add(entry, entry.LastInput);
            var order = new LineageMove(long.MaxValue, move.Way!.Value, move.FromVersion, entry.Definition);
            var plans = PlanRebuild(entry.Number, entry.Token);
            prepared.Add(new AgentToPrepare(plans with
            {
                Agent = new AgentInfo(entry.Number, entry.Name, state.NextIncarnation(entry), next[entry.DefinitionName].Of(entry.Name)), Image = null, SavedImage = entry.SavedImage,
                Inputs = [.. entry.Tail], Moves = [.. entry.Moves, order], Due = order,
            }, order));
        }
        return prepared;
    }

    /// <summary>The agents that were to be made ready go on as they were.</summary>
    public void EndPreparation()
    {
        foreach (var entry in preparing.Keys)
        {
            entry.IsPreparing = false;
            state.Touch(entry);
        }
        preparing.Clear();
    }

    /// <summary>Which move is for which agent.</summary>
    private sealed class MovesByAgent(IEnumerable<PlannedMove> moves, ImmutableArray<AgentRename> renames = default)
    {
        private readonly ILookup<string, PlannedMove> byDefinition = moves.ToLookup(m => m.Agent, StringComparer.Ordinal);
        private readonly Dictionary<string, AgentRename> renamed = renames.IsDefaultOrEmpty ? [] : renames.ToDictionary(r => r.From, StringComparer.Ordinal);

        /// <summary>Whose agents are moved, by the names that definitions have until the change.</summary>
        public IEnumerable<string> Definitions => byDefinition.Select(some => renamed.Values.Where(r => r.To == some.Key).Select(r => r.From).FirstOrDefault(some.Key));

        public PlannedMove? Of(AgentEntry entry)
        {
            var (definition, name) = renamed.TryGetValue(entry.DefinitionName, out var rename) ? (rename.To, AgentRenames.NameOf(entry.Name, rename)) : (entry.DefinitionName, entry.Name);
            foreach (var move in byDefinition[definition])
                if (move.IsFor(definition, name)) return move;
            return null;
        }
    }

    /// <summary>Why the agents of a definition cannot handle all their events again.</summary>
    private string? WhyNotReplayed(string definition, AgentPart? part)
    {
        if (state.Beginning.Offset > 0) return $"that needs all events from the first on, and {Begins}";
        foreach (var entry in state.Agents.Of(definition))
            if (!entry.Stopped && entry.Turns > options.MaxRewindTurns && part?.Includes(entry.Name) != false)
                return $"agent '{entry.Name}' has made {entry.Turns} turns; at most {options.MaxRewindTurns} are possible (max-rewind-turns)";
        return null;
    }

    /// <summary>
    /// Whether an agent that is awake goes on with the guest that it has ready. One that handled its events again for that did so up to those it had handled
    /// when it was asked; if others were in flight then, it is rebuilt.
    /// </summary>
    private bool IsReady(AgentEntry entry, MoveWay? way, IReadOnlyDictionary<int, int> ready) =>
        (way != MoveWay.Replay || preparing.GetValueOrDefault(entry, Position.None) == entry.LastInput)
        && entry is { Phase: AgentPhase.Running, IsPreparing: true, InFlight.Count: 0, Init: < 0, AskedRewind: null }
        && ready.GetValueOrDefault(entry.Number, -1) == entry.Token;

    /// <summary>Begins the life of an agent under its new definition, which is in force already.</summary>
    private void Replace(AgentEntry entry, AgentDefinition before, PlannedMove planned)
    {
        var (wasDue, tail, moves) = (entry.DueMove, entry.Tail.ToList(), entry.Moves);
        if (planned.Way is not { } way || (entry.Init >= 0 && wasDue is null) || (tail.Count == 0 && entry.SavedImage is null))
        {
            BeginAgain(entry, null);
            return;
        }
        // What an agent that slept had not done yet it does on its way.
        if (wasDue is not null) tail.Add(new LineageTurn(entry.Number, entry.Incarnation, wasDue.Input, TurnResult.DigestOf([])));
        var said = entry.Health?.Reported;
        CatchUp(entry);
        Append(new AgentRecord(entry.Number, AgentChange.Replaced, entry.Name, entry.DefinitionName, entry.Key, state.NextIncarnation(entry), entry.Parent));
        var move = new LineageMove(state.NextOffset + 1, way, planned.FromVersion, before);
        Append(new LineageRecord { Agent = entry.Number, Image = entry.SavedImage, Turns = [.. tail], Moves = [.. moves, move] });
        var data = LifecycleData.Replaced(entry.Name, entry.Incarnation, before, entry.Definition, planned);
        AppendEvent(About(entry, AgentName.Lifecycle(entry.Name, "replaced"), data, EventOrigin.Lifecycle));
        Restate(entry, said);
    }
}
