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
        var context = Context(input) with { Out = output, Error = TextWriter.Synchronized(error) };
        if (change is not null) context = change(context);
        var code = await CommandLine.RunAsync(args, context, cancellation);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    public static CliContext Context(string input) => CliContext.OfProcess() with
    {
        IsInTerminal = false, IsOutTerminal = false, IsErrorTerminal = false, Environment = _ => null,
        OpenIn = () => new MemoryStream(Encoding.UTF8.GetBytes(input)), OpenOut = () => Stream.Null, OpenError = () => Stream.Null,
    };

    public static Task<Outcome> RunAsync(params string[] args) => RunAsync(args, "");
}
