using AkkaWasm.Actors;
using AkkaWasm.Service.Cli;
using Spectre.Console;

namespace AkkaWasm.Service.Hosting;

/// <summary>Shows how far the sources are, where a person looks on.</summary>
internal static class ProgressBar
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    /// <summary>Shows progress until the work is done; nothing is shown where an output is not a terminal.</summary>
    public static async Task ShowAsync(CliContext context, IMeshNode node, Logging logging, Task work)
    {
        if (!context.IsOutTerminal || !context.IsErrorTerminal)
        {
            await work;
            return;
        }
        logging.Quiet = true;
        try
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(context.Error) });
            await console.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(progress => FollowAsync(progress.AddTask("reading"), node, work));
        }
        finally
        {
            logging.Quiet = false;
        }
        await work;
    }

    private static async Task FollowAsync(ProgressTask bar, IMeshNode node, Task work)
    {
        while (!work.IsCompleted)
        {
            Show(bar, node.Progress);
            await Task.WhenAny(work, Task.Delay(Refresh));
        }
        Show(bar, node.Progress);
    }

    private static void Show(ProgressTask bar, MeshProgress progress)
    {
        bar.MaxValue = Math.Max(1, progress.SourceBytesTotal);
        bar.Value = progress.SourceBytesTotal == 0 ? 1 : progress.SourceBytesRead;
        bar.Description = FormattableString.Invariant($"{progress.EventsIn:N0} events, {progress.Turns:N0} turns, {progress.Backlog:N0} waiting");
    }
}
