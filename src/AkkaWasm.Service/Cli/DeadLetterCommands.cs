using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>topic dlq list|show|release|drop</c>: the events that were put aside, on a running node.</summary>
internal static class DeadLetterCommands
{
    private static readonly string[] Columns = ["agent", "offset", "at", "kind", "code", "message"];

    public static Command Build(CliContext context, OutputOption output) => new("dlq", "Looks at events that were put aside, releases and drops them.")
    {
        BuildList(context, output),
        BuildShow(context, output),
        BuildRelease(context, output),
        BuildDrop(context, output),
    };

    private static Command BuildList(CliContext context, OutputOption output)
    {
        var (node, filter) = (new NodeOptions(), new Filter());
        var command = filter.AddTo(node.AddTo(new Command("list", "The events put aside, oldest first.")));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync(QuarantineEndpoints.Path + filter.Query(parsed), cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else TextTable.Write(context, Columns, answer.RootElement.GetProperty("events").EnumerateArray().Select(Row));
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static string[] Row(JsonElement e)
    {
        var fault = e.GetProperty("fault");
        return [.. Columns.Select(column => (fault.TryGetProperty(column, out var of) ? of : e.GetProperty(column)).ToString())];
    }

    private static Command BuildShow(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var (agent, offset) = (Agent(), Offset());
        var command = node.AddTo(new Command("show", "One of them: the event, and why it was put aside.") { agent, offset });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync(PathOf(parsed.GetRequiredValue(agent), parsed.GetRequiredValue(offset)), cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else TextTable.WritePairs(context, AgentCommands.Pairs("", answer.RootElement));
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildRelease(CliContext context, OutputOption output)
    {
        var (node, filter) = (new NodeOptions(folderOption: "--data-folder"), new Filter(toAct: true));
        var (agent, offset) = (Agent(ArgumentArity.ZeroOrOne), Offset(ArgumentArity.ZeroOrOne));
        var data = new Option<string?>("--data") { Description = "Other data for the one event: text, @FILE for a file, - for standard input.", HelpName = "TEXT|@FILE|-" };
        var command = filter.AddTo(node.AddTo(new Command("release", "Has an event handled again, or all that are found by the options: all of them, or none.") { agent, offset, data }));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            if (Single(parsed, agent, offset, filter) is { } path)
            {
                ReadOnlyMemory<byte>? bytes = parsed.GetValue(data) is { } text ? await DataArgument.ReadAsync(text, context, cancellation) : null;
                using var _ = await client.RequestAsync(HttpMethod.Post, path + "/release", bytes, cancellation);
                return Tell(context, output.Of(parsed), "released", 1);
            }
            if (parsed.GetValue(data) is not null) throw new CliException(ExitCode.BadInput, "--data is for one event; say AGENT and OFFSET");
            using var answer = await client.RequestAsync(HttpMethod.Post, QuarantineEndpoints.Path + "/release" + filter.Query(parsed), null, cancellation);
            return Tell(context, output.Of(parsed), "released", answer!.RootElement.GetProperty("released").GetInt32());
        });
        return command;
    }

    private static Command BuildDrop(CliContext context, OutputOption output)
    {
        var (node, filter) = (new NodeOptions(), new Filter(toAct: true));
        var (agent, offset) = (Agent(ArgumentArity.ZeroOrOne), Offset(ArgumentArity.ZeroOrOne));
        var command = filter.AddTo(node.AddTo(new Command("drop", "Ends the quarantine of an event, or of all that are found by the options, all or none; they stay in the log.") { agent, offset }));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            if (Single(parsed, agent, offset, filter) is { } path)
            {
                using var _ = await client.RequestAsync(HttpMethod.Delete, path, null, cancellation);
                return Tell(context, output.Of(parsed), "dropped", 1);
            }
            using var answer = await client.RequestAsync(HttpMethod.Delete, QuarantineEndpoints.Path + filter.Query(parsed), null, cancellation);
            return Tell(context, output.Of(parsed), "dropped", answer!.RootElement.GetProperty("dropped").GetInt32());
        });
        return command;
    }

    /// <returns>The path of the one event that is meant, or null if many are.</returns>
    private static string? Single(ParseResult parsed, Argument<string?> agent, Argument<string?> offset, Filter filter)
    {
        var (name, at) = (parsed.GetValue(agent), parsed.GetValue(offset));
        if (name is not null && at is not null && !filter.Says(parsed)) return PathOf(name, at);
        if (name is not null) throw new CliException(ExitCode.BadInput, "say either AGENT and OFFSET, or which events are meant by --agent, --code, --from, --before or --all");
        return filter.Says(parsed) ? null : throw new CliException(ExitCode.BadInput, "say AGENT and OFFSET, or which events are meant by --agent, --code, --from, --before or --all");
    }

    private static int Tell(CliContext context, bool json, string done, int count)
    {
        if (!json) context.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done}: {count}"));
        else
        {
            JsonText.WriteLine(context.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber(done, count);
                writer.WriteEndObject();
            });
        }
        return (int)ExitCode.Done;
    }

    private static string PathOf(string agent, string offset) => Mesh.Events.Position.TryParse(offset, out var position)
        ? string.Create(CultureInfo.InvariantCulture, $"{AgentPath.Prefix}{Uri.EscapeDataString(agent)}/quarantine/{position.Offset}")
        : throw new CliException(ExitCode.BadInput, $"'{offset}' is no position; write one as 0-1-1707, or the offset alone");

    private static Argument<string> Agent() => new("AGENT") { Description = "The agent that it was put aside for, as monitors/alaska." };

    private static Argument<string> Offset() => new("OFFSET") { Description = "Its position or offset, as list shows it." };

    private static Argument<string?> Agent(ArgumentArity arity) => new("AGENT") { Description = "The agent that it was put aside for, as monitors/alaska.", Arity = arity };

    private static Argument<string?> Offset(ArgumentArity arity) => new("OFFSET") { Description = "Its position or offset, as list shows it.", Arity = arity };

    /// <summary>The options that say which events are meant.</summary>
    private sealed class Filter(bool toAct = false)
    {
        private readonly Option<string?> agent = new("--agent") { Description = "Those of one agent, or of all agents of a family.", HelpName = "NAME" };
        private readonly Option<string?> code = new("--code") { Description = "Those whose fault has this code, as unreachable.", HelpName = "CODE" };
        private readonly Option<string?> from = new("--from") { Description = "Those put aside at this time or later, as 2026-01-31T12:00:00Z.", HelpName = "TIME" };
        private readonly Option<string?> before = new("--before") { Description = "Those put aside before this time.", HelpName = "TIME" };
        private readonly Option<bool> all = new("--all") { Description = "All of them." };

        public Command AddTo(Command command)
        {
            foreach (var option in new[] { agent, code, from, before }) command.Options.Add(option);
            if (toAct) command.Options.Add(all);
            return command;
        }

        public bool Says(ParseResult parsed) => Values(parsed).Any(v => v.Value is not null) || parsed.GetValue(all);

        public string Query(ParseResult parsed) => UriText.Query([.. Values(parsed), ("all", toAct && parsed.GetValue(all) ? "true" : null)]);

        private (string Name, object? Value)[] Values(ParseResult parsed) =>
            [("agent", parsed.GetValue(agent)), ("code", parsed.GetValue(code)), ("from", parsed.GetValue(from)), ("before", parsed.GetValue(before))];
    }
}
