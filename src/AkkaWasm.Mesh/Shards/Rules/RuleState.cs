using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Since when the lines of a rule hold for an agent, and whether it acted since they were crossed.</summary>
/// <param name="CrossedNs">When they were crossed, nanoseconds since the Unix epoch.</param>
/// <param name="SinceNs">From when on the time counts that they have to hold: since they were crossed, or the rule acted last.</param>
/// <param name="HasActed">Whether it acted since.</param>
internal readonly record struct RuleHold(long CrossedNs, long SinceNs, bool HasActed);

/// <summary>What a rule did for an agent, or a definition, as far as it has to know.</summary>
internal sealed class RuleScope
{
    /// <summary>When it acted, as often as it may and not more.</summary>
    public List<long> Acts { get; init; } = [];

    /// <summary>When it acted or was refused last, nanoseconds since the Unix epoch.</summary>
    public long LastNs { get; set; }

    /// <summary>How often it was refused since it acted.</summary>
    public int Refusals { get; set; }

    /// <summary>Whether it was said that it acted as often as it may.</summary>
    public bool IsExhausted { get; set; }

    /// <summary>Until when nothing more is done.</summary>
    public long CoolUntilNs(RuleDefinition rule) => LastNs + WaitNs(rule, Refusals);

    /// <summary>How often it acted within the rule's time.</summary>
    public int ActsWithin(RuleDefinition rule, long nowNs) => Acts.Count(at => at > nowNs - HealingLadder.ToNs(rule.Per));

    /// <summary>How long a rule waits after an act, or after so many refusals in a row.</summary>
    public static long WaitNs(RuleDefinition rule, int refusals) =>
        refusals == 0 ? HealingLadder.ToNs(rule.CoolDown) : Math.Max(HealingLadder.ToNs(rule.CoolDown), RuleState.LeastBackoffNs) << Math.Min(refusals, RuleState.MostDoublings);
}

/// <summary>What the log says of a rule.</summary>
internal sealed class RuleState
{
    /// <summary>How many of its last steps are remembered.</summary>
    public const int Remembered = 20;

    /// <summary>How often its cool-down is doubled at most when it is refused.</summary>
    public const int MostDoublings = 6;

    /// <summary>What counts as its cool-down then where it has none: 1 s.</summary>
    public const long LeastBackoffNs = 1_000_000_000;

    private Queue<(string Scope, long AtNs)> ends = [];

    /// <summary>Agents for which its lines hold, by number.</summary>
    public SortedDictionary<int, RuleHold> Holds { get; } = [];

    /// <summary>What it did, by agents or definitions.</summary>
    public SortedDictionary<string, RuleScope> Scopes { get; } = new(StringComparer.Ordinal);

    /// <summary>Its last steps, the newest last; without lines that were crossed or cleared.</summary>
    public Queue<RuleRecord> Recent { get; } = [];

    /// <summary>How often it came to each step, by <see cref="RuleStep"/>.</summary>
    public long[] Counts { get; } = new long[Enum.GetValues<RuleStep>().Length];

    /// <summary>Takes a step in.</summary>
    public void Take(RuleRecord r, RuleDefinition rule)
    {
        Counts[(int)r.Step]++;
        switch (r.Step)
        {
            case RuleStep.Crossed: Holds[r.Agent] = new RuleHold(r.AtNs, r.AtNs, HasActed: false); break;
            case RuleStep.Cleared: Holds.Remove(r.Agent); break;
            case RuleStep.Acted or RuleStep.WouldAct: Act(r, rule); break;
            case RuleStep.Refused: Refuse(r, rule); break;
            case RuleStep.Exhausted: ScopeOf(r.Scope).IsExhausted = true; break;
        }
        if (!r.IsNews) return;
        Recent.Enqueue(r);
        if (Recent.Count > Remembered) Recent.Dequeue();
    }

    private void Act(RuleRecord r, RuleDefinition rule)
    {
        if (Holds.TryGetValue(r.Agent, out var hold)) Holds[r.Agent] = hold with { SinceNs = r.AtNs, HasActed = true };
        var scope = ScopeOf(r.Scope);
        (scope.LastNs, scope.Refusals, scope.IsExhausted) = (r.AtNs, 0, false);
        scope.Acts.Add(r.AtNs);
        if (scope.Acts.Count > rule.AtMost) scope.Acts.RemoveAt(0);
        ForgetOld(r, rule);
    }

    private void Refuse(RuleRecord r, RuleDefinition rule)
    {
        var scope = ScopeOf(r.Scope);
        if (scope.LastNs + CountsNs(rule) <= r.AtNs) scope.Refusals = 0;
        (scope.LastNs, scope.Refusals) = (r.AtNs, Math.Min(scope.Refusals + 1, MostDoublings));
        ForgetOld(r, rule);
    }

    /// <summary>For how long it counts what a rule did, and that it was refused.</summary>
    private static long CountsNs(RuleDefinition rule) => Math.Max(HealingLadder.ToNs(rule.Per), RuleScope.WaitNs(rule, MostDoublings));

    /// <summary>What is longer ago than anything counts for is forgotten.</summary>
    private void ForgetOld(RuleRecord r, RuleDefinition rule)
    {
        ends.Enqueue((r.Scope, r.AtNs));
        while (ends.TryPeek(out var end) && end.AtNs + CountsNs(rule) <= r.AtNs)
        {
            ends.Dequeue();
            if (Scopes.TryGetValue(end.Scope, out var scope) && scope.LastNs == end.AtNs) Scopes.Remove(end.Scope);
        }
    }

    /// <summary>Agents and definitions have other names.</summary>
    public void Rename(IReadOnlyDictionary<string, string> names)
    {
        foreach (var (name, scope) in Scopes.Where(s => names.ContainsKey(s.Key)).ToArray())
        {
            Scopes.Remove(name);
            Scopes[names[name]] = scope;
        }
        ends = new(ends.Select(end => (names.GetValueOrDefault(end.Scope, end.Scope), end.AtNs)));
    }

    private RuleScope ScopeOf(string name)
    {
        if (!Scopes.TryGetValue(name, out var scope)) Scopes[name] = scope = new RuleScope();
        return scope;
    }

    /// <summary>Takes over what was saved.</summary>
    internal void Restore()
    {
        foreach (var (name, scope) in Scopes.OrderBy(s => s.Value.LastNs)) ends.Enqueue((name, scope.LastNs));
    }
}
