using System.CommandLine;
using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary><c>agent list</c> and <c>agent get</c>, from a running node; what operators do to agents is in <see cref="AgentOperatorCommands"/>.</summary>
internal static class AgentCommands
{
    private static readonly string[] Columns = ["name", "state", "turns", "failures", "healed", "quarantined", "pending", "health", "why"];

    public static Command Build(CliContext context, OutputOption output)
    {
        var command = new Command("agent", "Shows the agents of a running node, and pauses, resets, rewinds and kills them.")
        {
            BuildList(context, output),
            BuildGet(context, output),
            ForkCommand.Build(context, output),
        };
        foreach (var verb in AgentOperatorCommands.Build(context, output)) command.Subcommands.Add(verb);
        return command;
    }

    private static Command BuildList(CliContext context, OutputOption output)
    {
        var (node, top) = (new NodeOptions(), new TopOptions());
        var command = top.AddTo(node.AddTo(new Command("list", "All agents, those that sleep or were stopped included; with an order, a limit or names the first of those that are meant, without stopped ones.")));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync(top.Path(parsed), cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else
            {
                var agents = answer.RootElement.GetProperty("agents").EnumerateArray();
                TextTable.Write(context, Columns, agents.Select(agent => Columns.Select(column => Cell(agent, column)).ToArray()));
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static string Cell(JsonElement agent, string column) => !agent.TryGetProperty(column, out var value) ? "" : column == "health" ? value.GetProperty("level").ToString() : value.ToString();

    private static Command BuildGet(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var name = new Argument<string>("NAME") { Description = "Its name, as histogram or monitors/alaska." };
        var command = node.AddTo(new Command("get", "One agent, with the hash of its state and its last failure.") { name });
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync($"/v1/agents/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}", cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else TextTable.WritePairs(context, Pairs("", answer.RootElement));
            return (int)ExitCode.Done;
        });
        return command;
    }

    /// <summary>The fields of an object as pairs, those of objects in it with both names.</summary>
    public static IEnumerable<(string Name, string Value)> Pairs(string prefix, JsonElement fields) => fields.EnumerateObject().SelectMany(field =>
    {
        var name = prefix + field.Name.Replace('_', ' ');
        return field.Value.ValueKind switch
        {
            JsonValueKind.Object => Pairs(name + ", ", field.Value),
            JsonValueKind.Array => field.Value.EnumerateArray().Select((item, i) => (i == 0 ? name : "", item.ToString())),
            _ => [(name, field.Value.ToString())],
        };
    });
}
