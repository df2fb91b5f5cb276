using System.CommandLine;
using System.Globalization;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;

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
        var command = node.AddFolderTo(new Command("compact", "Deletes blocks that the configuration does not keep (data.retention), snapshots, pages and saved states that nothing needs, and gives the room back. No node may run on the folder.") { dryRun });
        command.SetAction((parsed, cancellation) =>
        {
            var report = LogMaintenance.Compact(node.Log(parsed), parsed.GetValue(dryRun), cancellation);
            if (output.Of(parsed)) WriteJson(context, report);
            else
            {
                context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{report.Blocks} blocks with {report.BlockBytes} bytes, {report.Images} snapshots, {report.Parts} pages and {report.States} saved states {(parsed.GetValue(dryRun) ? "could be" : "were")} deleted; "
                    + $"the files had {report.BytesBefore} bytes and have {report.BytesAfter}"));
                if (report.Beginning.Row > 0) context.Out.WriteLine($"{(parsed.GetValue(dryRun) ? "the log would begin" : "the log begins")} at offset {Number(report.Beginning.Offset)}");
                if (report.IsHeld) WriteHolds(context, report);
                if (report.Problem is { } problem) context.Error.WriteLine($"warning: {problem}");
            }
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    private static void WriteHolds(CliContext context, CompactionReport report)
    {
        context.Out.WriteLine($"more blocks are old enough to go, but the log is needed from offset {Number(report.NeededFrom)} on, by");
        foreach (var hold in report.Holds) context.Out.WriteLine($"  {Number(hold.From),12}  {hold.Agent}: {LogStatisticsJson.Words(hold.Reason)}");
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
            ("begins", found.Beginning.Row == 0 ? "at its first record" : $"at offset {Number(found.Beginning.Offset)}: {Number(found.Beginning.Row)} blocks before were removed"),
            ("removable", $"{Number(found.RemovableBlocks)} blocks with {Number(found.RemovableBytes)} bytes{(found.IsHeld ? "; more are old enough and needed" : "")}"),
            ("needed from", $"offset {Number(found.NeededFrom)}{(found.HoldCount == 0 ? "" : ", by")}"),
        ]);
        foreach (var hold in found.Holds) context.Out.WriteLine($"  {Number(hold.From),12}  {hold.Agent}: {LogStatisticsJson.Words(hold.Reason)}");
        if (found.HoldCount > found.Holds.Length) context.Out.WriteLine($"  and {Number(found.HoldCount - found.Holds.Length)} more");
    }

    private static void WriteJson(CliContext context, LogStatistics found) => JsonText.WritePage(context.Out, json => LogStatisticsJson.Write(json, found));

    private static void WriteJson(CliContext context, CompactionReport report) => JsonText.WritePage(context.Out, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("blocks", report.Blocks);
        json.WriteNumber("block_bytes", report.BlockBytes);
        json.WriteNumber("begins", report.Beginning.Offset);
        json.WriteBoolean("held", report.IsHeld);
        json.WriteNumber("needed_from", report.NeededFrom);
        json.WriteList("holds", report.Holds, hold => LogStatisticsJson.Write(json, hold));
        json.WriteNumber("snapshots", report.Images);
        json.WriteNumber("pages", report.Parts);
        json.WriteNumber("saved_states", report.States);
        json.WriteNumber("bytes_before", report.BytesBefore);
        json.WriteNumber("bytes_after", report.BytesAfter);
        if (report.Problem is { } problem) json.WriteString("problem", problem);
        json.WriteEndObject();
    });

    private static string At(long ns) => DateTime.UnixEpoch.AddTicks(ns / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
