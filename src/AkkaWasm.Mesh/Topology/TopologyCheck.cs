using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Topology;

/// <summary>Something wrong with a topology.</summary>
/// <param name="Path">Where: <c>agents.ingest.group</c>.</param>
/// <param name="Message">One sentence: what, and what to do.</param>
public sealed record TopologyProblem(string Path, string Message);

/// <summary>Checks a topology as a whole: names, references, cycles, patterns, ranges.</summary>
public static class TopologyCheck
{
    /// <summary>Most definitions in a topology.</summary>
    public const int MaxDefinitions = 100_000;

    /// <summary>What is wrong, in the order of definition; empty for a good topology.</summary>
    public static IReadOnlyList<TopologyProblem> Check(MeshTopology topology)
    {
        var problems = new List<TopologyProblem>();
        if (!TopicName.IsToken(topology.Name)) problems.Add(new("name", $"'{topology.Name}' cannot name a mesh; use letters, digits, '-' and '_'."));
        if (topology.Agents.Length + topology.Groups.Length > MaxDefinitions) problems.Add(new("agents", $"There are more than {MaxDefinitions} definitions."));
        CheckPolicy(problems, "supervision", topology.Root);
        CheckGroups(problems, topology);
        CheckAgents(problems, topology);
        RuleCheck.Check(problems, topology);
        return problems;
    }

    private static void CheckGroups(List<TopologyProblem> problems, MeshTopology topology)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in topology.Groups)
        {
            var path = $"groups.{group.Name}";
            if (!TopicName.IsToken(group.Name)) problems.Add(new(path, $"'{group.Name}' cannot name a group; use letters, digits, '-' and '_'."));
            if (!names.Add(group.Name)) problems.Add(new(path, $"The group '{group.Name}' is defined twice."));
            CheckPolicy(problems, path, group.Supervision);
        }
        foreach (var group in topology.Groups)
        {
            if (group.Parent is null) continue;
            if (!names.Contains(group.Parent)) problems.Add(new($"groups.{group.Name}.parent", $"There is no group '{group.Parent}'; the groups are {List(names)}."));
            else if (Cycle(topology, group) is { } cycle) problems.Add(new($"groups.{group.Name}.parent", $"The groups supervise each other in a cycle: {cycle}; let one of them have no parent."));
        }
    }

    private static string? Cycle(MeshTopology topology, GroupDefinition start)
    {
        var path = new List<string> { start.Name };
        for (var group = start; group?.Parent is { } parent && path.Count <= topology.Groups.Length + 1; group = topology.Groups.FirstOrDefault(g => g.Name == parent))
        {
            path.Add(parent);
            if (parent == start.Name) return string.Join(" → ", path);
        }
        return null;
    }

    private static void CheckAgents(List<TopologyProblem> problems, MeshTopology topology)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var groups = topology.Groups.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var agent in topology.Agents)
        {
            var path = $"agents.{agent.Name}";
            if (!TopicName.IsToken(agent.Name) || agent.Name.Length > AgentDefinition.MaxNameLength / 2)
                problems.Add(new(path, $"'{agent.Name}' cannot name an agent; use at most {AgentDefinition.MaxNameLength / 2} letters, digits, '-' and '_'."));
            if (!names.Add(agent.Name)) problems.Add(new(path, $"The agent '{agent.Name}' is defined twice."));
            if (AgentRenames.WhyNone(agent) is { } why) problems.Add(new($"{path}.renamed-from", why));
            CheckAgent(problems, path, agent, groups);
            if (agent.Canary is { } canary) CheckCanary(problems, path, agent, canary, groups);
        }
    }

    private static void CheckCanary(List<TopologyProblem> problems, string path, AgentDefinition agent, CanaryDefinition canary, HashSet<string> groups)
    {
        if (agent.Key is null || canary.Definition.Name != agent.Name || canary.Definition.Key != agent.Key
            || canary.Definition.Canary is not null || canary.Share.BasisPoints is < 1 or > KeyShare.All)
            problems.Add(new(path, $"What is tried on a share of '{agent.Name}' is no version of a family, or the share is none."));
        CheckAgent(problems, path, canary.Definition, groups);
    }

    private static void CheckAgent(List<TopologyProblem> problems, string path, AgentDefinition agent, HashSet<string> groups)
    {
        if (agent.Group != GroupDefinition.Default && !groups.Contains(agent.Group)) problems.Add(new($"{path}.group", $"There is no group '{agent.Group}'; the groups are {List(groups)}."));
        if (agent.Key is { TopicToken: < 0 or > TopicName.MaxTokens }) problems.Add(new($"{path}.key", $"The key names token {agent.Key.TopicToken}; 1 to {TopicName.MaxTokens} are possible."));
        PoolCheck.Check(problems, path, agent);
        CheckPatterns(problems, $"{path}.subscribe", agent.Subscriptions);
        CheckPatterns(problems, $"{path}.capabilities.publish", agent.Capabilities.Publish);
        CheckPatterns(problems, $"{path}.capabilities.request", agent.Capabilities.Request);
        CheckPatterns(problems, $"{path}.capabilities.send", agent.Capabilities.Send);
        CheckPatterns(problems, $"{path}.capabilities.watch", agent.Capabilities.Watch);
        CheckPatterns(problems, $"{path}.capabilities.integrate", agent.Capabilities.Integrate);
        CheckPatterns(problems, $"{path}.capabilities.subscribe", agent.Capabilities.Subscribe);
        if (agent.Limits.ChangeBytes < 1 || agent.Limits.PendingChanges < 1) problems.Add(new($"{path}.limits", "change-bytes and pending-changes must be 1 or more; without capabilities.integrate an agent changes nothing."));
        if (agent.Circuit is { } circuit) CheckCircuit(problems, $"{path}.circuit", circuit);
        WasiCheck.Check(problems, path, agent);
        HealthCheck.Check(problems, $"{path}.health", agent.Health);
        if (agent.Limits.GcCompactAt is not (> 0 and <= 1)) problems.Add(new($"{path}.limits.gc-compact-at", $"{agent.Limits.GcCompactAt} is no share; write more than 0 and at most 1."));
        if (agent.Spawn.MaxDepth < 1 || agent.Spawn.MaxAgents < 0 || agent.Spawn.MaxMemoryBytes < 0)
            problems.Add(new($"{path}.spawn", "max-depth must be 1 or more, max-agents and max-memory 0 or more; without capabilities.spawn an agent starts nobody."));
        if (agent.Apoptosis.IdleAfter <= TimeSpan.Zero) problems.Add(new($"{path}.apoptosis.idle-after", "The time must be longer than 0; null stands for never."));
        if (agent.Key is null && agent.Apoptosis != ApoptosisPolicy.None)
            problems.Add(new($"{path}.apoptosis", "Only agents of a family end by themselves, because the next event for their key begins them anew; give it a key, or leave this out."));
        if (agent.MaxKeys < 1) problems.Add(new($"{path}.max-keys", $"{agent.MaxKeys} keys are too few; 1 or more are possible."));
        if (agent.SnapshotEveryBytes < 1 || agent.SnapshotEvery is { Ticks: < 1 } || agent.KeepSnapshots < 1 || agent.KeepOlderSnapshots < 0)
            problems.Add(new(path, "snapshot-every-bytes and keep-snapshots must be 1 or more, snapshot-every longer than 0, keep-older-snapshots 0 or more."));
        if (agent.SnapshotAtMostEvery < TimeSpan.Zero) problems.Add(new($"{path}.snapshot-at-most-every", "The time must be 0 or more; 0 stands for none."));
        if (agent.SnapshotEveryTurns < 1 || agent.HashEveryTurns < 1) problems.Add(new(path, "snapshot-every-turns and hash-every-turns must be 1 or more."));
    }

    private static void CheckPatterns(List<TopologyProblem> problems, string path, IEnumerable<string> patterns)
    {
        foreach (var pattern in patterns)
            if (TopicPattern.Check(pattern) is { } problem) problems.Add(new(path, char.ToUpperInvariant(problem[0]) + problem[1..] + "."));
    }

    private static void CheckCircuit(List<TopologyProblem> problems, string path, CircuitPolicy circuit)
    {
        if (circuit.FailuresShare is not (> 0 and <= 1)) problems.Add(new($"{path}.failures-share", $"{circuit.FailuresShare} is no share; write more than 0 and at most 1, or null for no circuit."));
        if (circuit.MinAgents < 1 || circuit.HalfOpenProbes < 1) problems.Add(new(path, "min-agents and half-open-probes must be 1 or more."));
        if (circuit.Window <= TimeSpan.Zero || circuit.OpenFor <= TimeSpan.Zero) problems.Add(new(path, "window and open-for must be longer than 0."));
    }

    private static void CheckPolicy(List<TopologyProblem> problems, string path, SupervisionPolicy policy)
    {
        if (policy.MaxNrOfRetries < -1) problems.Add(new($"{path}.max-nr-of-retries", $"{policy.MaxNrOfRetries} is too small; -1 stands for any number."));
        if (policy.WithinTimeRange <= TimeSpan.Zero) problems.Add(new($"{path}.within-time-range", "The range must be longer than 0."));
        if (policy.MinBackoff < TimeSpan.Zero || policy.MaxBackoff < policy.MinBackoff) problems.Add(new($"{path}.min-backoff", "min-backoff must be 0 or more and at most max-backoff."));
        if (policy.RandomFactor is < 0 or > 1 or double.NaN) problems.Add(new($"{path}.random-factor", $"{policy.RandomFactor} is no share; 0 to 1 are possible."));
        if (policy.Rewind.Turns < 1 || policy.Rewind.Snapshots < 0) problems.Add(new($"{path}.rewind", "rewind.turns must be 1 or more and rewind.snapshots 0 or more."));
        if (policy.EventRetries < 0 || policy.HostFaultRetries < 0) problems.Add(new($"{path}.event-retries", "event-retries and host-fault-retries must be 0 or more."));
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'").DefaultIfEmpty("none"));
}
