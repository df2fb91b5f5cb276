using AkkaWasm.Actors;
using AkkaWasm.Mesh.Inspection;

namespace AkkaWasm.Service.Cli;

/// <summary>Moments of agents and of the mesh, for people.</summary>
internal static class MomentText
{
    /// <summary>How many rows of changed bytes a comparison shows of each memory.</summary>
    private const int RowsPerComparison = 64;

    public static void Write(CliContext context, AgentMoment moment)
    {
        TextTable.WritePairs(context, [.. Pairs(moment), .. moment.State is { } state ? Pairs(state) : []]);
    }

    public static void Write(CliContext context, MomentComparison comparison)
    {
        TextTable.Write(context, ["", "first", "second"], Pairs(comparison.First).Zip(Pairs(comparison.Second), (one, other) => new[] { one.Name, one.Value, other.Value }));
        if (comparison.Difference is not { } difference)
        {
            context.Out.WriteLine("one of the two has no state that can be described, so that only the hashes can be compared");
            return;
        }
        context.Out.WriteLine(difference.IsEmpty ? "nothing differs" : "what differs:");
        foreach (var line in DifferenceText.Lines(difference, RowsPerComparison)) context.Out.WriteLine("  " + line);
    }

    public static void Write(CliContext context, MeshMoment moment)
    {
        TextTable.WritePairs(context,
        [
            ("mesh", moment.Mesh), ("cut", moment.Cut.ToString()), ("at", Http.MeshMomentJson.Time(moment.AtNs)), ("topology", moment.TopologyHash),
            ("events", $"{moment.Totals.Events}"), ("turns", $"{moment.Totals.Turns}"),
            .. moment.Cursors.Select(c => ($"cursor of {c.Key}", Convert.ToHexStringLower(c.Value.Span))),
        ]);
        TextTable.Write(context, ["name", "state", "incarnation", "turns", "failures", "quarantined", "pending", "state hash"], moment.Agents.Select(a => new[]
        {
            a.Status.Name, Http.AgentJson.NameOf(a.Status.State), $"{a.Status.Incarnation}", $"{a.Status.Turns}", $"{a.Status.Failures}", $"{a.Quarantine.Length}", $"{a.Status.Pending}",
            a.Hash?.ToString() ?? (a.Problem is null ? "none" : "cannot be rebuilt"),
        }));
        foreach (var agent in moment.Agents.Where(a => a.Problem is not null)) context.Out.WriteLine($"{agent.Status.Name}: {agent.Problem}");
        foreach (var (agent, timer) in moment.Timers)
            context.Out.WriteLine($"{(timer.IsTimeout ? "time-out" : "timer")} {timer.Timer} of {agent}, due {Http.MeshMomentJson.Time(timer.DueNs)}, on {timer.Topic}");
    }

    private static IEnumerable<(string Name, string Value)> Pairs(AgentMoment moment) =>
    [
        ("agent", moment.Agent),
        ("incarnation", $"{moment.Incarnation}"),
        ("last input", moment.LastInput < 0 ? "none" : $"{moment.LastInput}"),
        ("last turn", moment.LastTurn < 0 ? "none" : $"{moment.LastTurn}"),
        ("turns", $"{moment.Turns} of this incarnation, {moment.Failures} more failed"),
        ("rebuilt from", moment.FromImage < 0 ? "turn 0" : $"the image after {moment.FromImage}"),
        ("state hash", moment.Hash?.ToString() ?? "none"),
    ];

    private static IEnumerable<(string Name, string Value)> Pairs(StateSummary state) =>
    [
        .. state.Memories.Select(m => ($"memory {m.Name}", $"{m.SizeBytes} bytes, {m.ContentBytes} of them in pages with contents")),
        .. state.Globals.Select(g => ($"global {g.Name}", $"{g.Text} ({g.Type})")),
        .. state.Tables.Select(t => ($"table {t.Name}", $"{t.Elements} elements, {t.Set} set ({t.Type})")),
        .. state.Objects.Select(o => ($"objects {o.Type}", $"{o.Count}, {o.ContentBytes} bytes")),
        .. state.Files.Select(f => ($"{f.Kind} {f.Path}", f.Kind == "link" ? f.Digest : $"{f.SizeBytes} bytes")),
    ];
}
