using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Follows each rule by the log alone: it acts only where its lines are crossed and held for long enough, not within its cool-down and not more often than it
/// may; one that is only to say what it would do changes nothing; what an act brings about is there just where the log says that it acted.
/// </summary>
internal sealed class RuleChecker : Checker
{
    public override string Promise => "rules act when they are to, as often as they may, and do what they say";

    public override void Check(History history)
    {
        if (history.Topology.Rules.IsEmpty) return;
        var walk = new Walk(this, history);
        for (var i = 0; i < history.Records.Count; i++) walk.Take(i);
        walk.CheckNoneUnderway();
    }

    private sealed class Agent(AgentRecord born)
    {
        public string Name { get; set; } = born.Name;

        public string Definition { get; set; } = born.Definition;

        public int Turns { get; set; }

        public Queue<bool> Outcomes { get; } = [];

        /// <summary>It goes back before it makes another turn.</summary>
        public bool IsToGoBack { get; set; }
    }

    private sealed class Scope
    {
        public List<long> Acts { get; } = [];

        public long LastNs { get; set; } = long.MinValue;

        public int Refusals { get; set; }
    }

    private sealed class Walk(RuleChecker checker, History history)
    {
        private readonly List<Agent> agents = [];
        private readonly Dictionary<(string Rule, int Agent), long> holds = [];
        private readonly Dictionary<(string Rule, string Scope), Scope> scopes = [];
        private Dictionary<string, RuleDefinition> rules = history.Topology.Rules.ToDictionary(r => r.Name);
        private int actEnds = -1;
        private TopologyChangeRecord? byRule;

        public void Take(int at)
        {
            switch (history.Records[at])
            {
                case AgentRecord change: Take(change); break;
                case TurnRecord turn: Take(turn); break;
                case MeshRewindRecord: agents.ForEach(a => a.IsToGoBack = false); break;
                case EventRecord { Event: { Agent: >= 0 } e } when e.Topic.EndsWith(".rewind-refused", StringComparison.Ordinal): agents[e.Agent].IsToGoBack = false; break;
                case TopologyChangeRecord change:
                    CheckNoneUnderway();
                    if (change.Author == TopologyAuthor.Rule) byRule = change;
                    foreach (var rename in change.Delta.Renamed) Rename(rename);
                    if (change.Delta.Rules is { } changed) Change(changed);
                    break;
                case PoolRecord { Cause: PoolCause.Rule } pool:
                    checker.Require(at <= actEnds, $"the pool '{pool.Definition}' changes at {pool.Offset} because a rule says so, and none does.");
                    break;
                case RuleRecord rule: Take(rule, at); break;
                case EpochRecord: CheckNoneUnderway(); break;
            }
        }

        /// <summary>A change of the topology because of a rule is followed by what the rule says, before anything else happens.</summary>
        public void CheckNoneUnderway() => checker.Require(byRule is null, $"the topology changes at {byRule?.Offset} because a rule says so, and none does.");

        private void Take(AgentRecord change)
        {
            if (change.Agent == agents.Count) agents.Add(new Agent(change));
            if (agents[change.Agent].Name != change.Name && scopes.Keys.Where(s => s.Scope == agents[change.Agent].Name).ToList() is { Count: > 0 } named)
                foreach (var key in named) scopes[(key.Rule, change.Name)] = scopes[key];
            (agents[change.Agent].Name, agents[change.Agent].Definition) = (change.Name, change.Definition);
            if (change.Change == AgentChange.Renamed) return;
            agents[change.Agent].IsToGoBack = false;
            if (change.Change != AgentChange.Stopped) return;
            agents[change.Agent].Outcomes.Clear();
            foreach (var rule in rules.Keys) holds.Remove((rule, change.Agent));
        }

        private void Take(TurnRecord turn)
        {
            CheckNoneUnderway();
            var agent = agents[turn.Agent];
            checker.Require(!agent.IsToGoBack, $"'{agent.Name}' made a turn at {turn.Offset} and was to go back before.");
            agent.Turns++;
            agent.Outcomes.Enqueue(turn.Fault is null);
            if (agent.Outcomes.Count > 64) agent.Outcomes.Dequeue();
        }

        /// <summary>Rules that name a definition name it still, and what was done for it counts.</summary>
        private void Rename(AgentRename rename)
        {
            foreach (var (name, rule) in rules)
                if (rule.Definition == rename.From) rules[name] = rule with { Of = rename.To + rule.Of[rename.From.Length..] };
            foreach (var key in scopes.Keys.Where(s => s.Scope == rename.From).ToList()) scopes[(key.Rule, rename.To)] = scopes[key];
        }

        private void Change(IEnumerable<RuleDefinition> changed)
        {
            var after = changed.ToDictionary(r => r.Name);
            foreach (var (name, rule) in rules)
            {
                if (after.TryGetValue(name, out var now) && TopologyCodec.AreSame(now, rule)) continue;
                foreach (var hold in holds.Keys.Where(h => h.Rule == name).ToList()) holds.Remove(hold);
                foreach (var scope in scopes.Keys.Where(s => s.Rule == name).ToList()) scopes.Remove(scope);
            }
            rules = after;
        }

        private void Take(RuleRecord r, int at)
        {
            var (rule, key, who) = (rules[r.Rule], (r.Rule, r.Agent), $"the rule '{r.Rule}' at {r.Offset}");
            var agent = agents[r.Agent];
            checker.Require(rule.Of == "*" || rule.Of == agent.Name || rule.Of == agent.Definition || rule.Of == $"{agent.Definition}/*", $"{who} is not about '{agent.Name}'.");
            CheckValues(rule, r, agent, who);
            switch (r.Step)
            {
                case RuleStep.Crossed:
                    checker.Require(IsCrossed(r) && holds.TryAdd(key, r.AtNs), $"{who} says that lines are crossed which are not, or were before.");
                    return;
                case RuleStep.Cleared:
                    checker.Require(holds.Remove(key) && rule.When.Zip(r.Values).Any(p => p.Second.Value < p.First.Clear), $"{who} says that a line is cleared which is not.");
                    return;
                case RuleStep.Failed:
                    return;
            }
            CheckTimes(rule, r, who);
            CheckEffects(rule, r, at, who);
        }

        private static bool IsCrossed(RuleRecord r) => r.Values.Length > 0 && r.Values.All(v => v.Value >= v.Line);

        private void CheckValues(RuleDefinition rule, RuleRecord r, Agent agent, string who)
        {
            if (r.Step == RuleStep.Failed) return;
            checker.Require(r.Values.Select(v => (v.Signal, v.Line)).SequenceEqual(rule.When.Select(l => (l.Signal, l.Above))), $"{who} sees other lines than it has.");
            foreach (var value in r.Values.Where(v => v is { Signal: RuleSignal.FailureRate, Value: > 0 }))
            {
                var (failed, of) = (agent.Outcomes.Count(ok => !ok), Math.Min(64, Math.Max(1, agent.Turns)));
                checker.Require(Math.Abs(value.Value - ((double)failed / of)) < 1e-9, $"{who} saw {value.Value} of the turns of '{agent.Name}' fail, and {failed} of {of} did.");
            }
        }

        private void CheckTimes(RuleDefinition rule, RuleRecord r, string who)
        {
            var name = rule.Then.Any(a => a.Verb is RuleVerb.Replace or RuleVerb.Replicate) ? agents[r.Agent].Definition : agents[r.Agent].Name;
            checker.Require(r.Scope == name, $"{who} is of '{r.Scope}', and acts for '{name}'.");
            checker.Require(IsCrossed(r) && holds.ContainsKey((r.Rule, r.Agent)), $"{who} comes to {r.Step} where its lines are not crossed.");
            checker.Require(r.AtNs - holds[(r.Rule, r.Agent)] >= rule.For.Ticks * 100, $"{who} comes to {r.Step} before its lines held for {rule.For}.");
            if (!scopes.TryGetValue((r.Rule, name), out var scope)) scopes[(r.Rule, name)] = scope = new Scope();
            var wait = scope.Refusals == 0 ? rule.CoolDown : Math.Max(rule.CoolDown.Ticks, TimeSpan.TicksPerSecond) * TimeSpan.FromTicks(1L << Math.Min(scope.Refusals, 6));
            checker.Require(scope.LastNs == long.MinValue || r.AtNs - scope.LastNs >= wait.Ticks * 100, $"{who} comes to {r.Step} before its cool-down of {wait} is over.");
            var within = scope.Acts.Count(act => act > r.AtNs - (rule.Per.Ticks * 100));
            checker.Require((within >= rule.AtMost) == (r.Step == RuleStep.Exhausted), $"{who} comes to {r.Step} after it acted {within} times in {rule.Per}; {rule.AtMost} are allowed.");
            if (r.Step == RuleStep.Exhausted) return;
            if (r.AtNs - scope.LastNs >= Math.Max(rule.Per.Ticks, Math.Max(rule.CoolDown.Ticks, TimeSpan.TicksPerSecond) << 6) * 100) scope.Refusals = 0;
            scope.LastNs = r.AtNs;
            if (r.Step == RuleStep.Refused)
            {
                scope.Refusals++;
                return;
            }
            scope.Refusals = 0;
            scope.Acts.Add(r.AtNs);
            holds[(r.Rule, r.Agent)] = r.AtNs;
        }

        /// <summary>What stands between the record and the event that tells of it is what the rule did.</summary>
        private void CheckEffects(RuleDefinition rule, RuleRecord r, int at, string who)
        {
            checker.Require(!rule.IsDryRun || r.Step is RuleStep.WouldAct or RuleStep.Exhausted, $"{who} comes to {r.Step}, and is only to say what it would do.");
            checker.Require(rule.IsDryRun || r.Step != RuleStep.WouldAct, $"{who} only says what it would do, and is to do it.");
            var end = history.Records.FindIndex(at, other => other is EventRecord { Event: { Origin: EventOrigin.Lifecycle } e } && e.Topic == $"mesh.rule.{r.Rule}");
            checker.Require(end > at, $"{who} tells nobody that it came to {r.Step}.");
            var done = history.Records.GetRange(at + 1, end - at - 1);
            if (r.Step != RuleStep.Acted)
            {
                checker.Require(done.Count == 0 && r.Shed.IsEmpty && r.Rewind is null, $"{who} comes to {r.Step}, and something changes.");
                return;
            }
            actEnds = end;
            bool Says(RuleVerb verb) => rule.Then.Any(a => a.Verb == verb);
            checker.Require(done.OfType<PoolRecord>().Count(p => p.Cause == PoolCause.Rule && p.Definition == agents[r.Agent].Definition) == (Says(RuleVerb.Replicate) ? 1 : 0), $"{who} acts, and the pool does not follow.");
            checker.Require((byRule is not null && IsReplacement(rule, byRule)) == Says(RuleVerb.Replace), $"{who} acts, and the topology does not follow.");
            byRule = null;
            checker.Require(r.Shed.IsEmpty != Says(RuleVerb.Shed) && (r.Rewind is not null) == Says(RuleVerb.Rewind), $"{who} acts, and does not do what it says.");
            agents[r.Agent].IsToGoBack = r.Rewind is not null;
        }

        private static bool IsReplacement(RuleDefinition rule, TopologyChangeRecord change) =>
            change is { Author: TopologyAuthor.Rule, Delta.Put: [var one] } && one.Name == rule.Definition && rule.Then.Any(a => a.Replacement is { } by
            && by.ModuleHash == (one.Canary?.Definition ?? one).ModuleHash && (by.Watch?.ShareBasisPoints ?? KeyShare.All) == (one.Canary?.Share.BasisPoints ?? KeyShare.All));
    }
}
