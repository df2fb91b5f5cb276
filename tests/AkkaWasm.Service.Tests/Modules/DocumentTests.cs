using System.Text.RegularExpressions;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Modules;

/// <summary>
/// The examples of documents, run from the first to the last in one folder, in which the files stand that the document shows. In what they print, … stands for
/// anything. A mesh that is served in the background is served in this process, and the verbs that talk to a node talk to that one when it has nothing left to do.
/// </summary>
public sealed partial class DocumentTests
{
    [Theory]
    [InlineData("AkkaWasm.Service/Modules/MODULES.md", 11)]
    [InlineData("AkkaWasm.Service/Modules/COMPOSE.md", 7)]
    [InlineData("AkkaWasm.Actors/INTEGRATE.md", 4)]
    [InlineData("AkkaWasm.Actors/RULES.md", 2)]
    [InlineData("AkkaWasm.Actors/CANARY.md", 12)]
    [InlineData("AkkaWasm.Actors/POOLS.md", 5)]
    [InlineData("AkkaWasm.Actors/RENAME.md", 9)]
    public async Task Every_example_prints_what_the_document_says(string document, int least)
    {
        using var folder = new ModuleFolder();
        var text = await File.ReadAllTextAsync(Path.Combine(Root(), "src", document));
        foreach (Match file in Files().Matches(text)) folder.Write(file.Groups[1].Value, file.Groups[2].Value);
        var examples = Examples(text).ToArray();
        Assert.True(examples.Length >= least, $"There are {examples.Length} examples.");
        await using var background = new Background(folder);
        foreach (var (command, expected) in examples)
        {
            if (await background.BeginsAsync(command)) continue;
            var outcome = await folder.RunAsync([.. command.Split(' ')[1..], .. background.UrlFor(command)]);
            await background.WhenIdleAsync();
            var printed = (outcome.Out + outcome.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Normal).ToArray();
            var pattern = string.Join('\n', expected.Select(line => Regex.Escape(Normal(line)).Replace("…", expected.Length > 1 && line == "…" ? "[\\s\\S]*" : ".*", StringComparison.Ordinal)));
            Assert.True(Regex.IsMatch(string.Join('\n', printed), $"^{pattern}$"), $"{command}\nprints\n{string.Join('\n', printed)}\nand not\n{string.Join('\n', expected)}");
            Assert.Equal(expected[0].StartsWith("error:", StringComparison.Ordinal), outcome.Code != 0);
        }
    }

    /// <summary>The mesh that an example serves while further ones are run.</summary>
    private sealed class Background(ModuleFolder folder) : IAsyncDisposable
    {
        private static readonly string[] VerbsOfNodes = ["topology", "pool", "topic", "agent"];
        private ServedMesh? served;

        public async Task<bool> BeginsAsync(string command)
        {
            if (command.Split(' ') is not [_, "serve", var file, "&"]) return false;
            await DisposeAsync();
            served = await folder.ServeAsync(file);
            return true;
        }

        public string[] UrlFor(string command) => served is not null && VerbsOfNodes.Contains(command.Split(' ')[1]) && !command.EndsWith(" --data data", StringComparison.Ordinal) ? ["--url", served.Http.Url.ToString()] : [];

        public Task WhenIdleAsync() => served is null ? Task.CompletedTask : served.Node.WhenIdleAsync();

        public async ValueTask DisposeAsync()
        {
            if (served is not null) await served.DisposeAsync();
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
