using System.Text.Json;
using AkkaWasm.Service.Tests.Hocon;

namespace AkkaWasm.Service.Tests.Cli;

public sealed class WasmScriptsTests : IDisposable
{
    private const string Good = """(module (func (export "f") (result i32) (i32.const 1))) (assert_return (invoke "f") (i32.const 1))""";
    private const string Bad = """(module (func (export "f") (result i32) (i32.const 1))) (assert_return (invoke "f") (i32.const 2))""";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Folders_are_looked_through_at_any_depth()
    {
        folder.Write("suite/a.wast", Good);
        folder.Write("suite/deep/er/b.wast", Good);
        folder.Write("suite/c.txt", Bad);

        var outcome = await Terminal.RunAsync("wasm", "wast", Path.Combine(folder.Path, "suite"), "--roundtrip");

        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.EndsWith($"2 files, 2 passed, 0 failed, 0 skipped{Environment.NewLine}", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_exit_code_1_and_told_with_its_place()
    {
        var good = folder.Write("a.wast", Good);
        var bad = folder.Write("b.wast", Bad);

        var outcome = await Terminal.RunAsync("wasm", "wast", good, bad);

        Assert.Equal((1, ""), (outcome.Code, outcome.Error));
        Assert.Contains($"{bad}:1:57: expected (i32.const 2), got (i32.const 1)", outcome.Out, StringComparison.Ordinal);
        Assert.EndsWith($"2 files, 1 passed, 1 failed, 0 skipped{Environment.NewLine}", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_totals_and_a_row_for_each_file()
    {
        var bad = folder.Write("b.wast", Bad);

        using var json = JsonDocument.Parse((await Terminal.RunAsync("wasm", "wast", folder.Write("a.wast", Good), bad, "--output", "json")).Out);

        var root = json.RootElement;
        Assert.Equal([2, 1, 1, 0, 1], new[] { "files", "passed", "failed", "skipped", "failed_files" }.Select(name => root.GetProperty(name).GetInt32()));
        var row = root.GetProperty("results")[1];
        Assert.Equal(bad, row.GetProperty("file").GetString());
        Assert.Equal("""{"line":1,"column":57,"expected":"(i32.const 2)","got":"(i32.const 1)"}""", JsonSerializer.Serialize(row.GetProperty("first_failure")));
    }

    [Fact]
    public async Task What_is_not_there_is_exit_code_2()
    {
        Assert.Equal(new Outcome(2, "", $"error: 'no.wast' is not there; check the path{Environment.NewLine}"), await Terminal.RunAsync("wasm", "wast", "no.wast"));
        Assert.Equal(
            new Outcome(2, "", $"error: there are no .wast files in {folder.Path}; name a folder that holds some{Environment.NewLine}"),
            await Terminal.RunAsync("wasm", "wast", folder.Path));
    }
}
