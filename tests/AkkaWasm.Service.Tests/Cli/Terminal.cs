using System.Text;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Tests.Cli;

/// <summary>What a command line gave: exit code, standard output, error stream.</summary>
internal sealed record Outcome(int Code, string Out, string Error);

/// <summary>Runs command lines in this process.</summary>
internal static class Terminal
{
    public static async Task<Outcome> RunAsync(string[] args, string input = "", Func<CliContext, CliContext>? change = null, CancellationToken cancellation = default)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var context = CliContext.OfProcess() with
        {
            Out = output, Error = TextWriter.Synchronized(error), IsOutTerminal = false, IsErrorTerminal = false,
            OpenIn = () => new MemoryStream(Encoding.UTF8.GetBytes(input)), Environment = _ => null,
        };
        if (change is not null) context = change(context);
        var code = await CommandLine.RunAsync(args, context, cancellation);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    public static Task<Outcome> RunAsync(params string[] args) => RunAsync(args, "");
}
