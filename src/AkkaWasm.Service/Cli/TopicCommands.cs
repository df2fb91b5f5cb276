using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>topic pub</c>, <c>topic tail</c> and <c>topic dlq</c>, to and from a running node.</summary>
internal static class TopicCommands
{
    private const string DefaultSource = "/akkawasm/cli";

    public static Command Build(CliContext context, OutputOption output) => new("topic", "Publishes events to a running node, follows its topics, looks after what was put aside.")
    {
        BuildPublish(context, output),
        BuildTail(context, output),
        DeadLetterCommands.Build(context, output),
    };

    private static Command BuildPublish(CliContext context, OutputOption output)
    {
        var node = new NodeOptions(folderOption: "--data-folder");
        var topic = new Argument<string>("TOPIC") { Description = "The topic, as quake.alaska." };
        var data = new Option<string?>("--data") { Description = "The data: text, @FILE for a file, - for standard input.", HelpName = "TEXT|@FILE|-" };
        var id = new Option<string?>("--id") { Description = "CloudEvents id; the same id and source again changes nothing. Otherwise a new one.", HelpName = "ID" };
        var source = new Option<string>("--source") { Description = "CloudEvents source.", HelpName = "URI", DefaultValueFactory = _ => DefaultSource };
        var subject = new Option<string?>("--subject") { Description = "CloudEvents subject.", HelpName = "TEXT" };
        var type = new Option<string?>("--content-type")
        {
            Description = "Media type of the data; otherwise application/json if it is JSON, text/plain if it is text, else application/octet-stream.",
            HelpName = "TYPE",
        };
        var command = node.AddTo(new Command("pub", "Publishes one event and prints its position once it is committed.") { topic, data, id, source, subject, type });
        command.SetAction(async (parsed, cancellation) =>
        {
            var bytes = await DataArgument.ReadAsync(parsed.GetValue(data), context, cancellation);
            var cloudEvent = new MeshEvent
            {
                Topic = parsed.GetRequiredValue(topic),
                Id = parsed.GetValue(id) ?? Guid.CreateVersion7().ToString(),
                Source = parsed.GetRequiredValue(source),
                Subject = parsed.GetValue(subject),
                ContentType = parsed.GetValue(type) ?? (bytes.IsEmpty ? null : TypeOf(bytes)),
                Data = bytes,
            };
            using var client = node.Client(parsed, context);
            using var answer = await client.PublishAsync(CloudEventJson.Write(cloudEvent, null), cancellation);
            var accepted = answer.RootElement.GetProperty("accepted")[0];
            if (output.Of(parsed)) JsonText.WriteLine(context.Out, accepted.WriteTo);
            else context.Out.WriteLine($"{accepted.GetProperty("position")}{(accepted.GetProperty("duplicate").GetBoolean() ? " (known already)" : "")}");
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildTail(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var pattern = new Argument<string>("PATTERN") { Description = "The topics: * stands for one token, > at the end for the rest. In quotes, so that the shell leaves it alone." };
        var from = new Option<string?>("--from") { Description = "Where to begin: a position, or 0 for the beginning; otherwise with what comes now.", HelpName = "POSITION" };
        var count = new Option<long?>("--count") { Description = "Ends after N events.", HelpName = "N" };
        var command = node.AddTo(new Command("tail", "Prints committed events as they come, one a line, until Ctrl-C.") { pattern, from, count });
        command.SetAction(async (parsed, cancellation) =>
        {
            if (TopicPattern.Check(parsed.GetRequiredValue(pattern)) is { } problem) throw new CliException(ExitCode.BadInput, problem);
            var (json, left) = (output.Of(parsed), parsed.GetValue(count) ?? long.MaxValue);
            if (left < 1) return (int)ExitCode.Done;
            using var client = node.Client(parsed, context);
            await foreach (var (position, text) in client.StreamAsync(parsed.GetRequiredValue(pattern), parsed.GetValue(from), cancellation))
            {
                await context.Out.WriteLineAsync(json ? text : Line(position, text));
                await context.Out.FlushAsync(cancellation);
                if (--left == 0) break;
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static string Line(string position, string text)
    {
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        var data = root.TryGetProperty("data", out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
            : root.TryGetProperty("data_base64", out var bytes) ? $"base64:{bytes.GetString()}" : "";
        return $"{position}  {root.GetProperty("type").GetString()}  {data}";
    }

    private static string TypeOf(ReadOnlyMemory<byte> data) =>
        CloudEventJson.IsJsonValue(data.Span) ? "application/json"
        : System.Text.Unicode.Utf8.IsValid(data.Span) ? "text/plain"
        : "application/octet-stream";
}
