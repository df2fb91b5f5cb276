using System.Collections.Immutable;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// What an agent may change of a topology. Its capability <c>integrate</c> names places: a group by the groups above it and itself, a definition by the groups it
/// is in and itself, joined by dots (<c>workers.counter</c>). What it defines may do and use no more than it may itself.
/// </summary>
/// <param name="by">The definition of the agent.</param>
/// <param name="before">The topology in force.</param>
/// <param name="maxHeldTurns">See <see cref="Shards.ShardOptions.MaxHeldTurns"/>.</param>
internal sealed partial class IntegrationBounds(AgentDefinition by, MeshTopology before, int maxHeldTurns)
{
    private static readonly HashSet<string> Times =
        new(["deadline", "snapshot-at-most-every", "snapshot-every", "passivate-idle-after", "publish-at-most-every", "failure-window", "window", "open-for"], StringComparer.Ordinal);

    private readonly TopicPattern[] places = [.. by.Capabilities.Integrate.Select(TopicPattern.Parse)];
    private readonly TopicPattern[] subscribes = [.. by.Subscriptions.Concat(by.Capabilities.Subscribe).Select(TopicPattern.Parse)];
    private readonly HashSet<string> above = [.. Above(by.Group, before.Groups)];
    private readonly List<TopologyProblem> problems = [];

    /// <summary>What of a change is not the agent's to make.</summary>
    public static IReadOnlyList<TopologyProblem> Check(AgentDefinition by, MeshTopology before, MeshTopology after, TopologyDelta delta, int maxHeldTurns)
    {
        var bounds = new IntegrationBounds(by, before, maxHeldTurns);
        if (delta.Root is not null) bounds.Add("supervision", "The supervision of the mesh itself is no agent's to change; leave it out.");
        if (delta.Rules is not null) bounds.Add("rules", "The rules of the mesh are no agent's to change; leave them out.");
        if (!delta.Order.IsEmpty) bounds.Add("agents", "The order of definition is no agent's to change; leave it as it is.");
        if (delta.Groups is not null) bounds.CheckGroups(after);
        bounds.CheckAgents(after, delta);
        return bounds.problems;
    }

    /// <summary>Why an agent may not let another one wait or go on, or null.</summary>
    public static TopologyProblem? OfPause(AgentDefinition by, MeshTopology running, string path, AgentDefinition? definition, string? group)
    {
        var bounds = new IntegrationBounds(by, running, int.MaxValue);
        if (definition is not null) bounds.RequireAgent(path, definition, running);
        else bounds.RequireGroup(path, group!, running);
        return bounds.problems.FirstOrDefault();
    }

    private void CheckGroups(MeshTopology after)
    {
        var (was, now) = (before.Groups.ToDictionary(g => g.Name, StringComparer.Ordinal), after.Groups.ToDictionary(g => g.Name, StringComparer.Ordinal));
        foreach (var name in was.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            var (old, changed) = (was.GetValueOrDefault(name), now.GetValueOrDefault(name));
            if (old is not null && changed is not null && Codecs.TopologyCodec.AreSame([old], [changed])) continue;
            if (old is not null) RequireGroup($"groups.{name}", name, before);
            if (changed is not null) RequireGroup($"groups.{name}", name, after);
        }
    }

    private void CheckAgents(MeshTopology after, TopologyDelta delta)
    {
        var was = before.Agents.ToDictionary(a => a.Name, StringComparer.Ordinal);
        foreach (var name in delta.Removed) RequireAgent($"agents.{name}", was[name], before);
        foreach (var (from, to) in delta.Renamed) RequireAgent($"agents.{to}.renamed-from", was[from], before);
        foreach (var agent in delta.Put)
        {
            var path = $"agents.{agent.Name}";
            var count = problems.Count;
            if (was.TryGetValue(agent.Name, out var old)) RequireAgent(path, old, before);
            if (problems.Count == count) RequireAgent(path, agent, after);
            if (problems.Count != count) continue;
            CheckRights(path, agent);
            CheckCare(path, agent, old);
        }
    }

    private void RequireAgent(string path, AgentDefinition agent, MeshTopology topology)
    {
        var place = string.Join('.', Above(agent.Group, topology.Groups).Reverse().Append(agent.Name));
        Require(path, place, agent.Name, isSpecial: agent.Name == by.Name, "itself");
    }

    private void RequireGroup(string path, string group, MeshTopology topology) =>
        Require(path, string.Join('.', Above(group, topology.Groups).Reverse()), group, isSpecial: above.Contains(group), "the group of its supervisor");

    /// <summary>An agent and the groups above it have to be named; a wildcard does not stand for them.</summary>
    private void Require(string path, string place, string name, bool isSpecial, string what)
    {
        if (places.Any(p => p.Matches(place) && (!isSpecial || (!p.HasTail && p.Tokens[^1] == name)))) return;
        Add(path, isSpecial
            ? $"The agent '{by.Name}' may not change {what}, '{place}', unless a pattern of its capability integrate ends with '{name}'."
            : $"The agent '{by.Name}' may not change '{place}'; its capability integrate has {List(by.Capabilities.Integrate)}.");
    }

    private void CheckRights(string path, AgentDefinition agent)
    {
        var (mine, its) = (by.Capabilities, agent.Capabilities);
        var at = $"{path}.capabilities";
        Cover(at, "publish", Publishing(by), Publishing(agent));
        Cover(at, "request", mine.Request, its.Request);
        Cover(at, "send", mine.Send, its.Send);
        Cover(at, "watch", mine.Watch, its.Watch);
        Cover(at, "integrate", mine.Integrate, its.Integrate);
        Cover(path, "subscribe", subscribes, agent.Subscriptions.Concat(its.Subscribe));
        if (its.Schedule && !mine.Schedule) Add($"{at}.schedule", NotItsOwn("schedule"));
        if (its.Spawn && !mine.Spawn) Add($"{at}.spawn", NotItsOwn("spawn"));
        CheckLimits($"{path}.limits", agent.Limits, by.Limits);
        CheckWasi($"{path}.wasi", agent.Wasi);
        if (its.Spawn || !its.Integrate.IsEmpty) CheckQuota($"{path}.spawn", agent.Spawn, by.Spawn);
    }

    private static IEnumerable<string> Publishing(AgentDefinition agent) => agent.Wasi.OutputTopic is { } topic ? agent.Capabilities.Publish.Append(topic) : agent.Capabilities.Publish;

    private void Cover(string path, string what, IEnumerable<string> mine, IEnumerable<string> its) => Cover(path, what, [.. mine.Select(TopicPattern.Parse)], its);

    private void Cover(string path, string what, TopicPattern[] mine, IEnumerable<string> its)
    {
        foreach (var pattern in its.Select(TopicPattern.Parse).Where(p => !mine.Any(own => own.Covers(p))))
            Add($"{path}.{what}", $"'{pattern}' is more than the agent '{by.Name}' may hand on: it has {List(mine.Select(p => p.Text))} itself.");
    }

    private void CheckLimits(string path, AgentLimits its, AgentLimits mine)
    {
        AtMost(path, "memory", its.MemoryBytes, mine.MemoryBytes);
        AtMost(path, "gc-heap", its.GcHeapBytes, mine.GcHeapBytes);
        AtMost(path, "table-elements", its.TableElements, mine.TableElements);
        AtMost(path, "deadline", its.Deadline.Ticks, mine.Deadline.Ticks);
        if (mine.FuelPerTurn > 0 && its.FuelPerTurn is 0) Add($"{path}.fuel-per-turn", $"The fuel of the agent '{by.Name}' is counted, so that of those it defines has to be; set at most {mine.FuelPerTurn}.");
        else if (mine.FuelPerTurn > 0) AtMost(path, "fuel-per-turn", its.FuelPerTurn, mine.FuelPerTurn);
        AtMost(path, "emitted-events-per-turn", its.EmittedEventsPerTurn, mine.EmittedEventsPerTurn);
        AtMost(path, "emitted-bytes-per-turn", its.EmittedBytesPerTurn, mine.EmittedBytesPerTurn);
        AtMost(path, "pending-timers", its.PendingTimers, mine.PendingTimers);
        AtMost(path, "log-lines-per-turn", its.LogLinesPerTurn, mine.LogLinesPerTurn);
        AtMost(path, "change-bytes", its.ChangeBytes, mine.ChangeBytes);
        AtMost(path, "pending-changes", its.PendingChanges, mine.PendingChanges);
    }

    private void CheckWasi(string path, WasiDefinition wasi)
    {
        var (its, mine) = (wasi.Limits, by.Wasi.Limits);
        AtMost($"{path}.limits", "file-bytes", its.FileBytes, mine.FileBytes);
        AtMost($"{path}.limits", "nodes", its.Nodes, mine.Nodes);
        AtMost($"{path}.limits", "open-descriptors", its.OpenDescriptors, mine.OpenDescriptors);
        AtMost($"{path}.limits", "path-bytes", its.PathBytes, mine.PathBytes);
        AtMost($"{path}.limits", "path-depth", its.PathDepth, mine.PathDepth);
        AtMost($"{path}.limits", "line-bytes", its.LineBytes, mine.LineBytes);
        AtMost($"{path}.limits", "written-bytes-per-turn", its.WrittenBytesPerTurn, mine.WrittenBytesPerTurn);
        foreach (var folder in wasi.Preopens.Where(p => by.Wasi.Preopens.All(own => own.ContentHash != p.ContentHash)))
            Add($"{path}.preopens", $"The folder of '{folder.Path}' is none that the agent '{by.Name}' may read itself.");
    }

    private void CheckQuota(string path, SpawnQuota its, SpawnQuota mine)
    {
        AtMost(path, "max-depth", its.MaxDepth, mine.MaxDepth);
        AtMost(path, "max-agents", its.MaxAgents, mine.MaxAgents);
        if (mine.MaxMemoryBytes is { } most) AtMost(path, "max-memory", its.MaxMemoryBytes ?? long.MaxValue, most);
    }

    private void AtMost(string path, string name, long its, long mine)
    {
        if (its > mine) Add($"{path}.{name}", $"It is more than the agent '{by.Name}' has itself ({Text(name, mine)}); set at most that.");
    }

    private static string Text(string name, long value) => Times.Contains(name) ? $"{TimeSpan.FromTicks(value):c}" : $"{value}";

    private string NotItsOwn(string what) => $"The agent '{by.Name}' may not {what} itself, so it cannot hand that on.";

    private void Add(string path, string message) => problems.Add(new TopologyProblem(path, message));

    private static string List(IEnumerable<string> patterns) => string.Join(", ", patterns.Select(p => $"'{p}'").DefaultIfEmpty("nothing"));

    /// <summary>A group and those above it, the outermost last; the check of a topology has found no cycles.</summary>
    private static IEnumerable<string> Above(string group, ImmutableArray<GroupDefinition> groups)
    {
        for (string? name = group; name is not null; name = groups.FirstOrDefault(g => g.Name == name)?.Parent) yield return name;
    }
}
