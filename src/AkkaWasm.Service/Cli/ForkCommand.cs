using System.CommandLine;
using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary><c>agent fork</c>: a new agent with the state that another one had, on a running node.</summary>
internal static class ForkCommand
{
    public static Command Build(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var name = new Argument<string>("NAME") { Description = "The agent whose state it gets, as histogram or monitors/alaska." };
        var newName = new Option<string>("--as") { Description = "The name of the new agent: letters, digits, '-' and '_'.", HelpName = "NAME", Required = true };
        var at = new Option<string?>("--at") { Description = "The last event in the state; otherwise all that is committed.", HelpName = "POSITION" };
        var command = node.AddTo(new Command("fork", "Makes a new agent with the state that another one had. It gets what is sent to it, not what its origin subscribes to.") { name, newName, at });
        command.SetAction(async (parsed, cancellation) =>
        {
            var (origin, fork, position) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(newName), LogCommands.ReadPosition("--at", parsed.GetValue(at)));
            using var client = node.Client(parsed, context);
            using var answer = await client.PostAsync($"/v1/agents/{Uri.EscapeDataString(origin)}/fork", json =>
            {
                json.WriteStartObject();
                json.WriteString("name", fork);
                if (position is { } offset) json.WriteNumber("at", offset);
                json.WriteEndObject();
            }, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else context.Out.WriteLine($"agent {fork} goes on from the state of {origin}");
            return (int)ExitCode.Done;
        });
        return command;
    }
}
