using System.CommandLine;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Cli;

/// <summary><c>config check</c> and <c>config print</c>.</summary>
internal static class ConfigCommands
{
    public static Command Build(CliContext context, OutputOption output) => new("config", "Checks and shows configuration files.")
    {
        BuildCheck(context, output),
        BuildPrint(context, output),
        BuildReference(context),
    };

    private static Command BuildCheck(CliContext context, OutputOption output)
    {
        var (file, settings) = (Options.ConfigurationFile(), Options.Settings());
        var command = new Command("check", "Says whether a configuration can be served: keys, values, topology, modules and sources.") { file, settings };
        command.SetAction(parsed =>
        {
            var tree = ConfigurationTree.Load(parsed.GetRequiredValue(file), parsed.GetValue(settings) ?? []);
            var configuration = ModuleLoader.Load(ConfigurationReader.Read(tree));
            Report(context, output.Of(parsed), configuration);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildPrint(CliContext context, OutputOption output)
    {
        var (file, settings) = (Options.ConfigurationFile(), Options.Settings());
        var resolved = new Option<bool>("--resolved") { Description = "Every setting that is in force, defaults included; otherwise only what the file and what it includes say." };
        var origins = new Option<bool>("--origins") { Description = "Says behind each value where it was written (with --output text)." };
        var command = new Command("print", "Prints a configuration with all includes and substitutions carried out.") { file, resolved, origins, settings };
        command.SetAction(parsed =>
        {
            var tree = ConfigurationTree.Load(parsed.GetRequiredValue(file), parsed.GetValue(settings) ?? []);
            var root = Secrets.Hide(parsed.GetValue(resolved) ? tree.Root : tree.WithoutDefaults());
            context.Out.Write(output.Of(parsed) ? HoconRenderer.RenderJson(root) : HoconRenderer.Render(root, parsed.GetValue(origins)));
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static Command BuildReference(CliContext context)
    {
        var command = new Command("reference", "Prints every setting with its default and what it does.");
        command.SetAction(_ =>
        {
            context.Out.Write(ReferenceConfiguration.Text);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static void Report(CliContext context, bool json, ServiceConfiguration configuration)
    {
        var (topology, sources, modules) = (configuration.Node.Topology, configuration.Node.Sources.Length, configuration.Node.Modules.Count);
        if (json)
        {
            JsonText.WritePage(context.Out, writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("file", configuration.File);
                writer.WriteString("mesh", topology.Name);
                writer.WriteNumber("agents", topology.Agents.Length);
                writer.WriteNumber("groups", topology.Groups.Length);
                writer.WriteNumber("sources", sources);
                writer.WriteNumber("modules", modules);
                writer.WriteEndObject();
            });
        }
        else
        {
            var agents = $"{Plural(topology.Agents.Length, "agent")} of {Plural(modules, "module")} in {Plural(topology.Groups.Length, "group")}";
            context.Out.WriteLine($"{configuration.File} can be served: mesh '{topology.Name}' with {agents}, {Plural(sources, "source")}");
        }
    }

    private static string Plural(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
