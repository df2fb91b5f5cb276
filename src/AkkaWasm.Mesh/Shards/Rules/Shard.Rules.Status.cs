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
            Holds = [.. held.Take(RuleStatus.MaxListed).Select(entry => StatusOf(rule, entry, known.Holds[entry.Number], now))],
            Scopes = [.. known.Scopes.Take(RuleStatus.MaxListed).Select(scope => StatusOf(rule, scope.Key, scope.Value, now))],
            Recent = [.. known.Recent.Reverse().Select(r => new RuleStepStatus(PositionOf(r.Offset), state.NameOf(r.Agent), r))],
        };
    }

    private RuleHoldStatus StatusOf(RuleDefinition rule, AgentEntry entry, RuleHold hold, long now) =>
        new(entry.Name, hold.CrossedNs, hold.SinceNs, RuleSigns.Measure(rule, new HealthSight(state, entry, now)));

    private static RuleScopeStatus StatusOf(RuleDefinition rule, string name, RuleScope scope, long now) =>
        new(name, scope.ActsWithin(rule, now), scope.Refusals, scope.LastNs, scope.CoolUntilNs(rule), IsExhausted(rule, scope, now));

    private static RuleActivity ActivityOf(RuleDefinition rule, RuleScope? scope, long now) =>
        scope is null ? RuleActivity.Holding : now < scope.CoolUntilNs(rule) ? RuleActivity.CoolingDown : IsExhausted(rule, scope, now) ? RuleActivity.Exhausted : RuleActivity.Holding;

    private static bool IsExhausted(RuleDefinition rule, RuleScope scope, long now) => scope.ActsWithin(rule, now) >= rule.AtMost;
}
