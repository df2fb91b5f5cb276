using System.CommandLine;
using System.Text.Json;
using AkkaWasm.Service.Hocon;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaWasm.Service.Cli;

/// <summary>
/// <c>mesh top</c>: how the agents of a running node are. In a terminal one table that renews itself until Ctrl-C; elsewhere, or with <c>--once</c>, a table or
/// page of JSON, or with <c>--every</c> one after the other.
/// </summary>
internal static class TopCommand
{
    private static readonly TimeSpan DefaultEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Most = TimeSpan.FromDays(1);

    public static Command Build(CliContext context, OutputOption output)
    {
        var (node, top) = (new NodeOptions(), new TopOptions());
        var once = new Option<bool>("--once") { Description = "Shows it once and ends, as where the output is no terminal." };
        var every = new Option<string?>("--every") { Description = "How often it is looked at, as 500ms or 2s, the default.", HelpName = "TIME" };
        var command = top.AddTo(node.AddTo(new Command("top", "How the agents are, those first that have most to do: lag, failures, time per turn, memory, health.") { once, every }));
        command.SetAction(async (parsed, cancellation) =>
        {
            var interval = ReadInterval(parsed.GetValue(every));
            using var client = node.Client(parsed, context);
            var path = top.Path(parsed, "lag");
            var isJson = output.Of(parsed);
            var repeats = !parsed.GetValue(once) && (context.IsOutTerminal || interval is not null);
            try
            {
                if (context.IsOutTerminal && repeats && !isJson) await LiveAsync(context, client, path, interval ?? DefaultEvery, cancellation);
                else await PrintAsync(context, client, path, repeats ? interval ?? DefaultEvery : null, isJson, cancellation);
            }
            catch (OperationCanceledException) when (repeats && cancellation.IsCancellationRequested)
            {
                // that is how it ends
            }
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static TimeSpan? ReadInterval(string? text)
    {
        if (text is null) return null;
        if (HoconUnits.TryParseDuration(text, out var interval) && interval >= Least && interval <= Most) return interval;
        throw new CliException(ExitCode.BadInput, $"--every must be a time from 100ms to 1d but is '{text}'; write one as 2s");
    }

    private static async Task PrintAsync(CliContext context, NodeClient client, string path, TimeSpan? every, bool isJson, CancellationToken cancellation)
    {
        while (true)
        {
            using (var answer = await client.GetAsync(path, cancellation))
            {
                if (isJson && every is not null) JsonText.WriteLine(context.Out, answer.RootElement.WriteTo);
                else if (isJson) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
                else
                {
                    context.Out.WriteLine(TopText.Title(answer.RootElement));
                    TextTable.Write(context, TopText.Headers, TopText.Rows(answer.RootElement));
                }
            }
            if (every is not { } wait) return;
            await Task.Delay(wait, cancellation);
        }
    }

    private static async Task LiveAsync(CliContext context, NodeClient client, string path, TimeSpan every, CancellationToken cancellation)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(context.Out) });
        await console.Live(new Text("")).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom).StartAsync(async live =>
        {
            while (true)
            {
                using (var answer = await client.GetAsync(path, cancellation)) live.UpdateTarget(Page(answer.RootElement));
                await Task.Delay(every, cancellation);
            }
        });
    }

    private static IRenderable Page(JsonElement top) => new Rows(new Text(TopText.Title(top)), TextTable.Make(TopText.Headers, TopText.Rows(top), isNarrow: true));
}
