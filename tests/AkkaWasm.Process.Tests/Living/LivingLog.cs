using System.Text.Json;

namespace AkkaWasm.Process.Tests.Living;

/// <summary>Judges the log of a mesh that was killed again and again, from nothing but its records.</summary>
internal static class LivingLog
{
    /// <summary>
    /// The log is sound and its turns make the states; what was acknowledged is there, no event is there twice; none was handled twice in a life, and what each counter
    /// published last is the number of its events.
    /// </summary>
    public static async Task JudgeAsync(LivingMesh mesh, string context)
    {
        using var replayed = await NodeProcess.RunAsync(["replay", "--all", "--verify", .. mesh.Place.Log]);
        Assert.True(replayed.ExitCode == 0, $"{context}: {replayed.Output}{replayed.Errors}");
        using var log = await NodeProcess.RunAsync(["log", "show", .. mesh.Place.Log, "--output", "json"]);
        Assert.True(log.ExitCode == 0, $"{context}: {log.Errors}");
        var records = log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        CheckEvents(mesh, records, context);
        CheckTurns(records, context);
        CheckCounts(mesh, records, context);
        var requests = records.Where(r => TopicOf(r) == "probe.do").ToArray();
        Assert.Equal(requests.Length, records.Count(r => TopicOf(r) == "integrator.out")); // one answer each
    }

    private static void CheckEvents(LivingMesh mesh, JsonElement[] records, string context)
    {
        var ids = records.Where(r => TopicOf(r)?.StartsWith("probe.", StringComparison.Ordinal) == true).Select(r => r.GetProperty("event").GetProperty("id").GetString()!).ToArray();
        Assert.True(ids.Length == ids.Distinct().Count(), $"{context}: an event is there twice");
        Assert.True(!mesh.Acknowledged.Except(ids).Any(), $"{context}: acknowledged and not there: {string.Join(", ", mesh.Acknowledged.Except(ids).Take(10))}");
    }

    private static void CheckTurns(JsonElement[] records, string context)
    {
        var lives = new Dictionary<string, int>();
        var handled = new HashSet<(string, int, long)>();
        foreach (var record in records)
        {
            if (KindOf(record) == "agent") lives[AgentOf(record)] = record.GetProperty("incarnation").GetInt32();
            if (KindOf(record) != "turn" || record.TryGetProperty("fault", out _)) continue;
            var (agent, input) = (AgentOf(record), record.GetProperty("input").GetInt64());
            Assert.True(handled.Add((agent, lives[agent], input)), $"{context}: '{agent}' handled {input} twice in its life {lives[agent]}");
        }
    }

    private static void CheckCounts(LivingMesh mesh, JsonElement[] records, string context)
    {
        var counts = new Dictionary<string, int>();
        foreach (var record in records.Where(r => TopicOf(r) == "count.out")) counts[FirstNameOf(AgentOf(record))] = record.GetProperty("event").GetProperty("data").GetInt32();
        foreach (var agent in LivingMesh.Counters) Require(agent, counts.GetValueOrDefault(agent), records.Count(r => TopicOf(r) == $"probe.{agent}"));
        foreach (var shared in new[] { "crew", "keyed" })
            Require(shared, counts.Where(c => c.Key.StartsWith($"{shared}/", StringComparison.Ordinal)).Sum(c => c.Value), records.Count(r => TopicOf(r)?.StartsWith($"probe.{shared}.", StringComparison.Ordinal) == true));
        Require("late", counts.GetValueOrDefault("late"), records.Count(r => TopicOf(r) == "probe.late" || (mesh.IsBroughtThePast && TopicOf(r) == "probe.counter")));
        Require("leaving", counts.GetValueOrDefault("leaving"), records.Count(r => TopicOf(r) == "probe.leaving"));

        void Require(string agent, int counted, int events) => Assert.True(counted == events, $"{context}: '{agent}' counted {counted} of {events} events");
    }

    /// <summary>The family may have got another name: what it counted before counts.</summary>
    private static string FirstNameOf(string agent) => agent.StartsWith($"{Verbs.Renamed}/", StringComparison.Ordinal) ? "keyed" + agent[Verbs.Renamed.Length..] : agent;

    private static string? TopicOf(JsonElement record) => KindOf(record) == "event" ? record.GetProperty("event").GetProperty("type").GetString() : null;

    private static string KindOf(JsonElement record) => record.GetProperty("kind").GetString()!;

    private static string AgentOf(JsonElement record) => record.GetProperty("agent").GetString()!;
}
