using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Cli;

/// <summary>
/// <c>topology</c>: what a mesh consists of. <c>plan</c>, <c>trial</c>, <c>apply</c> and <c>rollback</c> talk to a running node; <c>show</c>, <c>history</c> and <c>diff</c>
/// read the log, whether or not a node runs on it.
/// </summary>
internal static class TopologyCommands
{
    private const string Running = "running";

    public static Command Build(CliContext context, OutputOption output) => new("topology", "Shows, compares and changes what the mesh consists of, now or at any position of the log.")
    {
        TopologyChangeCommands.BuildPlan(context, output),
        TopologyTrialCommand.Build(context, output),
        TopologyChangeCommands.BuildApply(context, output),
        TopologyChangeCommands.BuildRollback(context, output),
        CanaryCommands.Build(context, output),
        BuildDiff(context, output),
        BuildHistory(context, output),
        BuildShow(context, output),
    };

    private static Command BuildShow(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var at = new Option<string?>("--at") { Description = "The position; otherwise the end of the log.", HelpName = "POSITION" };
        var command = node.AddFolderTo(new Command("show", "Prints a topology as a configuration that can be applied again; modules are named by their content.") { at });
        command.SetAction((parsed, cancellation) =>
        {
            using var log = context.OpenLog(node.Log(parsed));
            var found = log.TopologyAt(LogCommands.ReadPosition("--at", parsed.GetValue(at)), cancellation);
            JsonText.WritePage(context.Out, json => TopologyJson.Write(json, found.Topology));
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    private static Command BuildHistory(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddFolderTo(new Command("history", "Lists all topologies that were in force: where each began, who changed it, why and what."));
        command.SetAction((parsed, cancellation) =>
        {
            using var log = context.OpenLog(node.Log(parsed));
            var all = log.Topologies(cancellation).ToArray();
            if (output.Of(parsed))
            {
                var positions = all.ToDictionary(t => t.At.Offset, t => t.At.ToString());
                JsonText.WritePage(context.Out, json =>
                {
                    json.WriteStartObject();
                    PlanJson.WriteChanges(json, "changes", all.Select(t => t.Change), offset => positions[offset]);
                    json.WriteEndObject();
                });
            }
            else
            {
                TextTable.Write(context, ["position", "at", "author", "what", "reason"],
                    all.Select(t => new[] { t.At.ToString(), PlanJson.TimeOf(t.Change), t.Change.Author, t.Change.Summary, t.Change.Reason }));
            }
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    private static Command BuildDiff(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var first = new Argument<string>("A") { Description = $"A position, a configuration file, or '{Running}' for the end of the log." };
        var second = new Argument<string>("B") { Description = "The same, for what is compared with it." };
        var command = node.AddFolderTo(new Command("diff", "Says what it would take to make the second topology of the first, and which agents run an older version than theirs.") { first, second });
        command.SetAction((parsed, cancellation) =>
        {
            var (from, to) = (Find(context, node, parsed, parsed.GetRequiredValue(first), cancellation), Find(context, node, parsed, parsed.GetRequiredValue(second), cancellation));
            var plan = TopologyPlan.Compare(from.Topology, from.Strays, to.Topology, to.Strays);
            if (output.Of(parsed))
            {
                JsonText.WritePage(context.Out, json =>
                {
                    json.WriteStartObject();
                    PlanJson.WriteFields(json, plan);
                    json.WriteEndObject();
                });
            }
            else PlanText.Write(context, plan);
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    private static (MeshTopology Topology, ImmutableArray<StrayAgent> Strays) Find(CliContext context, NodeOptions node, ParseResult parsed, string what, CancellationToken cancellation)
    {
        var isPosition = Position.TryParse(what, out var position);
        if (!isPosition && what != Running) return (TopologySource.Read(context, what, node.Names(parsed)).Node.Topology, []);
        using var log = context.OpenLog(node.Log(parsed));
        long? at = isPosition ? position.Offset : null;
        return (log.TopologyAt(at, cancellation).Topology, log.StraysAt(at, cancellation));
    }
}
