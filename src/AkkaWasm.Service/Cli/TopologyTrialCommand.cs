using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Cli;

/// <summary><c>topology trial</c>: what the agents would have done under another topology; asked of a running node, or read from the log of a data folder.</summary>
internal sealed class TopologyTrialCommand
{
    private readonly CliContext context;
    private readonly OutputOption output;
    private readonly NodeOptions node = new();
    private readonly Argument<string> file = new("FILE") { Description = "The configuration file with the topology, or - for standard input. Of other sections nothing is used." };
    private readonly Option<string[]> agents = new("--agent") { Description = "An agent, or a definition for all of its agents; may be given several times. Otherwise all that the change concerns.", HelpName = "NAME" };
    private readonly Option<int?> turns = new("--turns") { Description = "How many of the last turns of each agent; otherwise trials.turns of the configuration, or with --since all.", HelpName = "COUNT" };
    private readonly Option<string?> since = new("--since") { Description = "Only turns that were recorded from this position on.", HelpName = "POSITION" };
    private readonly Option<string> require = TrialOptions.Require();
    private readonly Option<string> state = TopologyChangeCommands.State;
    private readonly Option<bool> offline = new("--offline") { Description = "Reads the data folder and asks no node. One may run on it." };

    private TopologyTrialCommand(CliContext context, OutputOption output) => (this.context, this.output) = (context, output);

    public static Command Build(CliContext context, OutputOption output) => new TopologyTrialCommand(context, output).Build();

    private Command Build()
    {
        turns.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1) result.AddError("--turns must be a number from 1 on");
        });
        var command = node.AddTo(new Command("trial", "Runs turns that agents made again as they would become under another topology, beside the mesh, and says what differs. Changes nothing.")
        {
            file, agents, turns, since, require, state, offline,
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var from = LogCommands.ReadPosition("--since", parsed.GetValue(since));
            using var trial = parsed.GetValue(offline) ? Read(parsed, from, cancellation) : await AskAsync(parsed, from, cancellation);
            if (output.Of(parsed)) JsonText.WritePage(context.Out, trial.RootElement.WriteTo);
            else TopologyTrialText.Write(context, trial.RootElement);
            return (int)(TrialOptions.IsMet(trial) ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    private async Task<JsonDocument> AskAsync(ParseResult parsed, long? from, CancellationToken cancellation)
    {
        using var client = node.Client(parsed, context);
        var body = await TopologyChangeCommands.BodyAsync(context, client, parsed.GetRequiredValue(file), cancellation);
        var query = new List<string> { $"require={parsed.GetRequiredValue(require)}" };
        if (parsed.GetValue(turns) is { } count) query.Add($"turns={count}");
        if (from is not null) query.Add($"since={from}");
        if (TopologyChangeCommands.WayOf(parsed, state) is { Length: > 0 } way) query.Add($"state={Uri.EscapeDataString(way)}");
        query.AddRange((parsed.GetValue(agents) ?? []).Select(name => $"agent={Uri.EscapeDataString(name)}"));
        return await client.PostAsync($"/v1/topology/trial?{string.Join('&', query)}", json => json.WriteRawValue(body.Span), cancellation);
    }

    private JsonDocument Read(ParseResult parsed, long? from, CancellationToken cancellation)
    {
        var configuration = TopologySource.Read(context, parsed.GetRequiredValue(file), node.Names(parsed)).Node;
        using var log = context.OpenLog(node.Log(parsed));
        var trial = log.TryTopology(
            new TopologyTarget(configuration.Topology) { Modules = configuration.Modules, Folders = configuration.Folders, Moves = MoveText.Read(TopologyChangeCommands.WayOf(parsed, state)).Moves! },
            new TrialScope { Turns = parsed.GetValue(turns), Since = from, Agents = [.. parsed.GetValue(agents) ?? []] }, cancellation);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) TopologyTrialJson.Write(json, trial, TopologyTrialJson.RequirementOf(parsed.GetRequiredValue(require))!.Value);
        return JsonDocument.Parse(buffer.WrittenMemory);
    }
}
