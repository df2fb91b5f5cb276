using System.CommandLine;
using System.Globalization;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Service.Cli;

/// <summary><c>log stat</c> and <c>log compact</c>: what a data folder holds, and giving back what nothing needs.</summary>
internal static class LogStorageCommands
{
    public static Command BuildStat(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddFolderTo(new Command("stat", "Counts blocks, records, topics, agents and snapshots, and says what of the log is still needed and by whom."));
        command.SetAction((parsed, cancellation) =>
        {
            var found = LogMaintenance.Count(node.Log(parsed), cancellation);
            if (output.Of(parsed)) WriteJson(context, found);
            else WriteText(context, found);
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    public static Command BuildCompact(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says what would be deleted; a node may run on the folder." };
        var command = node.AddFolderTo(new Command("compact", "Deletes snapshots, pages and saved states that nothing needs, and gives the room back. No node may run on the folder.") { dryRun });
        command.SetAction((parsed, cancellation) =>
        {
            var report = LogMaintenance.Compact(node.Log(parsed), parsed.GetValue(dryRun), cancellation);
            if (output.Of(parsed)) WriteJson(context, report);
            else
            {
                context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{report.Images} snapshots, {report.Parts} pages and {report.States} saved states {(parsed.GetValue(dryRun) ? "could be" : "were")} deleted; "
                    + $"the files had {report.BytesBefore} bytes and have {report.BytesAfter}"));
                if (report.Problem is { } problem) context.Error.WriteLine($"warning: {problem}");
            }
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    private static void WriteText(CliContext context, LogStatistics found)
    {
        TextTable.WritePairs(context,
        [
            ("positions", found.First is { } first ? $"{first} to {found.Last}" : "none"),
            ("time", found.First is null ? "none" : $"{At(found.FirstAtNs)} to {At(found.LastAtNs)}"),
            ("blocks", $"{Number(found.Blocks)} with {Number(found.BlockBytes)} bytes"),
            ("records", $"{Number(found.Records)}: {string.Join(", ", found.RecordsByKind.OrderByDescending(k => k.Value).Select(k => $"{Number(k.Value)} {k.Key}"))}"),
            ("topics", $"{Number(found.Topics)}{(found.Topics == 0 ? "" : ": ")}{string.Join(", ", found.BusiestTopics.Select(t => $"{t.Topic} {Number(t.Events)}"))}"),
            ("agents", $"{found.Agents}, {found.StoppedAgents} of them stopped"),
            ("snapshots", $"{Number(found.Images)} with {Number(found.ImageBytes)} bytes, and {Number(found.Parts)} pages with {Number(found.PartBytes)} bytes"),
            ("saved states", $"{Number(found.States)} with {Number(found.StateBytes)} bytes"),
            ("needed from", $"offset {Number(found.NeededFrom)}{(found.HoldCount == 0 ? "" : ", by")}"),
        ]);
        foreach (var hold in found.Holds) context.Out.WriteLine($"  {Number(hold.From),12}  {hold.Agent}: {Words(hold.Reason)}");
        if (found.HoldCount > found.Holds.Length) context.Out.WriteLine($"  and {Number(found.HoldCount - found.Holds.Length)} more");
    }

    private static void WriteJson(CliContext context, LogStatistics found) => JsonText.WritePage(context.Out, json =>
    {
        json.WriteStartObject();
        if (found.First is { } first) json.WriteString("first", first.ToString());
        if (found.Last is { } last) json.WriteString("last", last.ToString());
        if (found.First is not null) json.WriteString("first_at", At(found.FirstAtNs));
        if (found.First is not null) json.WriteString("last_at", At(found.LastAtNs));
        foreach (var (name, value) in Numbers(found)) json.WriteNumber(name, value);
        json.WriteStartObject("records_by_kind");
        foreach (var (kind, count) in found.RecordsByKind) json.WriteNumber(kind, count);
        json.WriteEndObject();
        json.WriteStartObject("busiest_topics");
        foreach (var (topic, count) in found.BusiestTopics) json.WriteNumber(topic, count);
        json.WriteEndObject();
        json.WriteList("holds", found.Holds, hold =>
        {
            json.WriteStartObject();
            json.WriteNumber("from", hold.From);
            json.WriteString("agent", hold.Agent);
            json.WriteString("reason", Words(hold.Reason));
            json.WriteEndObject();
        });
        json.WriteEndObject();
    });

    private static (string Name, long Value)[] Numbers(LogStatistics found) =>
    [
        ("blocks", found.Blocks), ("block_bytes", found.BlockBytes), ("records", found.Records), ("topics", found.Topics), ("agents", found.Agents),
        ("stopped_agents", found.StoppedAgents), ("snapshots", found.Images), ("snapshot_bytes", found.ImageBytes), ("pages", found.Parts), ("page_bytes", found.PartBytes),
        ("saved_states", found.States), ("saved_state_bytes", found.StateBytes), ("needed_from", found.NeededFrom), ("hold_count", found.HoldCount),
    ];

    private static void WriteJson(CliContext context, CompactionReport report) => JsonText.WritePage(context.Out, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("snapshots", report.Images);
        json.WriteNumber("pages", report.Parts);
        json.WriteNumber("saved_states", report.States);
        json.WriteNumber("bytes_before", report.BytesBefore);
        json.WriteNumber("bytes_after", report.BytesAfter);
        if (report.Problem is { } problem) json.WriteString("problem", problem);
        json.WriteEndObject();
    });

    private static string Words(LogHoldReason reason) => reason switch
    {
        LogHoldReason.Waiting => "has not handled it yet",
        LogHoldReason.Quarantined => "it is in quarantine",
        LogHoldReason.AfterImage => "has handled it since its newest snapshot",
        LogHoldReason.FirstTurn => "has no snapshot and is rebuilt from its first turn",
        LogHoldReason.Timer => "has set a timer or request in the turn on it",
        _ => "is being healed after it",
    };

    private static string At(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
