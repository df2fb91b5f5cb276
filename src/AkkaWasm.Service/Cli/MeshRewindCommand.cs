using System.CommandLine;
using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary><c>mesh rewind</c>: takes the whole mesh of a running node back to a cut of its log.</summary>
internal static class MeshRewindCommand
{
    private static readonly string[] Columns = ["name", "action", "incarnation", "last_input", "to_last_input", "undone_turns", "pending", "quarantined"];

    public static Command Build(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var to = new Option<string>("--to") { Description = "The last record that belongs to the cut.", HelpName = "POSITION", Required = true };
        var sources = new Option<bool>("--sources") { Description = "Has the sources read again from where they were; what was published since is taken again under the same ids." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only says what would become of each agent." };
        var command = node.AddTo(new Command("rewind", "Takes all agents back to a cut of the log, in a new epoch; nothing is removed from the log.") { to, sources, dryRun });
        command.SetAction(async (parsed, cancellation) =>
        {
            var (offset, isDry) = (LogCommands.ReadPosition("--to", parsed.GetRequiredValue(to))!.Value, parsed.GetValue(dryRun));
            using var client = node.Client(parsed, context);
            using var answer = await client.PostAsync("/v1/mesh/rewind", json =>
            {
                json.WriteStartObject();
                json.WriteNumber("to", offset);
                json.WriteBoolean("sources", parsed.GetValue(sources));
                json.WriteBoolean("dry_run", isDry);
                json.WriteEndObject();
            }, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
            else Write(context, answer.RootElement, offset, isDry);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static void Write(CliContext context, JsonElement outlook, long to, bool isDry)
    {
        TextTable.Write(context, [.. Columns.Select(c => c.Replace('_', ' '))],
            outlook.GetProperty("agents").EnumerateArray().Select(agent => Columns.Select(column => agent.GetProperty(column).ToString()).ToArray()));
        var records = outlook.GetProperty("undone_records").GetInt64();
        context.Out.WriteLine(isDry
            ? $"nothing was changed; {records} records since {to} would count no more"
            : $"the mesh goes on from {to} in a new epoch; {records} records since then stay in the log and count no more");
    }
}
