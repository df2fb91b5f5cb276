using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Topology;

/// <summary>Says step by step what a change of a topology does.</summary>
internal static class TopologySteps
{
    private static readonly (TopologyStepKind Kind, string One, string Many)[] Words =
    [
        (TopologyStepKind.MeshChanged, "change of the mesh itself", "changes of the mesh itself"),
        (TopologyStepKind.GroupDefined, "group defined", "groups defined"),
        (TopologyStepKind.GroupRenamed, "group renamed", "groups renamed"),
        (TopologyStepKind.GroupChanged, "group changed", "groups changed"),
        (TopologyStepKind.AgentDefined, "agent defined", "agents defined"),
        (TopologyStepKind.AgentRenamed, "agent renamed", "agents renamed"),
        (TopologyStepKind.AgentChanged, "agent changed", "agents changed"),
        (TopologyStepKind.AgentRegrouped, "agent regrouped", "agents regrouped"),
        (TopologyStepKind.AgentReplaced, "agent replaced", "agents replaced"),
        (TopologyStepKind.AgentStopped, "agent stopped", "agents stopped"),
        (TopologyStepKind.GroupRemoved, "group removed", "groups removed"),
        (TopologyStepKind.RuleDefined, "rule defined", "rules defined"),
        (TopologyStepKind.RuleChanged, "rule changed", "rules changed"),
        (TopologyStepKind.RuleRemoved, "rule removed", "rules removed"),
    ];

    /// <summary>Groups come before the agents that get into them and go after those that leave them.</summary>
    public static ImmutableArray<TopologyStep> Of(MeshTopology before, MeshTopology after, TopologyDelta delta, MeshOccupants occupants,
        IReadOnlyList<PlannedMove> moves)
    {
        var steps = ImmutableArray.CreateBuilder<TopologyStep>();
        if (delta.Root is { } root) steps.Add(new(TopologyStepKind.MeshChanged, "supervision", Policy(before.Root, root), 0));
        if (!delta.Order.IsEmpty) steps.Add(new(TopologyStepKind.MeshChanged, "agents", [new FieldChange("order", "", "the order of definition")], 0));
        AddGroups(steps, before, after, delta);
        var was = before.Agents.ToDictionary(a => a.Name, StringComparer.Ordinal);
        var byName = moves.ToLookup(m => m.Agent, StringComparer.Ordinal);
        var renamed = delta.Renamed.ToDictionary(r => r.To, r => r.From, StringComparer.Ordinal);
        foreach (var agent in delta.Put)
            steps.AddRange(renamed.TryGetValue(agent.Name, out var old)
                ? [Renamed(old, was[agent.Name], agent, occupants, byName[agent.Name].FirstOrDefault())]
                : Put(agent, was.GetValueOrDefault(agent.Name), occupants, byName[agent.Name]));
        foreach (var name in delta.Removed) steps.Add(new(TopologyStepKind.AgentStopped, $"agents.{name}", [], occupants.Living.GetValueOrDefault(name)));
        if (delta.Groups is { } groups)
            foreach (var gone in before.Groups.Where(g => groups.All(other => other.Name != g.Name) && GroupRenames.Of(before, after).All(r => r.From != g.Name)))
                steps.Add(new(TopologyStepKind.GroupRemoved, $"groups.{gone.Name}", [], 0));
        if (delta.Rules is { } rules) steps.AddRange(RuleSteps.Of(before.Rules, rules));
        return steps.ToImmutable();
    }

    public static string Summary(IReadOnlyCollection<TopologyStep> steps)
    {
        var parts = Words.Select(w => (w.One, w.Many, Count: steps.Count(s => s.Kind == w.Kind))).Where(p => p.Count > 0).Select(p => $"{p.Count} {(p.Count == 1 ? p.One : p.Many)}").ToArray();
        var tried = steps.Select(s => s.Part?.Text).OfType<string>().Distinct(StringComparer.Ordinal).ToArray();
        return parts.Length == 0 ? "nothing changes" : string.Join(", ", parts) + (tried.Length == 0 ? "" : $" (on {string.Join(", ", tried)})");
    }

    private static void AddGroups(ImmutableArray<TopologyStep>.Builder steps, MeshTopology before, MeshTopology after, TopologyDelta delta)
    {
        if (delta.Groups is null) return;
        var was = before.Groups.ToDictionary(g => g.Name, StringComparer.Ordinal);
        var renamed = GroupRenames.Of(before, after).ToDictionary(r => r.To, r => r.From, StringComparer.Ordinal);
        foreach (var group in after.Groups)
        {
            if (renamed.TryGetValue(group.Name, out var old))
                steps.Add(new(TopologyStepKind.GroupRenamed, $"groups.{group.Name}", [new FieldChange("name", old, group.Name), .. Group(was[old], group)], 0));
            else if (!was.TryGetValue(group.Name, out var known)) steps.Add(new(TopologyStepKind.GroupDefined, $"groups.{group.Name}", [], 0));
            else if (Group(known, group) is { Length: > 0 } fields) steps.Add(new(TopologyStepKind.GroupChanged, $"groups.{group.Name}", fields, 0));
        }
    }

    private static IEnumerable<TopologyStep> Put(AgentDefinition agent, AgentDefinition? before, MeshOccupants occupants, IEnumerable<PlannedMove> moves)
    {
        var path = $"agents.{agent.Name}";
        if (before is null) return [new(TopologyStepKind.AgentDefined, path, [], 0)];
        var steps = CanaryShares.Parts(before, agent).Select(part => Change(path, part, occupants, moves.FirstOrDefault(m => m.Part == part.Part))).ToArray();
        return steps.Length == 1 ? steps : steps.Where(step => !step.Fields.IsEmpty);
    }

    private static TopologyStep Renamed(string old, AgentDefinition before, AgentDefinition agent, MeshOccupants occupants, PlannedMove? move)
    {
        var fields = TopologyField.Differences(before, agent).Where(f => f.Name != TopologyField.RenamedFrom).Select(f => f.Change(before, agent));
        return new(TopologyStepKind.AgentRenamed, $"agents.{agent.Name}", [new FieldChange("name", old, agent.Name), .. fields], occupants.LivingOf(agent.Name, null)) { Move = move };
    }

    private static TopologyStep Change(string path, PartChange part, MeshOccupants occupants, PlannedMove? move)
    {
        var fields = part.Differences.ToArray();
        var concerned = fields.Any(f => f.Reach != FieldReach.Mesh) ? occupants.LivingOf(part.To.Name, part.Part) : 0;
        var kind = move is not null ? TopologyStepKind.AgentReplaced : part.From.Group == part.To.Group ? TopologyStepKind.AgentChanged : TopologyStepKind.AgentRegrouped;
        return new(kind, path, [.. fields.Select(f => f.Change(part.From, part.To))], concerned) { Move = move, Part = part.Part };
    }

    private static ImmutableArray<FieldChange> Group(GroupDefinition before, GroupDefinition after)
    {
        var fields = ImmutableArray.CreateBuilder<FieldChange>();
        if (before.Parent != after.Parent) fields.Add(new FieldChange("parent", before.Parent ?? "none", after.Parent ?? "none"));
        if (before.RenamedFrom != after.RenamedFrom) fields.Add(new FieldChange("renamed-from", before.RenamedFrom ?? "none", after.RenamedFrom ?? "none"));
        fields.AddRange(Policy(before.Supervision, after.Supervision));
        return fields.ToImmutable();
    }

    private static ImmutableArray<FieldChange> Policy(SupervisionPolicy before, SupervisionPolicy after) =>
        [.. Texts(before).Zip(Texts(after)).Where(pair => pair.First.Text != pair.Second.Text).Select(pair => new FieldChange(pair.First.Name, pair.First.Text, pair.Second.Text))];

    private static IEnumerable<(string Name, string Text)> Texts(SupervisionPolicy p) =>
    [
        ("strategy", p.Strategy.ToString()), ("directive", p.Directive.ToString()), ("on-failure", $"[{string.Join(", ", p.OnFailure)}]"),
        ("max-nr-of-retries", $"{p.MaxNrOfRetries}"), ("within-time-range", $"{p.WithinTimeRange:c}"), ("min-backoff", $"{p.MinBackoff:c}"), ("max-backoff", $"{p.MaxBackoff:c}"),
        ("random-factor", FormattableString.Invariant($"{p.RandomFactor}")), ("event-retries", $"{p.EventRetries}"), ("host-fault-retries", $"{p.HostFaultRetries}"),
        ("rewind", $"{(p.Rewind.PreviousVersion ? "previous version" : $"{p.Rewind.Turns} turns, {p.Rewind.Snapshots} snapshots")}, {p.Rewind.Inputs}"),
    ];
}
