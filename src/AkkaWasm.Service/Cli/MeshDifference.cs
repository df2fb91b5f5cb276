using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>What two cuts of a mesh differ in: a row for each thing that is another.</summary>
/// <param name="First">The first cut.</param>
/// <param name="Second">The second cut.</param>
/// <param name="Rows">What it is, as it was, as it is; null where it is not there.</param>
internal sealed record MeshDifference(MeshMoment First, MeshMoment Second, IReadOnlyList<(string What, string? Before, string? After)> Rows)
{
    public static MeshDifference Between(MeshMoment first, MeshMoment second)
    {
        var (before, after) = (Facts(first), Facts(second));
        var rows = before.Keys.Union(after.Keys).Select(what => (what, before.GetValueOrDefault(what), after.GetValueOrDefault(what))).Where(row => row.Item2 != row.Item3);
        return new MeshDifference(first, second, [.. rows]);
    }

    public void Write(CliContext context)
    {
        TextTable.Write(context, ["", First.Cut.ToString(), Second.Cut.ToString()], Rows.Select(row => new[] { row.What, row.Before ?? "", row.After ?? "" }));
        if (Rows.Count == 0) context.Out.WriteLine("nothing differs");
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("first", First.Cut.ToString());
        json.WriteString("second", Second.Cut.ToString());
        json.WriteList("differences", Rows, row =>
        {
            json.WriteStartObject();
            json.WriteString("what", row.What);
            if (row.Before is not null) json.WriteString("before", row.Before);
            if (row.After is not null) json.WriteString("after", row.After);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static Dictionary<string, string> Facts(MeshMoment moment)
    {
        var facts = new Dictionary<string, string> { ["topology"] = moment.TopologyHash };
        foreach (var cursor in moment.Cursors) facts[$"cursor of {cursor.Key}"] = Convert.ToHexStringLower(cursor.Value.Span);
        foreach (var agent in moment.Agents)
        {
            var name = agent.Status.Name;
            facts[name] = $"{AgentJson.NameOf(agent.Status.State)}, incarnation {agent.Status.Incarnation}";
            facts[$"{name}: turns"] = $"{agent.Status.Turns}";
            facts[$"{name}: state"] = agent.Hash?.ToString() ?? agent.Problem ?? "none";
            if (agent.Status.Pending > 0) facts[$"{name}: pending"] = $"{agent.Status.Pending}";
            if (agent.Quarantine.Length > 0) facts[$"{name}: quarantine"] = $"{agent.Quarantine.Length}, the last at {agent.Quarantine[^1].Input}";
        }
        foreach (var timer in moment.Timers) facts[$"timer {timer.Record.Timer} of {timer.Agent}"] = $"due {MeshMomentJson.Time(timer.Record.DueNs)}";
        return facts;
    }
}
