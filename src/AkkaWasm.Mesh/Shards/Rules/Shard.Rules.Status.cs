using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <content>What can be said of rules.</content>
public sealed partial class Shard
{
    /// <summary>All rules, in the order of definition.</summary>
    public IReadOnlyList<RuleStatus> Rules => [.. (state.Topology?.Rules ?? []).Select(StatusOf)];

    /// <summary>The rule with a name.</summary>
    /// <returns>The rule, or null.</returns>
    public RuleStatus? FindRule(string name) => state.Rule(name) is { } rule ? StatusOf(rule) : null;

    private RuleStatus StatusOf(RuleDefinition rule)
    {
        if (!state.Rules.TryGetValue(rule.Name, out var known)) return new RuleStatus { Rule = rule };
        var now = Math.Max(nowNs, state.LastTimeNs);
        var held = known.Holds.Keys.Select(number => state.Agents[number]).ToArray();
        return new RuleStatus
        {
            Rule = rule, Holding = held.Length, Counts = [.. known.Counts],
            Activity = held.Select(entry => ActivityOf(rule, known.Scopes.GetValueOrDefault(ScopeOf(rule, entry)), now)).DefaultIfEmpty(RuleActivity.Armed).Min(),
            Holds = [.. held.Take(RuleStatus.MaxListed).Select(e => new RuleHoldStatus(e.Name, known.Holds[e.Number].CrossedNs, known.Holds[e.Number].SinceNs, RuleSigns.Measure(rule, new HealthSight(state, e, now))))],
            Scopes = [.. known.Scopes.Take(RuleStatus.MaxListed).Select(s => new RuleScopeStatus(s.Key, s.Value.ActsWithin(rule, now), s.Value.Refusals, s.Value.LastNs, s.Value.CoolUntilNs(rule), IsExhausted(rule, s.Value, now)))],
            Recent = [.. known.Recent.Reverse().Select(r => new RuleStepStatus(PositionOf(r.Offset), state.NameOf(r.Agent), r))],
        };
    }

    private static RuleActivity ActivityOf(RuleDefinition rule, RuleScope? scope, long now) =>
        scope is null ? RuleActivity.Holding : now < scope.CoolUntilNs(rule) ? RuleActivity.CoolingDown : IsExhausted(rule, scope, now) ? RuleActivity.Exhausted : RuleActivity.Holding;

    private static bool IsExhausted(RuleDefinition rule, RuleScope scope, long now) => scope.ActsWithin(rule, now) >= rule.AtMost;
}
