namespace AkkaWasm.Mesh.Topology;

/// <summary>Checks whether a topology can follow the history of a mesh: what an agent has lived through must stay repeatable.</summary>
internal static class TopologyHistoryCheck
{
    /// <returns>How the states of living agents are moved.</returns>
    public static IReadOnlyList<PlannedMove> Check(List<TopologyProblem> problems, MeshTopology? running, MeshOccupants occupants, MeshTopology target, MoveChooser? chooser,
        IReadOnlyCollection<string> goBack)
    {
        var moves = new List<PlannedMove>();
        foreach (var agent in target.Agents)
            if (occupants.Forks.TryGetValue(agent.Name, out var origin))
                problems.Add(new($"agents.{agent.Name}", $"The name '{agent.Name}' is that of a fork of '{origin}' in the log; give the new agent another name."));
        if (running is null) return moves;
        if (running.Name != target.Name)
        {
            problems.Add(new("name", $"The data folder holds the mesh '{running.Name}', the configuration describes '{target.Name}'; use a data folder of its own for each mesh."));
            return moves;
        }
        GroupRenames.Check(problems, running, target);
        var others = problems.Count;
        AgentRenames.Check(problems, running, target, occupants);
        if (problems.Count > others) return moves;
        var renames = AgentRenames.Of(running, target);
        occupants = AgentRenames.On(occupants, renames);
        var known = AgentRenames.On(running, renames).Agents.ToDictionary(a => a.Name, StringComparer.Ordinal);
        foreach (var agent in target.Agents)
            if (known.TryGetValue(agent.Name, out var before) && !ReferenceEquals(before, agent) && !goBack.Contains(agent.Name) && CheckFamily(problems, before, agent, occupants))
                moves.AddRange(CanaryShares.Parts(before, agent).Select(part => CheckAgents(problems, part, occupants, chooser)).OfType<PlannedMove>());
        return moves;
    }

    /// <returns>Whether a definition can follow the other as far as it says which agents there are.</returns>
    private static bool CheckFamily(List<TopologyProblem> problems, AgentDefinition before, AgentDefinition agent, MeshOccupants occupants)
    {
        var path = $"agents.{agent.Name}";
        if (before.Pool is { } was && agent.Pool is { } pool && was.Key == pool.Key && was.Partitions != pool.Partitions && occupants.Born.Contains(agent.Name))
        {
            problems.Add(new($"{path}.pool.partitions", $"The keys of the pool '{agent.Name}' fall into {was.Partitions} partitions, the configuration says {pool.Partitions}; "
                + "with another number the order of what waits would be lost: put the old number back or give the pool another name."));
            return false;
        }
        if ((before.Key != agent.Key || before.Pool?.Key != agent.Pool?.Key) && occupants.Born.Contains(agent.Name))
        {
            problems.Add(new($"{path}.key", $"The agent '{agent.Name}' has a history as {Kind(before)}, the configuration makes it {Kind(agent)}; "
                + "give it another name or begin with a new data folder."));
            return false;
        }
        return true;
    }

    private static PlannedMove? CheckAgents(List<TopologyProblem> problems, PartChange part, MeshOccupants occupants, MoveChooser? chooser)
    {
        var (before, agent) = (part.From, part.To);
        var path = $"agents.{agent.Name}";
        if (occupants.LivingOf(agent.Name, part.Part) == occupants.StraysOf(agent.Name, part.Part)) return null;
        if (chooser is not null && (before.ModuleHash != agent.ModuleHash || SeenByGuest(before, agent) is not null))
        {
            var (move, problem) = chooser.Choose(before, agent, part.Part);
            if (problem is not null) problems.Add(new($"{path}.module", problem));
            return move;
        }
        if (before.ModuleHash != agent.ModuleHash)
            problems.Add(new($"{path}.module", $"The agent '{agent.Name}' has a history with module {Short(before.ModuleHash)} ({before.ModuleFile}), "
                + $"the configuration gives it {Short(agent.ModuleHash)} ({agent.ModuleFile}); "
                + "put the old module back, give the agent another name, or begin with a new data folder."));
        else if (SeenByGuest(before, agent) is { } what)
            problems.Add(new(path, $"The agent '{agent.Name}' has a history with another {what}, with which its turns could not be repeated; "
                + $"put the old {what} back, give the agent another name, or begin with a new data folder."));
        return null;
    }

    /// <summary>What a guest can see of its definition and two definitions differ in; a turn can be repeated only with the same.</summary>
    private static string? SeenByGuest(AgentDefinition before, AgentDefinition definition)
    {
        if (!before.Config.Span.SequenceEqual(definition.Config.Span)) return "config";
        if (before.Limits.MemoryBytes != definition.Limits.MemoryBytes) return "limit on memory";
        if (before.Limits.TableElements != definition.Limits.TableElements) return "limit on table elements";
        return before.Kind != definition.Kind ? "kind" : before.Wasi.DifferenceSeen(definition.Wasi);
    }

    private static string Short(string hash) => hash[..Math.Min(12, hash.Length)];

    /// <summary>In words: <c>a family keyed by subject</c>.</summary>
    public static string Kind(AgentDefinition definition) => (definition.Key ?? definition.Pool?.Key) switch
    {
        null => "a single agent",
        { TopicToken: 0 } => $"a {Several(definition)} keyed by subject",
        { TopicToken: var token } => $"a {Several(definition)} keyed by topic token {token}",
    };

    private static string Several(AgentDefinition definition) => definition.Pool is null ? "family" : "pool";
}
