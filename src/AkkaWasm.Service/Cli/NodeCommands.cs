using System.CommandLine;
using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary><c>node health</c>, from a running node.</summary>
internal static class NodeCommands
{
    public static Command Build(CliContext context, OutputOption output) => new("node", "Asks a running node how it is.")
    {
        BuildHealth(context, output),
    };

    private static Command BuildHealth(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddTo(new Command("health", "Says whether the node serves, for health checks of containers: exit code 0 if it does, and what of it does not work as it should."));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync("/healthz", cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else Write(context, answer.RootElement);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static void Write(CliContext context, JsonElement health)
    {
        context.Out.WriteLine(health.GetProperty("status").GetString());
        foreach (var reason in health.GetProperty("reasons").EnumerateArray()) context.Out.WriteLine($"  {reason.GetString()}");
        if (health.GetProperty("agents").TryGetProperty("by_state", out var states))
            context.Out.WriteLine($"agents: {string.Join(", ", states.EnumerateObject().Select(s => $"{s.Value} {s.Name}"))}; {health.GetProperty("quarantined")} events put aside");
        foreach (var part in health.GetProperty("components").EnumerateArray())
        {
            var last = part.TryGetProperty("reason", out var why) ? $"; last: {why}" : "";
            context.Out.WriteLine($"{part.GetProperty("name")}: {part.GetProperty("state")}, begun again {part.GetProperty("restarts")} times{last}");
        }
    }
}
