using System.Text.Json;
using AkkaWasm.Service.Tests.Hocon;

namespace AkkaWasm.Service.Tests.Cli;

public sealed class WasmCommandsTests : IDisposable
{
    private const string Text = """
        (module $sample
          (memory (export "memory") 1)
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "swap") (param i64 f64) (result f64 i64) (local.get 1) (local.get 0))
          (func (export "same") (param v128 f32 externref) (result v128 f32 externref) (local.get 0) (local.get 1) (local.get 2))
          (func $boom (export "boom") unreachable))
        """;

    private const string ComponentText = """
        (component
          (import "log" (func $log))
          (import "res" (type (sub resource)))
          (import "mod" (core module))
          (import "wasi:cli/run@0.2.0" (instance))
          (core module $m)
          (core module $n (func (export "f")))
          (component $inner (core module $m) (export "m" (core module $m)))
          (export "say" (func $log))
          (export "parts" (core module $n))
          (export "inner" (component $inner)))
        """;

    private readonly TemporaryFolder folder = new();
    private readonly string file;

    public WasmCommandsTests() => file = folder.Write("sample.wat", Text);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("1", "add", "-1", "2")]
    [InlineData("-1", "add", "0xffffffff", "0")]
    [InlineData("-1", "add", "4294967295", "0")]
    [InlineData("2.5\n-9", "swap", "-9", "2.5")]
    [InlineData("Infinity\n-1", "swap", "0xffffffffffffffff", "inf")]
    [InlineData("0x00000000000000000000000000000abc\nNaN\nnull", "same", "0xabc", "nan", "null")]
    public async Task Run_reads_arguments_by_the_signature_and_prints_results(string results, string name, params string[] args)
    {
        var outcome = await Terminal.RunAsync(["wasm", "run", file, "--invoke", name, .. args]);

        Assert.Equal(new Outcome(0, results.Replace("\n", Environment.NewLine, StringComparison.Ordinal) + Environment.NewLine, ""), outcome);
    }

    [Theory]
    [InlineData("argument 1 of add, 'x', is no i32; write a whole number from -2147483648 to 4294967295, or 0x and up to 8 hexadecimal digits", "add", "x", "2")]
    [InlineData("argument 2 of add, '4294967296', is no i32; write a whole number from -2147483648 to 4294967295, or 0x and up to 8 hexadecimal digits", "add", "1", "4294967296")]
    [InlineData("argument 1 of same, '12', is no v128; write 0x and up to 32 hexadecimal digits, lane 0 lowest", "same", "12", "1", "null")]
    [InlineData("argument 3 of same, 'it', is no (ref null extern); write null, the only reference that can be given from outside", "same", "0x1", "1", "it")]
    [InlineData("add is (i32, i32) -> (i32) and was given 1 arguments; give 2", "add", "1")]
    public async Task Run_refuses_arguments_that_do_not_fit(string sentence, string name, params string[] args)
    {
        var outcome = await Terminal.RunAsync(["wasm", "run", file, "--invoke", name, .. args]);

        Assert.Equal(new Outcome(2, "", $"error: {sentence}{Environment.NewLine}"), outcome);
    }

    [Fact]
    public async Task Run_names_the_nearest_export()
    {
        var outcome = await Terminal.RunAsync("wasm", "run", file, "--invoke", "ad");

        Assert.Equal(new Outcome(2, "", $"error: {file} exports no function 'ad'; did you mean 'add'?{Environment.NewLine}"), outcome);
    }

    [Fact]
    public async Task A_trap_is_exit_code_1()
    {
        var outcome = await Terminal.RunAsync("wasm", "run", file, "--invoke", "boom");

        Assert.Equal(1, outcome.Code);
        Assert.Contains("unreachable", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repeat_adds_times()
    {
        using var json = JsonDocument.Parse((await Terminal.RunAsync("wasm", "run", file, "--invoke", "add", "1", "2", "--repeat", "5", "--output", "json")).Out);

        var root = json.RootElement;
        Assert.Equal("""[{"type":"i32","value":"3"}]""", root.GetProperty("results").GetRawText());
        Assert.Equal(5, root.GetProperty("calls").GetInt32());
        Assert.True(root.GetProperty("min_ns").GetDouble() <= root.GetProperty("median_ns").GetDouble());
        Assert.True(root.GetProperty("min_ns").GetDouble() <= root.GetProperty("first_ns").GetDouble());
    }

    [Fact]
    public async Task Inspect_shows_items_and_state()
    {
        var outcome = await Terminal.RunAsync("wasm", "inspect", file);

        Assert.Equal(0, outcome.Code);
        Assert.Matches(@"swap +function +\(i64, f64\) -> \(f64, i64\)", outcome.Out);
        Assert.Matches(@"state +saved: 1 memories", outcome.Out);
        using var json = JsonDocument.Parse((await Terminal.RunAsync("wasm", "inspect", file, "--output", "json")).Out);
        Assert.Equal("sample", json.RootElement.GetProperty("name").GetString());
        Assert.Single(json.RootElement.GetProperty("state").GetProperty("memories").EnumerateArray());
    }

    [Fact]
    public async Task Inspect_names_a_component_and_what_it_imports_and_exports()
    {
        var component = folder.Write("component.wat", ComponentText);

        var outcome = await Terminal.RunAsync("wasm", "inspect", component);

        Assert.Equal((0, ""), (outcome.Code, outcome.Error));
        Assert.Matches(@"kind +component", outcome.Out);
        Assert.Matches(@"core modules +3", outcome.Out);
        Assert.Matches(@"agent +cannot be one: only core modules are served: build one", outcome.Out);
        Assert.Matches(@"wasi:cli/run@0\.2\.0 +instance", outcome.Out);
        using var json = JsonDocument.Parse((await Terminal.RunAsync("wasm", "inspect", component, "--output", "json")).Out);
        var root = json.RootElement;
        Assert.Equal("component", root.GetProperty("kind").GetString());
        Assert.Equal(["log", "res", "mod", "wasi:cli/run@0.2.0"], root.GetProperty("imports").EnumerateArray().Select(i => i.GetProperty("name").GetString()));
        Assert.Equal(["function", "type", "core module", "instance"], root.GetProperty("imports").EnumerateArray().Select(i => i.GetProperty("kind").GetString()));
        Assert.Equal("""[{"name":"say","kind":"function"},{"name":"parts","kind":"core module"},{"name":"inner","kind":"component"}]""", Compact(root.GetProperty("exports")));
        Assert.Equal((3, 1, false), (root.GetProperty("core_modules").GetInt32(), root.GetProperty("components").GetInt32(), root.GetProperty("can_be_agent").GetBoolean()));
    }

    [Fact]
    public async Task A_damaged_component_is_refused_with_its_place()
    {
        var component = Path.Combine(folder.Path, "component.wasm");
        File.WriteAllBytes(component, [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00, 0x0a, 0x03, 0x01, 0x07, 0x00]);

        var outcome = await Terminal.RunAsync("wasm", "inspect", component);

        Assert.Equal(2, outcome.Code);
        Assert.Contains("component.wasm: at offset 0xc, in import section, import 0: a name has the unknown form 7", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wasm", "run", "--invoke", "f")]
    public async Task A_component_does_not_run(params string[] args)
    {
        var component = folder.Write("component.wat", ComponentText);

        var outcome = await Terminal.RunAsync([.. args, component]);

        Assert.Equal(2, outcome.Code);
        Assert.Contains("this is a component and only core modules are served", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_module_is_exit_code_2() =>
        Assert.Equal(new Outcome(2, "", $"error: the module 'no.wasm' is not there; check the path{Environment.NewLine}"), await Terminal.RunAsync("wasm", "inspect", "no.wasm"));

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);
}
