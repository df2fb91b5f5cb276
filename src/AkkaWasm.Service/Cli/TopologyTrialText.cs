using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary>Trials of a topology for people, as a node told them: a line for each agent, and the first turn that differs with both sides.</summary>
internal static class TopologyTrialText
{
    /// <summary>How many characters of an event or an output are printed; JSON has all.</summary>
    private const int MaxChars = 160;

    /// <summary>How many outputs of a turn are printed.</summary>
    private const int OutputsShown = 4;

    private static readonly Dictionary<string, string> States = new(StringComparer.Ordinal)
    {
        ["first-turn"] = "from its first turn on", ["taken-over"] = "with the state taken over", ["replayed"] = "with the state of its own turns from the first one on",
        ["migrated"] = "with the state taken over by mesh_migrate", ["loaded"] = "with the state that mesh_save wrote down", ["begun-anew"] = "begun anew",
    };

    /// <summary>Writes a trial.</summary>
    public static void Write(CliContext context, JsonElement trial)
    {
        var agents = 0;
        foreach (var definition in trial.GetProperty("definitions").EnumerateArray())
        {
            var (living, tried) = (definition.GetProperty("living").GetInt32(), definition.GetProperty("agents").GetArrayLength());
            context.Out.WriteLine($"try     agents.{definition.GetProperty("name").GetString()}{(tried < living ? $"  ({tried} of {living} living)" : "")}");
            foreach (var agent in definition.GetProperty("agents").EnumerateArray()) WriteAgent(context, agent);
            agents += tried;
        }
        var differing = Number(trial, "differing");
        var how = differing == 0 ? "" : $": {Counts(trial)}";
        context.Out.WriteLine(agents == 0 ? "the guests of no living agent change" : $"{differing} of {Number(trial, "turns")} turns differ{how}");
        context.Out.WriteLine($"required: {trial.GetProperty("require").GetString()}, {(trial.GetProperty("met").GetBoolean() ? "met" : "not met")}");
    }

    private static void WriteAgent(CliContext context, JsonElement agent)
    {
        var turns = Number(agent, "turns");
        if (turns > 0)
        {
            var how = agent.GetProperty("identical").GetBoolean() ? "all the same" : $"{Number(agent, "differing")} differ: {Counts(agent)}";
            context.Out.WriteLine($"        {agent.GetProperty("agent").GetString()}: {turns} turns {States[agent.GetProperty("state").GetString()!]}, {how}");
            foreach (var side in new[] { "recorded", "tried" }) context.Out.WriteLine($"          {side,-8}  {Totals(agent.GetProperty(side))}");
        }
        if (agent.TryGetProperty("problem", out var problem)) context.Out.WriteLine($"problem: {agent.GetProperty("agent").GetString()}: {problem.GetString()}");
        foreach (var turn in agent.GetProperty("details").EnumerateArray().Take(1))
        {
            context.Out.WriteLine($"          the first that differs: {turn.GetProperty("position").GetString()} {Clip(turn.GetProperty("event").GetRawText())}");
            foreach (var side in new[] { "recorded", "tried" })
                foreach (var line in Lines(turn.GetProperty(side))) context.Out.WriteLine($"          {side,-8}  {line}");
        }
    }

    private static string Totals(JsonElement totals)
    {
        var fuel = Number(totals, "fuel") is > 0 and var spent ? $", {spent} fuel" : "";
        var ms = totals.GetProperty("elapsed_ms").GetDouble();
        return FormattableString.Invariant($"{Number(totals, "successes")} successes, {Number(totals, "failures")} failures, {Number(totals, "outputs")} outputs{fuel}, {ms:0.0} ms, {Number(totals, "memory_bytes")} bytes");
    }

    private static IEnumerable<string> Lines(JsonElement outcome)
    {
        if (outcome.TryGetProperty("fault", out var fault))
        {
            yield return $"failed {fault.GetProperty("kind").GetString()}/{fault.GetProperty("code").GetString()}: {fault.GetProperty("message").GetString()}";
            yield break;
        }
        var outputs = outcome.GetProperty("outputs").EnumerateArray().Where(o => o.GetProperty("what").GetString() != "log").ToList();
        if (outputs.Count == 0) yield return "done, without outputs";
        foreach (var output in outputs.Take(OutputsShown)) yield return Clip(output.GetRawText());
        if (outputs.Count > OutputsShown) yield return $"and {outputs.Count - OutputsShown} more outputs";
    }

    private static string Counts(JsonElement of) => TrialText.Counts(Number(of, "new_failures"), Number(of, "mended"), Number(of, "quarantined_mended"), Number(of, "differing"));

    private static string Clip(string text) => text.Length <= MaxChars ? text : text[..MaxChars] + "…";

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}
