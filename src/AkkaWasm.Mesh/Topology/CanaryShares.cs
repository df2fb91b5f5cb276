namespace AkkaWasm.Mesh.Topology;

/// <summary>What becomes of some agents of a definition, where not all of them are under the same version of it before and after a change.</summary>
/// <param name="Part">Which agents; null for all.</param>
/// <param name="From">What they are under before.</param>
/// <param name="To">What they are under after.</param>
internal readonly record struct PartChange(AgentPart? Part, AgentDefinition From, AgentDefinition To)
{
    public IEnumerable<TopologyField> Differences => TopologyField.Differences(From, To);

    /// <summary>Whether agents themselves are concerned, and not only what the mesh does with them.</summary>
    public bool ReachesAgents => Differences.Any(f => f.Reach is FieldReach.Actor or FieldReach.Guest);
}

/// <summary>Versions that are tried on a share of a family's agents before the rest get them.</summary>
internal static class CanaryShares
{
    /// <summary>What concerns a family as a whole, and so must be the same in both versions.</summary>
    private static readonly HashSet<string> OfTheFamily = new(StringComparer.Ordinal) { "key", "group", "subscribe", "circuit", "max-keys" };

    /// <summary>What a change of a definition means for which of its agents.</summary>
    public static IReadOnlyList<PartChange> Parts(AgentDefinition before, AgentDefinition after) => (before.Canary ?? after.Canary)?.Share is not { } share
        ? [new PartChange(null, before, after)]
        :
        [
            new PartChange(new AgentPart(share, false), before.Canary?.Definition ?? before, after.Canary?.Definition ?? after),
            new PartChange(new AgentPart(share, true), before, after),
        ];

    /// <summary>
    /// A topology that somebody wants, as it follows on the running one: a version that is tried already goes on being tried, and what was tried in a
    /// topology of old is none that is tried now.
    /// </summary>
    /// <param name="target">What is wanted.</param>
    /// <param name="running">The topology in force, or null for none.</param>
    /// <param name="isWatched">Whether a definition is watched.</param>
    public static MeshTopology Follow(MeshTopology target, MeshTopology? running, Func<string, bool> isWatched)
    {
        var tried = running?.Agents.Where(a => a.Canary is not null).ToDictionary(a => a.Name, StringComparer.Ordinal) ?? [];
        if (tried.Count == 0 && target.Agents.All(a => a.Canary is null)) return target;
        return target with { Agents = [.. target.Agents.Select(Followed)] };

        AgentDefinition Followed(AgentDefinition wanted)
        {
            if (tried.GetValueOrDefault(wanted.Name) is not { } known) return wanted.WithoutCanary();
            if (ReferenceEquals(known, wanted) || Codecs.TopologyCodec.AreSame(known, wanted)) return known;
            wanted = wanted.WithoutCanary();
            return isWatched(known.Name) && Codecs.TopologyCodec.AreSame(known.Canary!.Definition, wanted) ? known : wanted;
        }
    }

    /// <summary>Lets families get another version on a share of their agents alone.</summary>
    /// <param name="target">What is wanted.</param>
    /// <param name="running">The topology in force.</param>
    /// <param name="share">The share.</param>
    /// <param name="problems">Gets why it cannot be.</param>
    /// <param name="warnings">Gets what takes the whole because a share of it is nothing.</param>
    public static MeshTopology Divide(MeshTopology target, MeshTopology running, KeyShare share, List<TopologyProblem> problems, List<TopologyProblem> warnings)
    {
        var known = running.Agents.ToDictionary(a => a.Name, StringComparer.Ordinal);
        return target with { Agents = [.. target.Agents.Select(wanted => known.TryGetValue(wanted.Name, out var was) && !ReferenceEquals(was, wanted) ? Divided(was, wanted) : wanted)] };

        AgentDefinition Divided(AgentDefinition was, AgentDefinition wanted)
        {
            var path = $"agents.{wanted.Name}";
            if (Parts(was, wanted).All(part => !part.ReachesAgents)) return wanted;
            if (was.Key is null || wanted.Key is null)
            {
                warnings.Add(new(path, $"'{wanted.Name}' is {(wanted.Pool is null ? "one agent" : "a pool")}, of which there is no share by keys; it gets its new version as a whole."));
                return wanted;
            }
            if (was.Canary is not null)
            {
                problems.Add(new(path, $"A share of '{wanted.Name}' is under another version already, which could not be taken back; change it without a share first."));
                return wanted;
            }
            string[] whole = [.. TopologyField.Differences(was, wanted).Where(f => OfTheFamily.Contains(f.Name)).Select(f => f.Name)];
            if (whole.Length == 0) return was with { Canary = new CanaryDefinition(share, wanted) };
            problems.Add(new(path, $"The new version of '{wanted.Name}' has another {string.Join(" and another ", whole)}, which concerns the family as a whole and cannot be tried on a share of it; change that by itself, or leave the share out."));
            return wanted;
        }
    }
}
