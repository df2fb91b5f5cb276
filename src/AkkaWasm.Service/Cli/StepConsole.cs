using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Service.Cli;

/// <summary>Goes through the turns of an agent with somebody at a terminal.</summary>
/// <param name="context">The terminal.</param>
/// <param name="stepsFrom">The agent's steps from an offset on.</param>
internal sealed class StepConsole(CliContext context, Func<long, IEnumerable<ReplayStep>> stepsFrom)
{
    private const string Help = "n next, p previous, j POSITION jump, h this help, q quit";

    private readonly List<ReplayStep> seen = [];
    private int at = -1;

    /// <summary>Serves commands, one a line, until <c>q</c> or the end of the input.</summary>
    /// <returns>Whether nothing diverged.</returns>
    public bool Run(long from)
    {
        using var input = new StreamReader(context.OpenIn());
        var steps = stepsFrom(from).GetEnumerator();
        try
        {
            context.Out.WriteLine(Help);
            Next(steps);
            while (Ask(input) is { } command)
            {
                if (command is "q" or "quit") break;
                if (command is "" or "n" or "next") Next(steps);
                else if (command is "p" or "previous") Previous();
                else if (command.StartsWith('j') && Position.TryParse(command[1..].Trim(), out var position))
                {
                    steps.Dispose();
                    steps = stepsFrom(position.Offset).GetEnumerator();
                    seen.Clear();
                    at = -1;
                    Next(steps);
                }
                else context.Out.WriteLine(command.StartsWith('j') ? "a position is written as 0-1-1707, or as an offset" : Help);
            }
        }
        finally
        {
            steps.Dispose();
        }
        return seen.TrueForAll(step => step.Divergence is null);
    }

    private string? Ask(StreamReader input)
    {
        context.Out.Write("> ");
        context.Out.Flush();
        return input.ReadLine()?.Trim();
    }

    private void Next(IEnumerator<ReplayStep> steps)
    {
        if (at + 1 == seen.Count && !steps.MoveNext())
        {
            context.Out.WriteLine("there are no more turns");
            return;
        }
        if (at + 1 == seen.Count) seen.Add(steps.Current);
        Show(++at);
    }

    private void Previous()
    {
        if (at > 0) Show(--at);
        else context.Out.WriteLine("this is where the steps begin; jump to an earlier position with j");
    }

    private void Show(int index)
    {
        foreach (var line in StepText.Lines(seen[index], StepText.RowsPerStep)) context.Out.WriteLine(line);
    }
}
