using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// Checks that the state of a definition could be moved to the module that a rule would give it, so that this shows before the rule is needed. Only what a change
/// brings is looked at: a rule that was taken stands in nobody's way later.
/// </summary>
internal static class RuleMoveCheck
{
    public static void Check(List<TopologyProblem> problems, MeshTopology? running, MeshTopology target, MoveChooser chooser, IReadOnlyCollection<string> goBack)
    {
        foreach (var rule in target.Rules)
        {
            if (rule.ActionOf(RuleVerb.Replace)?.Replacement is not { } by) continue;
            var agent = target.Agents.First(a => a.Name == rule.Definition);
            if (agent.ModuleHash == by.ModuleHash || goBack.Contains(agent.Name) || IsKnown(running, rule, agent)) continue;
            if (chooser.WhyNotMoved(agent, agent with { ModuleHash = by.ModuleHash, ModuleFile = by.ModuleFile }) is { } why)
                problems.Add(new($"rules.{rule.Name}.then", $"The rule '{rule.Name}' could not replace '{agent.Name}' by {by.ModuleFile}, because its state cannot be moved there, {why}; name another module."));
        }
    }

    private static bool IsKnown(MeshTopology? running, RuleDefinition rule, AgentDefinition agent) => running is not null
        && running.Rules.FirstOrDefault(r => r.Name == rule.Name) is { } before && TopologyCodec.AreSame(before, rule)
        && running.Agents.FirstOrDefault(a => a.Name == agent.Name) is { } was && TopologyCodec.AreSame(was, agent);
}
