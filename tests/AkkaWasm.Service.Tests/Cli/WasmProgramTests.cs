using System.Text;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Tests.Hocon;

namespace AkkaWasm.Service.Tests.Cli;

/// <summary><c>wasm run</c> with WASI programs: streams, arguments, environment, folders, exit codes.</summary>
public sealed class WasmProgramTests : IDisposable
{
    private static readonly string Programs = Path.Combine(FindRoot(), "tests", "guests", "wasi");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_program_has_the_streams_of_the_process_and_its_files_are_the_machines()
    {
        Assert.Equal((0, "1 first\n", "handled first"), await RunAsync("first", "tally", "--dir", $"{folder.Path}::/"));
        Assert.Equal((0, "2 second\n", "handled second"), await RunAsync("second", "tally", "--dir", $"{folder.Path}::/"));

        Assert.Equal("2\n", await File.ReadAllTextAsync(Path.Combine(folder.Path, "count")));
        Assert.Equal("first\nsecond\n", await File.ReadAllTextAsync(Path.Combine(folder.Path, "journal")));
    }

    [Fact]
    public async Task Arguments_follow_the_program_and_the_environment_is_what_was_given()
    {
        var (_, arguments, _) = await RunAsync("args", "tally", "--dir", $"{folder.Path}::/", "--", "-x", "a b");
        Assert.Equal(["-x", "a b"], arguments.Split('\n')[1..^1]);

        var (_, variables, _) = await RunAsync("env", "tally", "--dir", $"{folder.Path}::/", "--env", "A=b=c", "--env", "HOME");
        Assert.Equal("A=b=c\nHOME=/home/here\n", variables);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("exit 0", 0)]
    [InlineData("trap", 1)]
    public async Task The_exit_code_is_the_programs(string word, int code)
    {
        Assert.Equal(code, (await RunAsync(word, "tally", "--dir", $"{folder.Path}::/")).Code);
    }

    [Fact]
    public async Task Several_folders_are_found_where_they_were_put()
    {
        folder.Write("data/hello.txt", "hello\n");
        Directory.CreateDirectory(Path.Combine(folder.Path, "root"));

        var (_, output, _) = await RunAsync("data", "tally", "--dir", $"{folder.Path}/root::/", "--dir", $"{folder.Path}/data::/data");

        Assert.EndsWith("/data/hello.txt\nhello\nwriting: possible\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the folder 'none' is not there; check the path", "--dir", "none")]
    [InlineData("--dir must be HOST or HOST::GUEST but is 'a::b::c'; write it as data::/data", "--dir", "a::b::c")]
    [InlineData("--env must be NAME=VALUE but is '=x'; write it as HOME=/", "--env", "=x")]
    [InlineData("--repeat calls a function again and again; name it with --invoke", "--repeat", "2")]
    public async Task What_cannot_be_given_is_refused(string sentence, params string[] options)
    {
        var outcome = await Terminal.RunAsync(["wasm", "run", Path.Combine(Programs, "tally.wasm"), .. options]);

        Assert.Equal(new Outcome(2, "", $"error: {sentence}{Environment.NewLine}"), outcome);
    }

    [Fact]
    public async Task A_module_that_is_no_program_says_how_to_call_it()
    {
        var file = folder.Write("no.wat", """(module (memory (export "memory") 1) (func (export "f")))""");

        var outcome = await Terminal.RunAsync("wasm", "run", file);

        Assert.Equal((2, $"error: {file} is no program: it exports no function '_start'; name a function to call with --invoke{Environment.NewLine}"), (outcome.Code, outcome.Error));
    }

    [Fact]
    public async Task A_poll_waits_for_input_or_time()
    {
        Assert.Equal((0, "all is well\n", ""), await RunAsync("", "files", "--dir", $"{folder.Path}::/"));
        using var host = new MachineHost(Terminal.Context("late"));

        Assert.True(host.WaitForInput(ulong.MaxValue));
        Assert.True(host.WaitForInput(0));
        var buffer = new byte[3];
        Assert.Equal((3, "lat"), (host.ReadInput(buffer), Encoding.ASCII.GetString(buffer)));
        Assert.Equal((1, (byte)'e'), (host.ReadInput(buffer), buffer[0]));
        Assert.Equal(0, host.ReadInput(buffer));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string input, string program, params string[] options)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var outcome = await Terminal.RunAsync(["wasm", "run", Path.Combine(Programs, program + ".wasm"), .. options], input,
            context => context with { OpenOut = () => output, OpenError = () => error, Environment = name => name == "HOME" ? "/home/here" : null });
        return (outcome.Code, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    private static string FindRoot()
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
            if (File.Exists(Path.Combine(above.FullName, "AkkaWasm.sln"))) return above.FullName;
        throw new InvalidOperationException("AkkaWasm.sln is in no folder above the tests.");
    }
}
