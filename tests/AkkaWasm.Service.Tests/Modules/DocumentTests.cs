using System.Text.RegularExpressions;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Modules;

/// <summary>
/// The examples of documents, run from the first to the last in one folder, in which the files stand that the document shows. In what they print, … stands for
/// anything.
/// </summary>
public sealed partial class DocumentTests
{
    [Theory]
    [InlineData("AkkaWasm.Service/Modules/MODULES.md", 11)]
    [InlineData("AkkaWasm.Service/Modules/COMPOSE.md", 7)]
    [InlineData("AkkaWasm.Actors/INTEGRATE.md", 4)]
    [InlineData("AkkaWasm.Actors/RULES.md", 2)]
    public async Task Every_example_prints_what_the_document_says(string document, int least)
    {
        using var folder = new ModuleFolder();
        var text = await File.ReadAllTextAsync(Path.Combine(Root(), "src", document));
        foreach (Match file in Files().Matches(text)) folder.Write(file.Groups[1].Value, file.Groups[2].Value);
        var examples = Examples(text).ToArray();
        Assert.True(examples.Length >= least, $"There are {examples.Length} examples.");
        foreach (var (command, expected) in examples)
        {
            var outcome = await folder.RunAsync([.. command.Split(' ')[1..]]);
            var printed = (outcome.Out + outcome.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Normal).ToArray();
            var pattern = string.Join('\n', expected.Select(line => Regex.Escape(Normal(line)).Replace("…", expected.Length > 1 && line == "…" ? "[\\s\\S]*" : ".*", StringComparison.Ordinal)));
            Assert.True(Regex.IsMatch(string.Join('\n', printed), $"^{pattern}$"), $"{command}\nprints\n{string.Join('\n', printed)}\nand not\n{string.Join('\n', expected)}");
            Assert.Equal(expected[0].StartsWith("error:", StringComparison.Ordinal), outcome.Code != 0);
        }
    }

    private static string Normal(string line) => Blanks().Replace(line, " ").Trim();

    private static IEnumerable<(string Command, string[] Expected)> Examples(string text)
    {
        foreach (Match block in Blocks().Matches(text))
        {
            var lines = block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            for (var i = 0; i < lines.Length;)
            {
                var command = lines[i][2..];
                var expected = lines.Skip(i + 1).TakeWhile(line => !line.StartsWith("$ ", StringComparison.Ordinal)).ToArray();
                yield return (command, expected);
                i += 1 + expected.Length;
            }
        }
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "AkkaWasm.sln"))) return folder.FullName;
        throw new InvalidOperationException("AkkaWasm.sln is in no folder above the tests.");
    }

    [GeneratedRegex("```console\\n([\\s\\S]*?)```")]
    private static partial Regex Blocks();

    /// <summary>A block whose first line, a comment, is the name of a file.</summary>
    [GeneratedRegex("```(?:wat|hocon)\\n(?:;;|#) (\\S+)\\n([\\s\\S]*?)```")]
    private static partial Regex Files();

    [GeneratedRegex("\\s+")]
    private static partial Regex Blanks();
}
