using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Stores;

public sealed class LinkingTests
{
    private const string Exporter = """
        (module
          (memory (export "memory") 1 3)
          (table (export "table") 4 8 funcref)
          (global (export "constant") i32 (i32.const 42))
          (global $g (export "counter") (mut i64) (i64.const 5))
          (tag (export "oops") (param i32))
          (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
          (func (export "counter?") (result i64) (global.get $g))
          (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
          (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
        """;

    private const string Importer = """
        (module
          (import "lib" "memory" (memory 1))
          (import "lib" "table" (table 2 funcref))
          (import "lib" "constant" (global $c i32))
          (import "lib" "counter" (global $g (mut i64)))
          (import "lib" "oops" (tag $oops (param i32)))
          (import "lib" "twice" (func $twice (param i32) (result i32)))
          (func (export "twice+constant") (param i32) (result i32) (i32.add (call $twice (local.get 0)) (global.get $c)))
          (func (export "count") (global.set $g (i64.add (global.get $g) (i64.const 1))))
          (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
          (func $seven (result i32) (i32.const 7))
          (elem declare func $seven)
          (func (export "put") (param i32) (table.set (local.get 0) (ref.func $seven)))
          (func (export "caught") (result i32)
            (block $b (result i32) (try_table (result i32) (catch $oops $b) (throw $oops (i32.const 9))))))
        """;

    [Fact]
    public void Every_kind_of_item_is_shared()
    {
        using var store = new WasmStore(Guests.Engine);
        var exporter = store.Instantiate(Guests.Load(Exporter), new WasmImports());
        var importer = store.Instantiate(Guests.Load(Importer), new WasmImports().Add("lib", exporter));

        Assert.Equal(48, importer.CallI32("twice+constant", 3));
        importer.Call("count");
        Assert.Equal(6, exporter.Call("counter?")[0].AsI64());
        importer.CallNone("store", 16, 1234);
        Assert.Equal(1234, exporter.CallI32("load", 16));
        importer.CallNone("put", 3);
        Assert.Equal(7, exporter.CallI32("call", 3));
        Assert.Equal(9, importer.CallI32("caught"));
        Assert.Equal([exporter, importer], store.Instances);
        Assert.Equal((65_536UL, 4UL), (store.Usage.MemoryBytes, store.Usage.TableElements));
    }

    [Theory]
    [InlineData("""(import "lib" "none" (func))""", "guest.wat: the import lib.none is unknown; it wants a function () -> (), and lib offers ")]
    [InlineData("""(import "other" "f" (func (param i32)))""", "the import other.f is unknown; it wants a function (i32) -> (), and nothing is offered under other.")]
    [InlineData("""(import "lib" "twice" (memory 1))""",
        "the import lib.twice wants a memory of 1 pages, any number of pages, but guest.wat exports \"twice\" as a function (i32) -> (i32).")]
    [InlineData("""(import "lib" "twice" (func (param i64)))""",
        "the import lib.twice wants a function (i64) -> (), but guest.wat exports \"twice\" as a function (i32) -> (i32) (")]
    [InlineData("""(import "lib" "memory" (memory 2))""",
        "the import lib.memory wants a memory of 2 pages, any number of pages, but guest.wat exports \"memory\" as a memory of 1 pages, at most 3 (")]
    [InlineData("""(import "lib" "memory" (memory 1 2))""", "wants a memory of 1 pages, at most 2, but guest.wat exports \"memory\" as a memory of 1 pages, at most 3 (")]
    [InlineData("""(import "lib" "memory" (memory i64 1))""", "wants a 64-bit memory of 1 pages, any number of pages, but ")]
    [InlineData("""(import "lib" "table" (table 5 funcref))""",
        "wants a table of (ref null func) with 5 elements, any number of elements, but guest.wat exports \"table\" as a table of (ref null func) with 4 elements, at most 8 (")]
    [InlineData("""(import "lib" "table" (table 1 externref))""", "wants a table of (ref null extern) with 1 elements, any number of elements, but ")]
    [InlineData("""(import "lib" "constant" (global (mut i32)))""",
        "wants a mutable global i32, but guest.wat exports \"constant\" as an immutable global i32 (")]
    [InlineData("""(import "lib" "counter" (global i64))""", "wants an immutable global i64, but guest.wat exports \"counter\" as a mutable global i64 (")]
    [InlineData("""(import "lib" "oops" (tag (param i64)))""", "wants a tag (i64) -> (), but guest.wat exports \"oops\" as a tag (i32) -> () (")]
    [InlineData("""(import "host" "f" (func (param i64)))""", "the module imports host.f as (i64) -> (), but the host offers it as (i32) -> ().")]
    public void A_wrong_link_is_refused_by_name_and_both_types(string import, string message)
    {
        var functions = new HostFunctions().Define("host", "f", WasmFunctionType.Of([WasmValueKind.I32], []), (ref HostCall _) => { });
        using var store = new WasmStore(Guests.Engine);
        var exporter = store.Instantiate(Guests.Load(Exporter), new WasmImports());
        var module = Guests.Load($"(module {import})");

        var refusal = Assert.Throws<ModuleRefusedException>(() => store.Instantiate(module, new WasmImports(functions).Add("lib", exporter)));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal([exporter], store.Instances);
        Assert.Equal(6, exporter.CallI32("twice", 3));
    }

    [Fact]
    public void A_name_is_offered_anew_and_single_exports_go_before_whole_instances_and_host_functions()
    {
        const string one = """(module (func (export "f") (result i32) (i32.const 1)) (func (export "g") (result i32) (i32.const 11)))""";
        const string two = """(module (func (export "f") (result i32) (i32.const 2)))""";
        const string user = """
            (module (import "m" "f" (func $f (result i32))) (import "m" "h" (func $h (result i32)))
              (func (export "run") (result i32) (i32.add (call $f) (i32.mul (i32.const 100) (call $h)))))
            """;
        var functions = new HostFunctions()
            .Define("m", "f", WasmFunctionType.Of([], [WasmValueKind.I32]), (ref HostCall call) => call.SetI32(0, 3))
            .Define("m", "h", WasmFunctionType.Of([], [WasmValueKind.I32]), (ref HostCall call) => call.SetI32(0, 4));
        using var store = new WasmStore(Guests.Engine);
        var first = store.Instantiate(Guests.Load(one), new WasmImports());
        var second = store.Instantiate(Guests.Load(two), new WasmImports());
        var module = Guests.Load(user);
        var imports = new WasmImports(functions);
        int Run() => store.Instantiate(module, imports).CallI32("run");

        Assert.Equal(403, Run());
        imports.Add("m", first);
        Assert.Equal(401, Run());
        imports.Add("m", second);
        Assert.Equal(402, Run());
        imports.Add("m", "f", first, "g");
        Assert.Equal(411, Run());
        imports.Add("m", second);
        Assert.Equal(402, Run());
        Assert.Throws<ArgumentException>(() => imports.Add("m", "f", first, "none"));
    }

    [Fact]
    public void Only_instances_of_the_same_store_and_modules_of_the_same_engine_are_taken()
    {
        using var store = new WasmStore(Guests.Engine);
        using var other = new WasmStore(Guests.Engine);
        var foreign = other.Instantiate(Guests.Load(Exporter), new WasmImports());

        Assert.Throws<ArgumentException>(() => store.Instantiate(Guests.Load(Importer), new WasmImports().Add("lib", foreign)));
        Assert.Throws<ArgumentException>(() => store.Instantiate(Guests.Load(Exporter, Guests.WithFuel), new WasmImports()));
        Assert.Empty(store.Instances);
    }

    [Fact]
    public void A_host_function_finds_the_instance_that_imports_it()
    {
        var seen = new List<WasmInstance>();
        var functions = new HostFunctions().Define("host", "see", WasmFunctionType.Of([], []), (ref HostCall call) => seen.Add(call.Instance));
        const string direct = """(module (import "host" "see" (func $see)) (func (export "run") (call $see)))""";
        const string through = """(module (import "first" "run" (func $run)) (func (export "run") (call $run)))""";
        using var store = new WasmStore(Guests.Engine);
        var first = store.Instantiate(Guests.Load(direct), new WasmImports(functions));
        var second = store.Instantiate(Guests.Load(direct), new WasmImports(functions).Add("unused", first));
        var third = store.Instantiate(Guests.Load(through), new WasmImports(functions).Add("first", first));

        foreach (var instance in new[] { first, second, third }) instance.Call("run");

        Assert.Equal([first, second, first], seen);
    }

    [Fact]
    public void Instances_beyond_the_limit_are_refused()
    {
        using var store = new WasmStore(Guests.Engine, new WasmLimits { Instances = 2 });
        var module = Guests.Load("(module)");
        store.Instantiate(module, new WasmImports());
        store.Instantiate(module, new WasmImports());

        var refusal = Assert.Throws<WasmEngineException>(() => store.Instantiate(module, new WasmImports()));

        Assert.Contains(nameof(WasmLimits.Instances), refusal.Message, StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
    }
}
