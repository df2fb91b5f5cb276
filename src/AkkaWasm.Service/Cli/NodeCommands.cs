using System.CommandLine;

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
        var command = node.AddTo(new Command("health", "Says whether the node serves, for health checks of containers: exit code 0 if it does."));
        command.SetAction(async (parsed, cancellation) =>
        {
            using var client = node.Client(parsed, context);
            using var answer = await client.GetAsync("/healthz", cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else context.Out.WriteLine(answer.RootElement.GetProperty("status").GetString());
            return (int)ExitCode.Done;
        });
        return command;
    }
}
