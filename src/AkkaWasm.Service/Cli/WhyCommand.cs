using System.CommandLine;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary><c>log why</c>: what caused a record, back to the first event, and what it led to.</summary>
internal static class WhyCommand
{
    private const int DefaultDepth = 16;
    private const int DefaultEffects = 200;

    public static Command Build(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var position = new Argument<string>("POSITION") { Description = "The record: an event, a turn, a healing decision, a timer, a dead letter." };
        var forward = new Option<bool>("--forward") { Description = "What it led to, too." };
        var depth = new Option<int>("--depth") { Description = "With --forward: how many effects of effects.", HelpName = "COUNT", DefaultValueFactory = _ => DefaultDepth };
        var effects = new Option<int>("--max-effects") { Description = "With --forward: how many effects at most.", HelpName = "COUNT", DefaultValueFactory = _ => DefaultEffects };
        var command = node.AddFolderTo(new Command("why", "Walks the causes of a record back to the first event, and its effects forward.") { position, forward, depth, effects });
        command.SetAction((parsed, cancellation) =>
        {
            var (text, levels, count) = (parsed.GetRequiredValue(position), parsed.GetValue(depth), parsed.GetValue(effects));
            if (levels < 1 || count < 1) throw new CliException(ExitCode.BadInput, "--depth and --max-effects must be 1 or more");
            using var log = context.OpenLog(node.Log(parsed));
            var report = log.Why(LogCommands.ReadPosition("POSITION", text)!.Value, parsed.GetValue(forward), levels, count, cancellation)
                ?? throw new CliException(ExitCode.Failed, $"the log has no record at '{text}'; see akkawasm log show for those it has");
            if (output.Of(parsed)) JsonText.WritePage(context.Out, json => MeshMomentJson.Write(json, report));
            else Write(context.Out, report);
            return Task.FromResult((int)ExitCode.Done);
        });
        return command;
    }

    private static void Write(TextWriter to, CauseReport report)
    {
        var first = report.Effects is null ? 0 : 1;
        for (var i = report.Causes.Length - 1; i >= first; i--) to.WriteLine(Indent(report.Causes.Length - 1 - i) + LogEntryText.Line(report.Causes[i]));
        if (report.Effects is { } effects) Write(to, effects, report.Causes.Length - 1);
        if (report.IsCut) to.WriteLine("there are more effects; say --depth and --max-effects");
    }

    private static void Write(TextWriter to, CauseNode node, int level)
    {
        to.WriteLine(Indent(level) + LogEntryText.Line(node.Entry));
        foreach (var effect in node.Effects) Write(to, effect, level + 1);
    }

    private static string Indent(int level) => level == 0 ? "" : new string(' ', (level - 1) * 2) + "└ ";
}
