using System.CommandLine;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hosting;

namespace AkkaWasm.Service.Cli;

/// <summary><c>serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Build(CliContext context, OutputOption output)
    {
        var (file, settings, data) = (Options.ConfigurationFile(), Options.Settings(), Options.DataFolder("Where the data folder is; otherwise the configuration says it."));
        var untilIdle = new Option<bool>("--until-idle") { Description = "Ends when all sources are read and nothing is pending, with a summary." };
        var report = new Option<string?>("--report") { Description = "How the summary is written; otherwise as --output says.", HelpName = "text|json" };
        report.AcceptOnlyFromAmong("text", "json");
        var command = new Command("serve", "Runs a node until SIGTERM or Ctrl-C, then drains it. Logs go to the error stream.") { file, untilIdle, report, data, settings };
        command.SetAction(async (parsed, cancellation) =>
        {
            var tree = ConfigurationTree.Load(parsed.GetRequiredValue(file), parsed.GetValue(settings) ?? []);
            var configuration = ConfigurationReader.Read(tree);
            if (parsed.GetValue(data) is { } folder) configuration = configuration with { Node = configuration.Node with { DataFolder = Path.GetFullPath(folder) } };
            configuration = ModuleLoader.Load(configuration);
            if (await NodeHost.RunAsync(configuration, parsed.GetValue(untilIdle), context, cancellation) is { } summary)
            {
                if (parsed.GetValue(report) is { } format ? format == "json" : output.Of(parsed)) RunReport.WriteJson(context, summary);
                else RunReport.WriteText(context, summary);
            }
            return (int)ExitCode.Done;
        });
        return command;
    }
}
