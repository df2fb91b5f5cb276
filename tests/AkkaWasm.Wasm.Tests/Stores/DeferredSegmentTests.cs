using AkkaWasm.Wasm.Tests.Instances;

namespace AkkaWasm.Wasm.Tests.Stores;

/// <summary>Modules that import what their active segments write to.</summary>
public sealed class DeferredSegmentTests
{
    private const string Owner = """
        (module (memory (export "memory") 1) (table (export "table") 4 funcref) (memory (export "memory64") i64 1) (table (export "table64") i64 4 funcref)
          (global (export "base") i32 (i32.const 100)) (global (export "base64") i64 (i64.const 200)) (global (export "log") (mut i32) (i32.const 0))
          (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
          (func (export "load64") (param i32) (result i32) (i32.load8_u 1 (i64.extend_i32_u (local.get 0))))
          (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
          (func (export "call64") (param i32) (result i32) (call_indirect 1 (result i32) (i64.extend_i32_u (local.get 0))))
          (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get 0 (local.get 0)))))
        """;

    private const string Imports = """
        (import "o" "memory" (memory 1)) (import "o" "table" (table 4 funcref)) (import "o" "memory64" (memory i64 1)) (import "o" "table64" (table i64 4 funcref))
        (import "o" "base" (global $base i32)) (import "o" "base64" (global $base64 i64)) (import "o" "log" (global $log (mut i32)))
        (func $seven (result i32) (i32.const 7)) (func $eight (result i32) (i32.const 8))
        """;

    [Fact]
    public void Segments_are_applied_before_the_start_function_and_not_at_once()
    {
        var (store, owner, importer) = Make($"""
            (module {Imports} (start $start)
              (data (i32.add (global.get $base) (i32.const 1)) "a") (data (memory 1) (i64.sub (global.get $base64) (i64.const 1)) "b")
              (elem (i32.const 1) $seven) (elem (table 1) (i64.const 2) func $eight) (data $passive "p")
              (func $start (global.set $log (i32.load8_u (i32.const 101))))
              (func (export "init") (param i32) (memory.init $passive (local.get 0) (i32.const 0) (i32.const 1)))
              (func (export "log") (result i32) (global.get $log)))
            """);
        using (store)
        {
            Assert.Equal(0, owner.CallI32("load", 101));
            Assert.Equal(1, owner.CallI32("is_null", 1));

            importer.RunStart();

            Assert.Equal('a', owner.CallI32("load", 101));
            Assert.Equal('b', owner.CallI32("load64", 199));
            Assert.Equal(7, owner.CallI32("call", 1));
            Assert.Equal(8, owner.CallI32("call64", 2));
            Assert.Equal('a', importer.CallI32("log"));
            importer.CallNone("init", 0);
            Assert.Equal('p', owner.CallI32("load", 0));
        }
    }

    [Theory]
    [InlineData("""(elem (i32.const 1) $seven) (elem (i32.const 4) $eight) (data (i32.const 5) "x")""", WasmFailureCode.TableOutOfBounds, 7, 0)]
    [InlineData("""(elem (i32.const 1) $seven) (data (i32.const 5) "x") (data (i32.const 65536) "y") (data (i32.const 5) "z")""", WasmFailureCode.MemoryOutOfBounds, 7, 'x')]
    [InlineData("""(elem (i32.const 1) $seven) (data (i32.const 5) "x") (data (i32.const 65536) "") (data (i32.const 65537) "")""", WasmFailureCode.MemoryOutOfBounds, 7, 'x')]
    [InlineData("""(elem (i32.const 1) $seven) (data (i32.const 5) "x") (start $start) (func $start (unreachable))""", WasmFailureCode.Unreachable, 7, 'x')]
    public void What_went_before_a_failure_stands_and_its_functions_can_be_called(string segments, WasmFailureCode code, int result, int stored)
    {
        var (store, owner, importer) = Make($"(module {Imports} {segments})");
        using (store)
        {
            var failure = Assert.Throws<WasmTrapException>(importer.RunStart);

            Assert.Equal(code, failure.Code);
            if (code != WasmFailureCode.Unreachable) Assert.Equal("instantiation", Assert.Single(failure.Frames).FunctionName);
            Assert.Equal(result, owner.CallI32("call", 1));
            Assert.Equal(stored, owner.CallI32("load", 5));
            Assert.Equal([owner, importer], store.Instances);
        }
    }

    [Fact]
    public void Segments_count_as_dropped_once_applied_as_those_of_other_modules_do()
    {
        const string segments = """
              (data $d (i32.const 1) "x") (elem $e (i32.const 1) $seven)
              (func (export "data") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)))
              (func (export "elem") (table.init $e (i32.const 0) (i32.const 0) (i32.const 1)))
            """;
        var (store, _, importer) = Make($"(module {Imports} {segments})");
        var own = store.Instantiate(Guests.Load($"(module (memory 1) (table 4 funcref) (func $seven (result i32) (i32.const 7)) {segments})"), new WasmImports());
        using (store)
        {
            foreach (var instance in new[] { importer, own })
            {
                instance.RunStart();
                Assert.Equal(WasmFailureCode.MemoryOutOfBounds, Assert.Throws<WasmTrapException>(() => instance.Call("data")).Code);
                Assert.Equal(WasmFailureCode.TableOutOfBounds, Assert.Throws<WasmTrapException>(() => instance.Call("elem")).Code);
            }
        }
    }

    [Fact]
    public void A_module_with_more_to_apply_than_fits_a_function_is_refused()
    {
        var offset = string.Concat(Enumerable.Repeat("(i32.add (i32.const 0) ", 1000)) + "(i32.const 0)" + new string(')', 1000);
        var data = string.Concat(Enumerable.Repeat($"(data {offset} \"x\")", 1300));

        var refusal = Assert.Throws<ModuleRefusedException>(() => Guests.Load($"""(module (import "o" "memory" (memory 1)) {data})"""));

        Assert.Contains("use fewer segments", refusal.Message, StringComparison.Ordinal);
    }

    private static (WasmStore Store, WasmInstance Owner, WasmInstance Importer) Make(string importer)
    {
        var store = new WasmStore(Guests.Engine) { KeepsRunningAfterFailure = true };
        var owner = store.Instantiate(Guests.Load(Owner), new WasmImports());
        return (store, owner, store.Instantiate(Guests.Load(importer), new WasmImports().Add("o", owner)));
    }
}
