using Spectre.Console;
using Spectre.Console.Rendering;

namespace AkkaWasm.Service.Cli;

/// <summary>Tables for people; without colours and as wide as they like where nobody looks at a terminal.</summary>
internal static class TextTable
{
    private const int WidthOfFiles = 400;

    public static void Write(CliContext context, string[] headers, IEnumerable<string[]> rows) => Write(context, Make(headers, rows));

    /// <summary>A table that is written by others, again and again perhaps.</summary>
    /// <param name="headers">Its columns.</param>
    /// <param name="rows">Their cells.</param>
    /// <param name="isNarrow">Whether it has to do with the width of a terminal: columns stand closer, and the last one is wrapped.</param>
    public static Table Make(string[] headers, IEnumerable<string[]> rows, bool isNarrow = false)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true, UseSafeBorder = true };
        foreach (var header in headers) table.AddColumn(new TableColumn(new Text(header)) { NoWrap = !isNarrow || header != headers[^1], Padding = new Padding(0, 0, isNarrow ? 1 : 3, 0) });
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        return table;
    }

    /// <summary>Pairs of name and value, one a line.</summary>
    public static void WritePairs(CliContext context, IEnumerable<(string Name, string Value)> pairs)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 3, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (var (name, value) in pairs) grid.AddRow(new Text(name), new Text(value));
        Write(context, grid);
    }

    private static void Write(CliContext context, IRenderable content)
    {
        if (context.IsOutTerminal)
        {
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(context.Out), Interactive = InteractionSupport.No }).Write(content);
            return;
        }
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = WidthOfFiles;
        console.Write(content);
        foreach (var line in text.ToString().TrimEnd().Split('\n')) context.Out.WriteLine(line.TrimEnd());
    }
}
