using System.CommandLine;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Service.Cli;

/// <summary><c>log show</c>, <c>log verify</c> and <c>log why</c>, from the data folder itself; a node may be running on it.</summary>
internal static class LogCommands
{
    public static Command Build(CliContext context, OutputOption output) => new("log", "Shows, verifies, counts, compacts and copies the log of a data folder.")
    {
        BuildShow(context, output),
        BuildVerify(context, output),
        WhyCommand.Build(context, output),
        LogStorageCommands.BuildStat(context, output),
        LogStorageCommands.BuildCompact(context, output),
        LogTransferCommands.BuildExport(context, output),
        LogTransferCommands.BuildImport(context, output),
    };

    /// <summary>Reads a position as people write it.</summary>
    /// <exception cref="CliException">It is none.</exception>
    public static long? ReadPosition(string option, string? text)
    {
        if (text is null) return null;
        return Position.TryParse(text, out var position)
            ? position.Offset
            : throw new CliException(ExitCode.BadInput, $"{option} must be a position but is '{text}'; write one as 0-1-1707, or an offset");
    }

    private static Command BuildShow(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var from = new Option<string?>("--from") { Description = "The first position.", HelpName = "POSITION" };
        var to = new Option<string?>("--to") { Description = "The last position.", HelpName = "POSITION" };
        var topic = new Option<string?>("--topic") { Description = "Only events of these topics.", HelpName = "PATTERN" };
        var agent = new Option<string?>("--agent") { Description = "Only what is about this agent or was emitted by it.", HelpName = "NAME" };
        var command = node.AddFolderTo(new Command("show", "Prints records, one a line.") { from, to, topic, agent });
        command.SetAction((parsed, cancellation) =>
        {
            var (first, last) = (ReadPosition("--from", parsed.GetValue(from)) ?? 0, ReadPosition("--to", parsed.GetValue(to)) ?? long.MaxValue);
            var pattern = parsed.GetValue(topic) is { } text ? ReadPattern(text) : null;
            var (name, json) = (parsed.GetValue(agent), output.Of(parsed));
            using var log = context.OpenLog(node.Log(parsed));
            foreach (var entry in log.Records(first, last))
            {
                cancellation.ThrowIfCancellationRequested();
                if (pattern is not null && !(entry.Record is EventRecord e && pattern.Matches(e.Event.Topic))) continue;
                if (name is not null && entry.Agent != name) continue;
                if (json) JsonText.WriteLine(context.Out, writer => LogEntryText.WriteJson(writer, entry));
                else context.Out.WriteLine(LogEntryText.Line(entry));
            }
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    private static Command BuildVerify(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddFolderTo(new Command("verify", "Checks every block, checksum and position, and says where something is wrong."));
        command.SetAction((parsed, cancellation) =>
        {
            var location = node.Log(parsed);
            using var log = context.OpenLog(location);
            var found = log.Verify(cancellation);
            if (output.Of(parsed)) WriteJson(context, found);
            else WriteText(context, location.DataFolder, found);
            return Task.FromResult((int)(found.IsSound ? ExitCode.Done : ExitCode.Failed));
        });
        return command;
    }

    public static TopicPattern ReadPattern(string text) => TopicPattern.Check(text) is { } problem ? throw new CliException(ExitCode.BadInput, problem) : TopicPattern.Parse(text);

    private static void WriteText(CliContext context, string folder, LogVerification found)
    {
        foreach (var flaw in found.Flaws) ErrorReport.Write(context, json: false, ExitCode.Failed, flaw.Message);
        var last = found.Last is { } position ? $", the last one at {position}" : "";
        context.Out.WriteLine($"{folder}: {found.Blocks} sound blocks with {found.Records} records{last}; {(found.IsSound ? "nothing is wrong" : $"{found.Flaws.Length} flaws")}");
    }

    private static void WriteJson(CliContext context, LogVerification found) => JsonText.WritePage(context.Out, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("sound", found.IsSound);
        json.WriteNumber("blocks", found.Blocks);
        json.WriteNumber("records", found.Records);
        if (found.Last is { } last) json.WriteString("last", last.ToString());
        json.WriteList("flaws", found.Flaws, flaw =>
        {
            json.WriteStartObject();
            json.WriteNumber("offset", flaw.Offset);
            json.WriteNumber("sequence_nr", flaw.SequenceNr);
            json.WriteString("message", flaw.Message);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    });
}
