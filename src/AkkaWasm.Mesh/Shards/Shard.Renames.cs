using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Definitions get other names while the mesh runs. Each of their agents begins a new life under its new name, which goes on from the state that it has, and makes no turn for
/// that; the ids of what it emits derive from the name, so that none of them is as one of the life before.
/// </content>
public sealed partial class Shard
{
    /// <summary>How often agents were renamed since this shard was made; where that differs from what it was, <see cref="NamesOf"/> may say more.</summary>
    public int Renames => state.RenamesSoFar;

    /// <summary>The names of an agent by its number: the one that it has, and those before. Null if there is none.</summary>
    public NamesOfAgent? NamesOf(int agent) => agent >= 0 && agent < state.Agents.Count ? state.Agents[agent].Names : null;

    /// <summary>A topology of old as what the mesh is to become again: definitions and groups that were renamed since get their names of then back, with all that is their own now.</summary>
    /// <param name="cut">The shard as it was when that topology was in force.</param>
    /// <exception cref="InvalidOperationException">There was none.</exception>
    public MeshTopology BackTo(ShardCut cut)
    {
        var then = cut.Topology ?? throw new InvalidOperationException("There was no topology yet.");
        var now = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var was in cut.State.Agents)
            if (state.Agents[was.Number].DefinitionName is var name && name != was.DefinitionName) now[was.DefinitionName] = name;
        return then with
        {
            Agents = [.. then.Agents.Select(a => now.TryGetValue(a.Name, out var name) ? a with { RenamedFrom = name } : a)],
            Groups = [.. then.Groups.Select(g => state.Topology!.Groups.FirstOrDefault(other => other.RenamedFrom == g.Name && then.Groups.All(known => known.Name != other.Name)) is { } renamed
                ? g with { RenamedFrom = renamed.Name }
                : g)],
        };
    }

    /// <summary>What stands against other names.</summary>
    private IEnumerable<TopologyProblem> ProblemsOfRenames(TopologyDelta delta, CanaryPolicy? canary)
    {
        foreach (var rename in delta.Renamed)
        {
            var path = $"agents.{rename.To}.renamed-from";
            if (canary is not null) yield return new(path, $"'{rename.From}' gets another name, and a change that does that cannot be watched; make it a change by itself.");
            var longest = state.Agents.Of(rename.From).Select(a => AgentRenames.NameOf(a.Name, rename)).MaxBy(name => name.Length);
            if (longest?.Length > AgentDefinition.MaxNameLength)
                yield return new(path, $"'{longest}' would be longer than {AgentDefinition.MaxNameLength} characters; choose a shorter name for '{rename.From}'.");
        }
    }

    private HashSet<AgentEntry> RenamedIn(TopologyDelta delta)
    {
        if (delta.Renamed.IsEmpty) return [];
        return [.. state.Agents.Of(delta.Renamed.Select(r => r.From))];
    }

    /// <summary>Begins the lives under the new names, which are in force already; what is told of it comes when all have them.</summary>
    private void GoOnRenamed(IEnumerable<AgentEntry> renamed, ImmutableArray<AgentRename> renames)
    {
        foreach (var (from, to) in renames)
        {
            ShardState.Rekey(heldByCircuit, from, to);
            ShardState.Rekey(probing, from, to);
        }
        var untold = new List<AgentEntry>();
        foreach (var entry in renamed.OrderBy(entry => entry.Number))
            if (!BeginRenamed(entry)) untold.Add(entry);
        foreach (var entry in untold) TellOfName(entry);
    }

    /// <returns>Whether there is nothing more to be told of it.</returns>
    private bool BeginRenamed(AgentEntry entry)
    {
        var (image, tail, moves, due) = (entry.SavedImage, entry.Tail.ToImmutableArray(), entry.Moves, entry.DueMove);
        var hasState = image is not null || !tail.IsEmpty;
        if (!entry.Stopped && (!hasState || (entry.Init >= 0 && due is null)))
        {
            BeginAgain(entry, changeCause);
            return true;
        }
        Append(new AgentRecord(entry.Number, AgentChange.Renamed, entry.Name, entry.DefinitionName, entry.Key, state.NextIncarnation(entry), entry.Parent));
        if (!hasState) return true;
        if (due is not null) moves = [.. moves[..^1], due with { Input = state.NextOffset + 1 }];
        Append(new LineageRecord { Agent = entry.Number, Image = image, Turns = tail, Moves = moves });
        if (due is not null) TellOfName(entry);
        return due is not null || entry.Stopped;
    }

    private void TellOfName(AgentEntry entry)
    {
        var what = entry.IsFork ? $"its definition is '{entry.DefinitionName}' now" : $"from '{entry.Names.Former[^1].Name}'";
        AppendEvent(About(entry, AgentName.Lifecycle(entry.Name, "renamed"), LifecycleData.Agent(entry.Name, entry.Incarnation, what), EventOrigin.Lifecycle) with
        {
            Cause = changeCause?.Offset ?? Position.None, Depth = changeCause is null ? 0 : DeeperThan(changeCause), TraceParent = changeCause?.TraceParent,
        });
    }
}
