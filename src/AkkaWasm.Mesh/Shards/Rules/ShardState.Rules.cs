using System.Collections.Immutable;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>Rules: whose lines are crossed since when, and what they did.</content>
internal sealed partial class ShardState
{
    private readonly Dictionary<string, RuleDefinition> rules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<RuleDefinition>> rulesByDefinition = new(StringComparer.Ordinal);

    /// <summary>What is known of rules that ever came to something, by name.</summary>
    public SortedDictionary<string, RuleState> Rules { get; } = new(StringComparer.Ordinal);

    /// <summary>Rules by the definitions that they are about.</summary>
    public ImmutableArray<RuleDefinition> RulesOf(AgentEntry entry) => rules.Count == 0 ? [] : rulesByDefinition.GetValueOrDefault(entry.DefinitionName, []);

    /// <summary>The rule with a name, or null.</summary>
    public RuleDefinition? Rule(string name) => rules.GetValueOrDefault(name);

    /// <summary>Since when the lines of a rule hold for an agent, or null.</summary>
    public RuleHold? HoldOf(RuleDefinition rule, AgentEntry entry) => Rules.TryGetValue(rule.Name, out var known) && known.Holds.TryGetValue(entry.Number, out var hold) ? hold : null;

    /// <summary>What a rule did for an agent or its definition, or null for nothing that counts.</summary>
    public RuleScope? ScopeOf(RuleDefinition rule, string scope) => Rules.TryGetValue(rule.Name, out var known) ? known.Scopes.GetValueOrDefault(scope) : null;

    /// <summary>Whether the lines of any rule hold for an agent.</summary>
    public bool HoldsAnyRule(AgentEntry entry) => Rules.Count > 0 && Rules.Values.Any(rule => rule.Holds.ContainsKey(entry.Number));

    private void IndexRules()
    {
        rules.Clear();
        rulesByDefinition.Clear();
        if (Topology!.Rules.IsEmpty) return;
        foreach (var rule in Topology.Rules) rules[rule.Name] = rule;
        foreach (var definition in Topology.Agents)
            if (Topology.Rules.Where(rule => rule.Definition is null || rule.Definition == definition.Name).ToImmutableArray() is { IsEmpty: false } some) rulesByDefinition[definition.Name] = some;
    }

    /// <summary>A rule that says something else, or is gone, begins anew.</summary>
    private void ForgetRules(MeshTopology before)
    {
        foreach (var rule in before.Rules)
            if (!rules.TryGetValue(rule.Name, out var now) || !TopologyCodec.AreSame(now, rule)) Rules.Remove(rule.Name);
    }

    /// <summary>Of an agent that is stopped nothing holds any more.</summary>
    private void ForgetRuleHolds(AgentEntry entry)
    {
        foreach (var rule in Rules.Values) rule.Holds.Remove(entry.Number);
    }

    private void ApplyRule(RuleRecord r)
    {
        LastTimeNs = Math.Max(LastTimeNs, r.AtNs);
        if (rules.TryGetValue(r.Rule, out var definition))
        {
            if (!Rules.TryGetValue(r.Rule, out var known)) Rules[r.Rule] = known = new RuleState();
            known.Take(r, definition);
        }
        if (r.Step != RuleStep.Acted) return;
        var entry = Agents[r.Agent];
        if (r.Rewind is not null) entry.Rewind = r.Rewind;
        foreach (var offset in r.Shed) PutAside(entry, offset, r);
        if (!r.Verbs.Contains(RuleVerb.Pause)) return;
        entry.IsPausedAlone = true;
        NotePaused(entry);
    }

    /// <summary>An event that waits is put aside without having been tried.</summary>
    private void PutAside(AgentEntry entry, long offset, RuleRecord r)
    {
        var ahead = AheadOf(entry);
        if (!entry.Pending.Remove(offset)) return;
        Backlog--;
        NoteAhead(entry, ahead);
        entry.FiredTimers.Handled(offset);
        Leave(entry, offset);
        entry.PutAside(new QuarantinedEvent(entry.Name, offset, GuestFault.OfShed(r.Rule), r.AtNs));
        Totals.CountQuarantined();
    }
}
