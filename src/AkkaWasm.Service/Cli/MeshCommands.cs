using System.CommandLine;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>mesh top</c>: how agents are, live; <c>mesh state</c>: the whole mesh at a cut, from the log of a data folder.</summary>
internal static class MeshCommands
{
    public static Command Build(CliContext context, OutputOption output) => new("mesh", "Shows the mesh while it runs, or the whole of it at any cut of its log, and takes it back there.")
    {
        TopCommand.Build(context, output),
        BuildState(context, output),
        MeshRewindCommand.Build(context, output),
    };

    private static Command BuildState(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var at = new Option<string?>("--at") { Description = "The last record that belongs to the cut; otherwise the last one there is.", HelpName = "POSITION" };
        var diff = new Option<string?>("--diff") { Description = "A second cut: what differs is shown.", HelpName = "POSITION" };
        var noHashes = new Option<bool>("--no-hashes") { Description = "Does not rebuild the agents' states." };
        var command = node.AddFolderTo(new Command("state", "All agents at a consistent cut: turns, state hash, quarantine, timers, cursors of sources.") { at, diff, noHashes });
        command.SetAction((parsed, cancellation) =>
        {
            using var log = context.OpenLog(node.Log(parsed));
            var hashes = !parsed.GetValue(noHashes);
            var moment = log.MeshAt(LogCommands.ReadPosition("--at", parsed.GetValue(at)), hashes, cancellation: cancellation);
            if (LogCommands.ReadPosition("--diff", parsed.GetValue(diff)) is { } second)
            {
                var difference = MeshDifference.Between(moment, log.MeshAt(second, hashes, cancellation: cancellation));
                if (output.Of(parsed)) JsonText.WritePage(context.Out, difference.WriteJson);
                else difference.Write(context);
            }
            else if (output.Of(parsed)) JsonText.WritePage(context.Out, json => MeshMomentJson.Write(json, moment));
            else MomentText.Write(context, moment);
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }
}
