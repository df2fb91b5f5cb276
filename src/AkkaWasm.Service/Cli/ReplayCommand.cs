using System.CommandLine;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>
/// <c>replay</c>: shows an agent at a position, goes through its turns, compares two positions, proves what was recorded, or tries another version; from the
/// log of a data folder, whether or not a node runs on it.
/// </summary>
internal sealed class ReplayCommand
{
    private readonly CliContext context;
    private readonly OutputOption output;
    private readonly NodeOptions node = new();
    private readonly Argument<string?> agent = new("AGENT") { Description = "Its name, as histogram or monitors/alaska.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> to = new("--to") { Description = "The last event to be handled; otherwise all.", HelpName = "POSITION" };
    private readonly Option<string?> from = new("--from") { Description = "With --step: the first event.", HelpName = "POSITION" };
    private readonly Option<bool> verify = new("--verify") { Description = "Runs all turns again from the first one on, failed ones too, and demands what was recorded." };
    private readonly Option<bool> all = new("--all") { Description = "With --verify: all agents." };
    private readonly Option<int> parallel = new("--parallel") { Description = "With --all: how many agents at a time; 0 for one per processor.", HelpName = "COUNT" };
    private readonly Option<bool> step = new("--step") { Description = "Goes turn by turn: event, outputs, fuel, log lines, what changed. Asks at a terminal unless --from or --to are given." };
    private readonly Option<string[]> diff = new("--diff")
    {
        Description = "What the states after two events differ in.", HelpName = "POSITION POSITION", Arity = new ArgumentArity(2, 2), AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> module = new("--module") { Description = "Gives every event to another module too and shows the turns that differ.", HelpName = "FILE" };
    private readonly Option<string?> agentConfig = new("--agent-config") { Description = "The same with another config of the agent: the bytes of this file.", HelpName = "FILE" };
    private readonly Option<string?> dump = new("--dump") { Description = "Writes the state as an image to this file.", HelpName = "FILE" };

    private ReplayCommand(CliContext context, OutputOption output) => (this.context, this.output) = (context, output);

    public static Command Build(CliContext context, OutputOption output) => new ReplayCommand(context, output).Build();

    private Command Build()
    {
        var command = node.AddFolderTo(new Command("replay", "Shows an agent at any position by running its turns again.")
        {
            agent, to, from, verify, all, parallel, step, diff, module, agentConfig, dump,
        });
        command.SetAction((parsed, cancellation) =>
        {
            Check(parsed);
            using var log = context.OpenLog(node.Log(parsed));
            return Task.FromResult((int)(Run(parsed, log, cancellation) ? ExitCode.Done : ExitCode.Failed));
        });
        return command;
    }

    private void Check(ParseResult parsed)
    {
        (string Name, bool Is)[] modes =
        [
            ("--verify", parsed.GetValue(verify)), ("--step", parsed.GetValue(step)), ("--diff", parsed.GetValue(diff)?.Length > 0),
            ("--module and --agent-config", parsed.GetValue(module) is not null || parsed.GetValue(agentConfig) is not null), ("--dump", parsed.GetValue(dump) is not null),
        ];
        if (modes.Where(m => m.Is).ToArray() is [var one, var other, ..])
            throw new CliException(ExitCode.BadInput, $"{one.Name} and {other.Name} cannot be had at once; say one of them");
        if (parsed.GetValue(all) && (!parsed.GetValue(verify) || parsed.GetValue(agent) is not null))
            throw new CliException(ExitCode.BadInput, "--all stands beside --verify and takes the place of an agent's name");
        if (!parsed.GetValue(all) && parsed.GetValue(agent) is null) throw new CliException(ExitCode.BadInput, "no agent is named; name one, or say --all --verify");
    }

    private bool Run(ParseResult parsed, IOfflineLog log, CancellationToken cancellation)
    {
        if (parsed.GetValue(all)) return VerifyAll(parsed, log, cancellation);
        var name = parsed.GetValue(agent)!;
        var last = LogCommands.ReadPosition("--to", parsed.GetValue(to));
        if (parsed.GetValue(verify)) return Verify(parsed, log, name, last, cancellation);
        if (parsed.GetValue(step)) return Step(parsed, log, name, last, cancellation);
        if (parsed.GetValue(diff) is { Length: 2 } positions) return Diff(parsed, log, name, positions, cancellation);
        if (parsed.GetValue(module) is not null || parsed.GetValue(agentConfig) is not null) return Try(parsed, log, name, cancellation);
        var moment = Known(log.AgentAt(name, last, cancellation), name);
        if (parsed.GetValue(dump) is { } file) Dump(moment, file);
        if (output.Of(parsed)) JsonText.WritePage(context.Out, json => MomentJson.Write(json, moment));
        else MomentText.Write(context, moment);
        return true;
    }

    private bool VerifyAll(ParseResult parsed, IOfflineLog log, CancellationToken cancellation)
    {
        var reports = log.ReplayAll(parsed.GetValue(parallel), cancellation);
        if (output.Of(parsed))
        {
            JsonText.WritePage(context.Out, json =>
            {
                json.WriteStartObject();
                json.WriteBoolean("faithful", reports.All(r => r.IsFaithful));
                json.WriteList("agents", reports, report => ReplayReportText.WriteJson(json, report));
                json.WriteEndObject();
            });
        }
        else ReplayReportText.Write(context, reports);
        return reports.All(r => r.IsFaithful);
    }

    private bool Verify(ParseResult parsed, IOfflineLog log, string name, long? last, CancellationToken cancellation)
    {
        var report = Known(log.ReplayAgent(name, last, verify: true, cancellation), name);
        if (output.Of(parsed)) JsonText.WritePage(context.Out, json => ReplayReportText.WriteJson(json, report));
        else ReplayReportText.Write(context, report);
        return report.IsFaithful;
    }

    private bool Step(ParseResult parsed, IOfflineLog log, string name, long? last, CancellationToken cancellation)
    {
        var first = LogCommands.ReadPosition("--from", parsed.GetValue(from));
        var json = output.Of(parsed);
        if (!json && context.IsInTerminal && context.IsOutTerminal && first is null && last is null)
            return new StepConsole(context, at => Known(log.Steps(name, at, cancellation: cancellation), name)).Run(0);
        var isFaithful = true;
        foreach (var turn in Known(log.Steps(name, first ?? 0, last ?? long.MaxValue, cancellation: cancellation), name))
        {
            isFaithful &= turn.Divergence is null;
            if (json) JsonText.WriteLine(context.Out, writer => MomentJson.Write(writer, turn));
            else foreach (var line in StepText.Lines(turn, StepText.RowsPerStep)) context.Out.WriteLine(line);
        }
        return isFaithful;
    }

    private bool Diff(ParseResult parsed, IOfflineLog log, string name, string[] positions, CancellationToken cancellation)
    {
        var (first, second) = (LogCommands.ReadPosition("--diff", positions[0])!.Value, LogCommands.ReadPosition("--diff", positions[1])!.Value);
        var comparison = Known(log.Compare(name, first, second, cancellation: cancellation), name);
        if (output.Of(parsed)) JsonText.WritePage(context.Out, json => MomentJson.Write(json, comparison));
        else MomentText.Write(context, comparison);
        return true;
    }

    private bool Try(ParseResult parsed, IOfflineLog log, string name, CancellationToken cancellation)
    {
        var file = parsed.GetValue(module);
        var report = Known(log.Try(name, new TrialVersion(Read("--module", file), file ?? "", Read("--agent-config", parsed.GetValue(agentConfig))), cancellation), name);
        if (output.Of(parsed)) JsonText.WritePage(context.Out, json => TrialText.WriteJson(json, report));
        else TrialText.Write(context, report);
        return report.IsIdentical;
    }

    private static ReadOnlyMemory<byte>? Read(string option, string? file)
    {
        if (file is null) return null;
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, $"the file '{file}' of {option} cannot be read: {ErrorReport.AsClause(e.Message)}", e);
        }
    }

    private static void Dump(AgentMoment moment, string file)
    {
        if (moment.Image is null) throw new CliException(ExitCode.Failed, $"there is no state of '{moment.Agent}' there that could be written to '{file}'");
        try
        {
            File.WriteAllBytes(file, moment.Image.ToBytes());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, $"the file '{file}' of --dump cannot be written: {ErrorReport.AsClause(e.Message)}", e);
        }
    }

    private static T Known<T>(T? found, string name) where T : class =>
        found ?? throw new CliException(ExitCode.Failed, $"the log has no agent '{name}'; see akkawasm log show for those it has");
}
