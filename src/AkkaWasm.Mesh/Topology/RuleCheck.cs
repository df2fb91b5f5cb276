using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Topology;

/// <summary>Checks rules: that there is what they are about, that lines and verbs fit it and do not contradict each other.</summary>
internal static class RuleCheck
{
    /// <summary>Verbs of which an agent can only get one: each begins another life of it, or none.</summary>
    private static readonly RuleVerb[] OfOneKind = [RuleVerb.Rewind, RuleVerb.Replace, RuleVerb.Restart, RuleVerb.Pause];

    public static void Check(List<TopologyProblem> problems, MeshTopology topology)
    {
        if (topology.Rules.Length > RuleDefinition.MostRules) problems.Add(new("rules", $"There are {topology.Rules.Length} rules; at most {RuleDefinition.MostRules} are possible."));
        var names = new HashSet<string>(StringComparer.Ordinal);
        var agents = topology.Agents.GroupBy(a => a.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        foreach (var rule in topology.Rules)
        {
            var path = $"rules.{rule.Name}";
            if (!TopicName.IsToken(rule.Name) || rule.Name.Length > AgentDefinition.MaxNameLength / 2)
                problems.Add(new(path, $"'{rule.Name}' cannot name a rule; use at most {AgentDefinition.MaxNameLength / 2} letters, digits, '-' and '_'."));
            if (!names.Add(rule.Name)) problems.Add(new(path, $"The rule '{rule.Name}' is defined twice."));
            var known = agents.GetValueOrDefault(rule.Definition ?? "");
            CheckSubject(problems, path, rule, known, agents.Keys);
            CheckTimes(problems, path, rule);
            CheckLines(problems, path, rule, known);
            CheckVerbs(problems, path, rule, known);
        }
    }

    private static void CheckSubject(List<TopologyProblem> problems, string path, RuleDefinition rule, AgentDefinition? known, IEnumerable<string> names)
    {
        if (rule.Definition is not { } definition) return;
        if (known is null)
            problems.Add(new($"{path}.of", $"There is no agent, family or pool '{definition}'; there are {string.Join(", ", names.Take(20).Select(n => $"'{n}'").DefaultIfEmpty("none"))}."));
        else if (known.IsSingle && rule.Of != definition)
            problems.Add(new($"{path}.of", $"'{definition}' is a single agent and has no keys; write {definition} alone."));
    }

    private static void CheckTimes(List<TopologyProblem> problems, string path, RuleDefinition rule)
    {
        if (rule.For < TimeSpan.Zero || rule.CoolDown < TimeSpan.Zero) problems.Add(new(path, "for and cool-down must be 0 or more; 0 stands for none."));
        if (rule.Per <= TimeSpan.Zero) problems.Add(new($"{path}.per", "The time must be longer than 0."));
        if (rule.AtMost is < 1 or > RuleDefinition.MostActs) problems.Add(new($"{path}.at-most", $"{rule.AtMost} times are no bound; 1 to {RuleDefinition.MostActs} are possible."));
    }

    private static void CheckLines(List<TopologyProblem> problems, string path, RuleDefinition rule, AgentDefinition? known)
    {
        if (rule.When.IsEmpty) problems.Add(new($"{path}.when", $"The rule '{rule.Name}' has no line; write one of {string.Join(", ", RuleWords.AllSignals.Select(RuleWords.Of))} with a value."));
        foreach (var twice in rule.When.GroupBy(line => line.Signal).Where(g => g.Count() > 1)) problems.Add(new($"{path}.when", $"The line for {RuleWords.Of(twice.Key)} is there twice."));
        foreach (var line in rule.When)
        {
            var (at, word) = ($"{path}.when.{RuleWords.Of(line.Signal)}", RuleWords.Of(line.Signal));
            if (line.Above is not (> 0 and < double.PositiveInfinity)) problems.Add(new(at, $"The line for {word} must be above 0."));
            else if (line.Clear is not > 0 || line.Clear > line.Above)
                problems.Add(new($"{path}.clear", $"{word} is crossed at {RuleWords.Text(line.Signal, line.Above)} and would be cleared at {RuleWords.Text(line.Signal, line.Clear)}; write more than 0 and at most the line itself."));
            if (line.Signal == RuleSignal.FailureRate && line.Above > 1) problems.Add(new(at, $"{line.Above} is no share; write more than 0 and at most 1."));
            if (line.Signal == RuleSignal.TurnTime && known is not null && known.Limits.Deadline > TimeSpan.Zero && line.Above >= HealingLadder.ToNs(known.Limits.Deadline))
                problems.Add(new(at, $"No turn of '{known.Name}' takes {RuleWords.Text(line.Signal, line.Above)}, because it is ended after {known.Limits.Deadline:c} (limits.deadline); write less."));
        }
    }

    private static void CheckVerbs(List<TopologyProblem> problems, string path, RuleDefinition rule, AgentDefinition? known)
    {
        path = $"{path}.then";
        if (rule.Then.IsEmpty) problems.Add(new(path, $"The rule '{rule.Name}' does nothing; write alert if it is only to say so."));
        foreach (var twice in rule.Then.GroupBy(a => a.Verb).Where(g => g.Count() > 1)) problems.Add(new(path, $"{RuleWords.Of(twice.Key)} is there twice."));
        if (rule.Then.Where(a => OfOneKind.Contains(a.Verb)).Select(a => a.Verb).Distinct().ToArray() is { Length: > 1 } several)
            problems.Add(new(path, $"An agent cannot get {string.Join(" and ", several.Select(RuleWords.Of))} at once; keep one of them."));
        foreach (var action in rule.Then) CheckVerb(problems, path, rule, action, known);
    }

    private static void CheckVerb(List<TopologyProblem> problems, string path, RuleDefinition rule, RuleAction action, AgentDefinition? known)
    {
        switch (action.Verb)
        {
            case RuleVerb.Rewind when action.Rewind is not { To: null, Turns: > 0, Snapshots: >= 0 }:
                problems.Add(new(path, "An agent goes back by 1 turn or more, or to a snapshot from 1 on."));
                break;
            case RuleVerb.Replace when rule.Definition is null:
                problems.Add(new(path, "Not all agents can get one module; name the definition that gets it in of."));
                break;
            case RuleVerb.Replace when action.Replacement is not { ModuleHash: not null }:
                problems.Add(new(path, "replace says no module; add module = \"….wasm\"."));
                break;
            case RuleVerb.Replace when action.Replacement.Watch?.FindProblem() is { } problem:
                problems.Add(new(path, problem));
                break;
            case RuleVerb.Replace when action.Replacement.Watch is { ShareBasisPoints: < KeyShare.All } && known is { Key: null }:
                problems.Add(new(path, $"'{known.Name}' is {(known.Pool is null ? "one agent" : "a pool")}, of which there is no share by keys; leave out share, and it gets the module as a whole."));
                break;
            case RuleVerb.Replicate when known?.Pool is null:
                problems.Add(new(path, $"'{rule.Of}' is no pool and cannot be replicated; give it pool.size, or leave replicate out."));
                break;
            case RuleVerb.Replicate when action.By < 1 || action.By > known.Pool.Max:
                problems.Add(new(path, $"The pool '{known.Name}' cannot grow by {action.By}; 1 to {known.Pool.Max} are possible (pool.max)."));
                break;
            case RuleVerb.Shed when action.Keep < 0:
                problems.Add(new(path, $"{action.Keep} events cannot be kept; write 0 or more."));
                break;
            case RuleVerb.Shed when rule.When.FirstOrDefault(line => line.Signal == RuleSignal.Lag) is { Above: > 0 } lag && action.Keep >= lag.Above:
                problems.Add(new(path, $"With {lag.Above} events waiting nothing is shed if {action.Keep} are kept; keep fewer than the line for lag."));
                break;
        }
    }
}
