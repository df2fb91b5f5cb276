using System.CommandLine;
using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary>
/// <c>list</c> and <c>show NAME</c> for things of a running node that have names: a table of all, and of one a few sentences with a table of each of its lists.
/// </summary>
/// <param name="Path">Where they are on the node; what is below it by name is one of them.</param>
/// <param name="List">The field of the answer that has them all.</param>
/// <param name="Columns">The fields that the table of all shows.</param>
internal sealed record ListAndShow(string Path, string List, string[] Columns)
{
    /// <summary>What is listed, one sentence.</summary>
    public required string ListText { get; init; }

    /// <summary>What is shown of one, one sentence.</summary>
    public required string ShowText { get; init; }

    /// <summary>What its name is like.</summary>
    public required string NameText { get; init; }

    /// <summary>The sentences about one.</summary>
    public required Func<JsonElement, IEnumerable<string>> Sentences { get; init; }

    /// <summary>The lists of one, each with the fields that its table shows.</summary>
    public required (string List, string[] Columns)[] Parts { get; init; }

    /// <summary>Whether an empty list of one is left out, and an empty line stands before each other.</summary>
    public bool ArePartsApart { get; init; }

    public Command BuildList(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var command = node.AddTo(new Command("list", ListText));
        command.SetAction((parsed, cancellation) => AnswerAsync(context, node, parsed, output, Path, all => Write(context, Columns, all.GetProperty(List)), cancellation));
        return command;
    }

    public Command BuildShow(CliContext context, OutputOption output)
    {
        var node = new NodeOptions();
        var name = Name();
        var command = node.AddTo(new Command("show", ShowText) { name });
        command.SetAction((parsed, cancellation) => AnswerAsync(context, node, parsed, output, PathOf(parsed.GetRequiredValue(name)), one => Write(context, one), cancellation));
        return command;
    }

    /// <summary>The argument that names one.</summary>
    public Argument<string> Name() => new("NAME") { Description = NameText };

    /// <summary>Where one of them is on the node.</summary>
    public string PathOf(string name) => $"{Path}/{Uri.EscapeDataString(name)}";

    private static async Task<int> AnswerAsync(CliContext context, NodeOptions node, ParseResult parsed, OutputOption output, string path, Action<JsonElement> write, CancellationToken cancellation)
    {
        using var client = node.Client(parsed, context);
        using var answer = await client.GetAsync(path, cancellation);
        if (output.Of(parsed)) JsonText.WritePage(context.Out, answer.RootElement.WriteTo);
        else write(answer.RootElement);
        return (int)ExitCode.Done;
    }

    private void Write(CliContext context, JsonElement one)
    {
        foreach (var sentence in Sentences(one)) context.Out.WriteLine(sentence);
        foreach (var (list, columns) in Parts)
        {
            if (ArePartsApart && one.GetProperty(list).GetArrayLength() == 0) continue;
            if (ArePartsApart) context.Out.WriteLine();
            Write(context, columns, one.GetProperty(list));
        }
    }

    private static void Write(CliContext context, string[] columns, JsonElement rows) => TextTable.Write(
        context, [.. columns.Select(c => c.Replace('_', ' ').ToUpperInvariant())], rows.EnumerateArray().Select(row => columns.Select(column => Text(row.GetProperty(column))).ToArray()));

    private static string Text(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetRawText() : value.ToString();
}
