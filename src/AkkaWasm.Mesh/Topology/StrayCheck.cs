using System.Collections.Immutable;
using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Topology;

/// <summary>Looks at agents that run an older version than their definition says, when that changes.</summary>
internal static class StrayCheck
{
    /// <returns>How those of definitions that change for guests get there.</returns>
    public static ImmutableArray<StrayMove> Check(List<TopologyProblem> problems, MeshTopology running, MeshOccupants occupants, MeshTopology target, MoveChooser? chooser,
        IReadOnlyCollection<string> goBack)
    {
        if (occupants.Strays.IsEmpty) return [];
        var (known, next) = (ByName(running), ByName(target));
        var moves = ImmutableArray.CreateBuilder<StrayMove>();
        foreach (var stray in occupants.Strays)
        {
            if (goBack.Contains(stray.Definition) || !known.TryGetValue(stray.Definition, out var was) || !next.TryGetValue(stray.Definition, out var wanted)) continue;
            var (before, after) = (was.Of(stray.Agent), wanted.Of(stray.Agent));
            if (SeesTheSame(before, after)) continue;
            if (SeesTheSame(stray.RunsAs, after)) moves.Add(new StrayMove(stray.Agent, stray.Definition, null));
            else if (chooser is not null && chooser.Choose(stray.RunsAs, after) is var (move, problem) && problem is null) moves.Add(new StrayMove(stray.Agent, stray.Definition, move));
            else problems.Add(new($"agents.{stray.Definition}.module", $"The agent '{stray.Agent}' runs an older version since {stray.Since} ({Short(stray.RunsAs.ModuleHash)}), and its state cannot be moved from there; reset it first."));
        }
        return moves.ToImmutable();
    }

    /// <summary>Those that a change leaves as they are.</summary>
    public static IEnumerable<TopologyProblem> Warnings(MeshOccupants occupants, MeshTopology target, ImmutableArray<StrayMove> moved)
    {
        if (occupants.Strays.IsEmpty) yield break;
        var next = ByName(target);
        foreach (var stray in occupants.Strays)
            if (next.TryGetValue(stray.Definition, out var after) && moved.All(m => m.Agent != stray.Agent))
                yield return Warning(stray, after);
    }

    /// <summary>Those that ran another version than the topology said that was in force.</summary>
    public static IEnumerable<TopologyProblem> Warnings(MeshTopology running, ImmutableArray<StrayAgent> strays)
    {
        var known = ByName(running);
        return strays.Where(stray => known.ContainsKey(stray.Definition)).Select(stray => Warning(stray, known[stray.Definition]));
    }

    private static TopologyProblem Warning(StrayAgent stray, AgentDefinition defined) => new($"agents.{stray.Definition}",
        $"The agent '{stray.Agent}' went back to an older version at {stray.Since} and runs module {Short(stray.RunsAs.ModuleHash)} where its definition says {Short(defined.Of(stray.Agent).ModuleHash)}; "
        + $"define that module, or let it begin anew with the present one (agent reset {stray.Agent}).");

    private static bool SeesTheSame(AgentDefinition one, AgentDefinition other)
    {
        if (ReferenceEquals(one, other)) return true;
        var (a, b) = (new ByteWriter(256), new ByteWriter(256));
        TopologyCodec.WriteSeen(a, one);
        TopologyCodec.WriteSeen(b, other);
        return a.Written.SequenceEqual(b.Written);
    }

    private static Dictionary<string, AgentDefinition> ByName(MeshTopology topology) => topology.Agents.ToDictionary(a => a.Name, StringComparer.Ordinal);

    private static string Short(string hash) => hash[..Math.Min(12, hash.Length)];
}
