using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace AkkaWasm.Service.Cli;

/// <summary>The command line: all verbs, and what becomes of their errors.</summary>
internal static class CommandLine
{
    private const string Description = """
        AkkaWasm runs a supervised mesh of WebAssembly agents: events travel between them over topics, an agent that fails is
        healed, and everything that happened can be replayed.
        """;

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit code, one of <see cref="ExitCodes.Table"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CliContext context, CancellationToken cancellation = default)
    {
        var output = new OutputOption();
        var root = Build(context, output);
        // A leading @ belongs to the verbs (topic pub --data @FILE), not to files of arguments.
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExitCodes)
        {
            var command = string.Join(' ', PathOf(parsed.CommandResult.Command));
            foreach (var error in parsed.Errors.Select(e => e.Message).Distinct())
                ErrorReport.Write(context, output.Find(args), ExitCode.BadInput, $"{ErrorReport.AsClause(error)}; see {command} --help");
            return (int)ExitCode.BadInput;
        }
        try
        {
            var configuration = new InvocationConfiguration { Output = context.Out, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return (int)ExitCode.Done;
        }
        catch (Exception e)
        {
            return (int)ErrorReport.Write(context, output.Of(parsed), e);
        }
    }

    /// <summary>All verbs, nouns first.</summary>
    public static RootCommand Build(CliContext context, OutputOption output)
    {
        var root = new RootCommand(Description)
        {
            ServeCommand.Build(context, output),
            TopicCommands.Build(context, output),
            NodeCommands.Build(context, output),
            AgentCommands.Build(context, output),
            GroupCommands.Build(context, output),
            PoolCommands.Build(context, output),
            RuleCommands.Build(context, output),
            LogCommands.Build(context, output),
            ReplayCommand.Build(context, output),
            MeshCommands.Build(context, output),
            TopologyCommands.Build(context, output),
            ModuleCommands.Build(context, output),
            ConfigCommands.Build(context, output),
            WasmCommands.Build(context, output),
        };
        root.Options.Add(output.Option);
        foreach (var help in root.Options.OfType<HelpOption>()) help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        return root;
    }

    private static IEnumerable<string> PathOf(Command command)
    {
        var names = new Stack<string>();
        for (Symbol? symbol = command; symbol is Command; symbol = symbol.Parents.FirstOrDefault())
            names.Push(symbol is RootCommand ? "akkawasm" : symbol.Name);
        return names;
    }

    /// <summary>Help, and below that of the whole program the exit codes.</summary>
    private sealed class HelpWithExitCodes(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parsed)
        {
            help.Invoke(parsed);
            if (parsed.CommandResult.Command is not RootCommand) return (int)ExitCode.Done;
            var writer = parsed.InvocationConfiguration.Output;
            writer.WriteLine("Exit codes:");
            foreach (var (code, meaning) in ExitCodes.Table) writer.WriteLine($"  {(int)code,-3} {meaning}");
            writer.WriteLine();
            return (int)ExitCode.Done;
        }
    }
}
