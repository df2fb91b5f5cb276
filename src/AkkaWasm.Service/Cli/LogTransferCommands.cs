using System.CommandLine;
using System.Globalization;
using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>log export</c> and <c>log import</c>: events as lines of CloudEvents, or a whole log as an archive.</summary>
internal static class LogTransferCommands
{
    private const string Events = "events";
    private const string Blocks = "blocks";

    /// <summary>Events that an import publishes together, and bytes at which a batch is sent before it has so many.</summary>
    private const int BatchEvents = 500;

    private const int BatchBytes = 8 << 20;

    public static Command BuildExport(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var from = new Option<string?>("--from") { Description = "The first position; events only.", HelpName = "POSITION" };
        var to = new Option<string?>("--to") { Description = "The last position; events only.", HelpName = "POSITION" };
        var topic = new Option<string?>("--topic") { Description = "Only events of these topics.", HelpName = "PATTERN" };
        var format = new Option<string>("--format")
        {
            Description = "events: CloudEvents with their positions, one a line. blocks: the whole log with modules and snapshots, which can be imported.", DefaultValueFactory = _ => Events,
        };
        format.AcceptOnlyFromAmong(Events, Blocks);
        var file = new Option<string?>("--file") { Description = "Where to write it; otherwise to standard output. A file that is there is not overwritten.", HelpName = "FILE" };
        var command = node.AddFolderTo(new Command("export", "Copies events, or the whole log, out of a data folder; a node may be running on it.") { from, to, topic, format, file });
        command.SetAction((parsed, cancellation) =>
        {
            var isWhole = parsed.GetValue(format) == Blocks;
            if (isWhole && (parsed.GetValue(from) ?? parsed.GetValue(to) ?? parsed.GetValue(topic)) is not null)
                throw new CliException(ExitCode.BadInput, "--from, --to and --topic choose events, and --format blocks copies the whole log; leave them out, or say --format events");
            using var stream = Open(parsed.GetValue(file), context);
            if (isWhole) WriteReport(parsed.GetValue(file) is null ? context.Error : context.Out, output.Of(parsed), LogMaintenance.Export(node.Log(parsed), stream, cancellation));
            else
            {
                var (first, last) = (LogCommands.ReadPosition("--from", parsed.GetValue(from)) ?? 0, LogCommands.ReadPosition("--to", parsed.GetValue(to)) ?? long.MaxValue);
                var pattern = parsed.GetValue(topic) is { } text ? LogCommands.ReadPattern(text) : null;
                using var log = context.OpenLog(node.Log(parsed));
                WriteEvents(log, first, last, pattern, stream, cancellation);
            }
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    public static Command BuildImport(CliContext context, OutputOption output)
    {
        var node = new NodeOptions(folderOption: "--data-folder");
        var file = new Argument<string>("FILE") { Description = "An archive of log export --format blocks, or lines of CloudEvents." };
        var data = new Option<string?>("--data") { Description = "The folder to make of an archive; it must be empty or not there. Lines of CloudEvents go to a running node instead.", HelpName = "DIR" };
        var command = node.AddTo(new Command("import", "Makes a data folder of an archive, and verifies it; or publishes lines of CloudEvents to a running node.") { file, data });
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var stream = OpenRead(parsed.GetRequiredValue(file));
            var isArchive = IsArchive(stream);
            if (isArchive)
            {
                var folder = parsed.GetValue(data) ?? throw new CliException(ExitCode.BadInput, "an archive becomes a data folder of its own; say --data DIR");
                WriteReport(context.Out, output.Of(parsed), LogMaintenance.Import(stream, folder, cancellation));
                return (int)ExitCode.Done;
            }
            if (parsed.GetValue(data) is not null) throw new CliException(ExitCode.BadInput, "the file is no archive, and lines of CloudEvents are published to a running node; say --url, --data-folder or --config to find it");
            using var client = node.Client(parsed, context);
            await PublishAsync(stream, client, context, output.Of(parsed), cancellation);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static void WriteEvents(IOfflineLog log, long first, long last, TopicPattern? pattern, Stream stream, CancellationToken cancellation)
    {
        foreach (var entry in log.Records(first, last))
        {
            cancellation.ThrowIfCancellationRequested();
            if (entry.Record is not EventRecord { Event: var e } || pattern?.Matches(e.Topic) is false) continue;
            stream.Write(CloudEventJson.Write(new CommittedEvent(entry.Position, entry.Id!, entry.Source!, e)).Span);
            stream.WriteByte((byte)'\n');
        }
    }

    /// <summary>What the mesh itself said is left out: only a mesh may say it. An event that is known already changes nothing.</summary>
    private static async Task PublishAsync(Stream stream, NodeClient client, CliContext context, bool json, CancellationToken cancellation)
    {
        using var reader = new StreamReader(stream, new UTF8Encoding(false, true));
        var batch = new Batch(client);
        var (number, left) = (0L, 0L);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            var e = ReadEvent(line, number);
            if (TopicName.IsReserved(e.Topic)) left++;
            else if (batch.Add(e)) await batch.SendAsync(cancellation);
        }
        await batch.SendAsync(cancellation);
        if (json)
        {
            JsonText.WriteLine(context.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("published", batch.Published);
                writer.WriteNumber("known", batch.Known);
                writer.WriteNumber("left_out", left);
                writer.WriteEndObject();
            });
        }
        else context.Out.WriteLine($"{batch.Published} events published, {batch.Known} were known already, {left} of the mesh's own left out");
    }

    private static MeshEvent ReadEvent(string line, long number)
    {
        try
        {
            var e = CloudEventJson.Read(Encoding.UTF8.GetBytes(line));
            return e with { Extensions = [.. e.Extensions.Where(x => x.Key != "position")] };
        }
        catch (CloudEventException ex)
        {
            throw new CliException(ExitCode.BadInput, $"line {number} of the file is no event: {ErrorReport.AsClause(ex.Message)}", ex);
        }
    }

    private static bool IsArchive(Stream stream)
    {
        Span<byte> begin = stackalloc byte[6];
        var isArchive = stream.ReadAtLeast(begin, begin.Length, false) == begin.Length && begin.SequenceEqual("AKWLOG"u8);
        stream.Position = 0;
        return isArchive;
    }

    private static FileStream OpenRead(string file)
    {
        try
        {
            return File.OpenRead(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, $"the file '{file}' cannot be read: {e.Message}", e);
        }
    }

    private static Stream Open(string? file, CliContext context)
    {
        if (file is null) return new BufferedStream(context.OpenOut(), 1 << 16);
        try
        {
            return new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, $"the file '{file}' cannot be written: {e.Message}", e);
        }
    }

    private static void WriteReport(TextWriter to, bool json, ArchiveReport report)
    {
        if (!json)
        {
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Blocks} blocks, {report.Snapshots} snapshots, {report.Parts} pages and {report.Modules} modules in {report.Bytes} bytes"));
            return;
        }
        JsonText.WriteLine(to, writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("blocks", report.Blocks);
            writer.WriteNumber("snapshots", report.Snapshots);
            writer.WriteNumber("pages", report.Parts);
            writer.WriteNumber("modules", report.Modules);
            writer.WriteNumber("bytes", report.Bytes);
            writer.WriteEndObject();
        });
    }

    /// <summary>Events that go to the node together.</summary>
    private sealed class Batch(NodeClient client)
    {
        private readonly List<ReadOnlyMemory<byte>> events = [];
        private long bytes;

        public long Published { get; private set; }

        public long Known { get; private set; }

        /// <returns>Whether the batch is full.</returns>
        public bool Add(MeshEvent e)
        {
            events.Add(CloudEventJson.Write(e, null));
            bytes += events[^1].Length;
            return events.Count >= BatchEvents || bytes >= BatchBytes;
        }

        public async Task SendAsync(CancellationToken cancellation)
        {
            if (events.Count == 0) return;
            using var body = new MemoryStream();
            for (var i = 0; i < events.Count; i++)
            {
                body.WriteByte(i == 0 ? (byte)'[' : (byte)',');
                body.Write(events[i].Span);
            }
            body.WriteByte((byte)']');
            using var answer = await client.PublishBatchAsync(body.ToArray(), cancellation);
            var known = answer.RootElement.GetProperty("accepted").EnumerateArray().Count(a => a.GetProperty("duplicate").GetBoolean());
            (Known, Published) = (Known + known, Published + events.Count - known);
            events.Clear();
            bytes = 0;
        }
    }
}
