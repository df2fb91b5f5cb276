using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Actors;

namespace AkkaWasm.Service.Cli;

/// <summary><c>replay</c>: runs an agent's turns again from the log of a data folder; a node may be running on it.</summary>
internal static class ReplayCommand
{
    public static Command Build(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var agent = new Argument<string>("AGENT") { Description = "Its name, as histogram or monitors/alaska." };
        var to = new Option<string?>("--to") { Description = "The last event to be handled; otherwise all.", HelpName = "POSITION" };
        var verify = new Option<bool>("--verify") { Description = "Runs failed turns again too and demands the recorded failures." };
        var command = node.AddFolderTo(new Command("replay", "Runs an agent's turns again and compares outcomes and state with the log.") { agent, to, verify });
        command.SetAction((parsed, cancellation) =>
        {
            var (name, last) = (parsed.GetRequiredValue(agent), LogCommands.ReadPosition("--to", parsed.GetValue(to)));
            var location = node.Log(parsed);
            using var log = context.OpenLog(location);
            var report = log.ReplayAgent(name, last, parsed.GetValue(verify), cancellation)
                ?? throw new CliException(ExitCode.Failed, $"the log of '{location.DataFolder}' has no agent '{name}'; see akkawasm log show for those it has");
            if (output.Of(parsed)) WriteJson(context, report);
            else WriteText(context, report);
            return Task.FromResult((int)(report.IsFaithful ? ExitCode.Done : ExitCode.Failed));
        });
        return command;
    }

    private static void WriteText(CliContext context, ReplayReport report)
    {
        TextTable.WritePairs(context,
        [
            ("agent", report.Agent),
            ("incarnation", $"{report.Incarnation}"),
            ("turns", $"{report.Turns} run again as recorded"),
            ("failures", $"{report.Failures} run again as recorded"),
            ("hashes", $"{report.Hashes} compared"),
            ("last input", report.LastInput < 0 ? "none" : $"{report.LastInput}"),
            ("state hash", report.StateHash?.ToString() ?? "none"),
        ]);
        foreach (var skipped in report.Skipped) context.Out.WriteLine($"not run again: {skipped.Input}, {skipped.Reason}");
        if (report.Divergence is { } divergence) ErrorReport.Write(context, json: false, ExitCode.Failed, $"at {divergence.Input} the replay went another way: {divergence.Message}");
    }

    private static void WriteJson(CliContext context, ReplayReport report) => JsonText.WritePage(context.Out, json =>
    {
        json.WriteStartObject();
        json.WriteString("agent", report.Agent);
        json.WriteBoolean("faithful", report.IsFaithful);
        json.WriteNumber("incarnation", report.Incarnation);
        json.WriteNumber("turns", report.Turns);
        json.WriteNumber("failures", report.Failures);
        json.WriteNumber("hashes", report.Hashes);
        json.WriteNumber("last_input", report.LastInput);
        Http.AgentJson.WriteHash(json, report.StateHash);
        if (report.Divergence is { } divergence)
        {
            json.WriteStartObject("divergence");
            json.WriteNumber("input", divergence.Input);
            json.WriteString("message", divergence.Message);
            json.WriteEndObject();
        }
        json.WriteList("skipped", report.Skipped, skipped => WriteSkipped(json, skipped));
        json.WriteEndObject();
    });

    private static void WriteSkipped(Utf8JsonWriter json, SkippedTurn skipped)
    {
        json.WriteStartObject();
        json.WriteNumber("input", skipped.Input);
        json.WriteString("reason", skipped.Reason);
        json.WriteEndObject();
    }
}
