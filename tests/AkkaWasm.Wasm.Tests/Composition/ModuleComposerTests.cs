using AkkaWasm.Wasm.Binary;
using static AkkaWasm.Wasm.Tests.Composition.Compositions;

namespace AkkaWasm.Wasm.Tests.Composition;

/// <summary>What composed modules are made of and what they mean.</summary>
public sealed class ModuleComposerTests
{
    private static readonly ModulePart Math = Part("math", """
        (module (memory (export "memory") 1) (data (i32.const 0) "\07")
          (func (export "seven") (result i32) (i32.load8_u (i32.const 0)))
          (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))
        """);

    [Fact]
    public void An_import_is_served_by_the_export_of_another_part_and_each_part_keeps_its_own_memory() => Assert.Equal(14 + 3, Call("run", Math, Part("main", """
        (module (import "math" "twice" (func $twice (param i32) (result i32))) (import "math" "seven" (func $seven (result i32)))
          (memory (export "memory") 1) (data (i32.const 0) "\03")
          (func (export "run") (result i32) (i32.add (call $twice (call $seven)) (i32.load8_u (i32.const 0)))))
        """)));

    [Fact]
    public void A_memory_that_is_imported_is_shared() => Assert.Equal(0x0907, Call("run", Math, Part("main", """
        (module (import "math" "memory" (memory 1)) (data (i32.const 1) "\09")
          (func (export "run") (result i32) (i32.load16_u (i32.const 0))))
        """)));

    [Fact]
    public void Tables_globals_and_tags_are_shared_as_functions_are() => Assert.Equal(42 + 5, Call("run",
        Part("base", """
            (module (table (export "t") 2 funcref) (global (export "g") (mut i32) (i32.const 5)) (global (export "c") i32 (i32.const 1)) (tag (export "e") (param i32))
              (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
            """),
        Part("main", """
            (module (import "base" "t" (table 2 funcref)) (import "base" "g" (global $g (mut i32))) (import "base" "c" (global $c i32)) (import "base" "e" (tag $e (param i32)))
              (import "base" "call" (func $call (param i32) (result i32)))
              (elem (global.get $c) $throw)
              (func $throw (result i32) (throw $e (i32.const 42)))
              (func (export "run") (result i32)
                (i32.add (block $h (result i32) (try_table (result i32) (catch $e $h) (call $call (i32.const 1)))) (global.get $g))))
            """)));

    [Fact]
    public void An_export_that_is_passed_on_is_that_of_the_part_which_defines_it() => Assert.Equal(14, Call("run", Math,
        Part("between", """(module (import "math" "seven" (func $f (result i32))) (export "f" (func $f)))"""),
        Part("main", """(module (import "between" "f" (func $f (result i32))) (import "math" "twice" (func $g (param i32) (result i32))) (func (export "run") (result i32) (call $g (call $f))))""")));

    [Fact]
    public void Parts_start_one_after_another_each_with_its_segments_applied() => Assert.Equal(0x040301, Call("run",
        Part("main", """
            (module (import "log" "m" (memory 1)) (import "second" "x" (func))
              (data (i32.const 2) "\04")
              (func (export "run") (result i32) (i32.load (i32.const 0))))
            """),
        Part("log", """(module (memory (export "m") 1) (data (i32.const 0) "\01") (func $s (i32.store8 (i32.const 1) (i32.add (i32.load8_u (i32.const 0)) (i32.load8_u (i32.const 2))))) (start $s))"""),
        Part("second", """
            (module (import "log" "m" (memory 1)) (data (i32.const 2) "\02") (func (export "x"))
              (func $s (i32.store8 (i32.const 1) (i32.add (i32.load8_u (i32.const 1)) (i32.load8_u (i32.const 2))))) (start $s))
            """)));

    [Fact]
    public void What_a_later_part_puts_into_a_table_an_earlier_start_does_not_see() => Assert.Equal(WasmFailureCode.IndirectCallToNull, Failure(
        Part("base", """(module (table (export "t") 1 funcref) (func $s (call_indirect (i32.const 0))) (start $s))"""),
        Part("main", """(module (import "base" "t" (table 1 funcref)) (func $f) (elem (i32.const 0) $f))""")));

    [Fact]
    public void A_segment_that_does_not_fit_traps_before_a_later_part_starts() => Assert.Equal(WasmFailureCode.MemoryOutOfBounds, Failure(
        Part("base", """(module (memory 1) (data (i32.const 65535) "ab") (func (export "f")))"""),
        Part("main", """(module (import "base" "f" (func)) (func $s unreachable) (start $s))""")));

    [Fact]
    public void The_segments_of_an_earlier_part_are_applied_before_those_of_a_later_one_of_any_kind() => Assert.Equal(WasmFailureCode.MemoryOutOfBounds, Failure(
        Part("base", """(module (memory 1) (data (i32.const 65536) "a") (func (export "f")))"""),
        Part("main", """(module (import "base" "f" (func $f)) (table 0 funcref) (elem (i32.const 0) $f))""")));

    [Fact]
    public void Segments_that_instantiation_can_apply_are_left_to_it()
    {
        var composed = Compose(Math, Part("main", """(module (import "math" "seven" (func (result i32))) (memory 1) (data (i32.const 0) "a"))"""));
        var description = ModuleReader.Read(composed.Bytes, "composed", ModuleLimits.Default);
        Assert.All(description.Data, d => Assert.Equal(SegmentMode.Active, d.Mode));
        Assert.Null(description.StartFunction);
    }

    [Fact]
    public void The_memory_of_the_main_part_is_memory_0()
    {
        var composed = Compose(Math, Part("main", """(module (import "math" "seven" (func (result i32))) (memory (export "memory") 3))"""));
        var description = ModuleReader.Read(composed.Bytes, "composed", ModuleLimits.Default);
        Assert.Equal([3UL, 1UL], description.Memories.Select(m => m.MinimumPages));
        Assert.Equal(0, description.FindExport("memory", ExternalKind.Memory)!.Index);
    }

    [Fact]
    public void Parts_may_import_from_each_other() => Assert.Equal(11, Call("run",
        Part("helper", """(module (import "main" "memory" (memory 1)) (import "main" "one" (func $one (result i32))) (func (export "f") (result i32) (i32.add (call $one) (i32.load (i32.const 0)))))"""),
        Part("main", """
            (module (memory (export "memory") 1) (data (i32.const 0) "\0a") (import "helper" "f" (func $f (result i32)))
              (func (export "one") (result i32) (i32.const 1)) (func (export "run") (result i32) (call $f)))
            """.Replace("(module (memory (export \"memory\") 1) (data (i32.const 0) \"\\0a\") (import \"helper\" \"f\" (func $f (result i32)))",
                "(module (import \"helper\" \"f\" (func $f (result i32))) (memory (export \"memory\") 1) (data (i32.const 0) \"\\0a\")", StringComparison.Ordinal))));

    [Fact]
    public void A_global_may_read_those_of_other_parts_in_whatever_order_they_are_given() => Assert.Equal(12, Call("run",
        Part("a", """(module (import "b" "y" (global $y i32)) (global (export "x") i32 (i32.add (global.get $y) (i32.const 1))) (global (export "z") i32 (i32.const 10)))"""),
        Part("b", """(module (import "a" "z" (global $z i32)) (global (export "y") i32 (i32.add (global.get $z) (i32.const 1))))"""),
        Part("main", """(module (import "a" "x" (global $x i32)) (func (export "run") (result i32) (global.get $x)))""")));

    [Fact]
    public void A_value_that_depends_on_itself_is_refused() => Assert.Equal(
        "a.wat: part 'a': the initial value of global 1 depends, through other parts, on itself; give one of the globals a constant.", WhyNot(
            Part("a", """(module (import "b" "y" (global $y i32)) (global (export "x") i32 (global.get $y)))"""),
            Part("b", """(module (import "a" "x" (global $x i32)) (global (export "y") i32 (global.get $x)))"""),
            Part("main", "(module)")));

    [Theory]
    [InlineData("(table $t 3 funcref (global.get $f))", 3)]
    [InlineData("(table $t 3 (ref func) (global.get $f))", 3)]
    public void A_table_may_begin_with_a_value_of_another_part(string table, int expected) => Assert.Equal(expected, Call("run",
        Part("a", """(module (func $three (result i32) (i32.const 3)) (global (export "f") (ref func) (ref.func $three)))"""),
        Part("main", $$"""
            (module (type $r (func (result i32))) (import "a" "f" (global $f (ref func))) {{table}}
              (func (export "run") (result i32) (call_ref $r (ref.cast (ref $r) (table.get $t (i32.const 2))))))
            """)));

    [Fact]
    public void Types_of_several_parts_that_are_equal_are_one() => Assert.Equal(5, Call("run",
        Part("a", """
            (module (rec (type $n (sub (struct (field i32) (field (ref null $m))))) (type $m (sub $n (struct (field i32) (field (ref null $m))))))
              (func (export "make") (result (ref $n)) (struct.new $m (i32.const 5) (ref.null $m))))
            """),
        Part("main", """
            (module (type $other (func)) (rec (type $n (sub (struct (field i32) (field (ref null $m))))) (type $m (sub $n (struct (field i32) (field (ref null $m))))))
              (import "a" "make" (func $make (result (ref $n))))
              (func (export "run") (result i32) (struct.get $m 0 (ref.cast (ref $m) (call $make)))))
            """)));

    [Fact]
    public void A_function_that_only_an_export_declared_can_still_be_referred_to() => Assert.Equal(7, Call("run", Math, Part("main", """
        (module (type $r (func (result i32))) (import "math" "seven" (func $seven (result i32)))
          (func (export "run") (result i32) (call_ref $r (ref.func $seven))) (elem declare func $seven))
        """), Part("unused", """(module (type $r (func)) (func $f (export "f")) (func (call_ref $r (ref.func $f))))""")));

    [Fact]
    public void Imports_that_no_part_serves_remain_and_equal_ones_are_one()
    {
        const string import = """(import "host" "f" (func (param i32)))""";
        var composed = Compose(Part("a", $"(module {import})"), Part("main", $"""(module {import} (import "host" "f" (func (param i64))))"""));
        var description = ModuleReader.Read(composed.Bytes, "composed", ModuleLimits.Default);
        Assert.Equal(["(i32) -> ()", "(i64) -> ()"], description.Functions.Select(f => description.FunctionType(f.Index).ToString()));
    }

    [Fact]
    public void Where_pointers_of_a_part_go_into_another_memory_its_imports_say_which()
    {
        const string import = """(import "mesh_v1" "log" (func (param i32 i32 i32)))""";
        var composed = Compose(
            Part("own", $"(module {import} (memory 1))"), Part("none", $"(module {import})"), Part("shared", $"""(module {import} (import "main" "memory" (memory 1)))"""),
            Part("main", $"""(module {import} (memory (export "memory") 1))"""));
        var description = ModuleReader.Read(composed.Bytes, "composed", ModuleLimits.Default);
        Assert.Equal(["mesh_v1#1", "mesh_v1"], description.Imports.Select(i => i.Module));
    }

    [Fact]
    public void Scratch_memories_remain_scratch()
    {
        var composed = Compose(Part("a", """(module (memory (export "scratch") 1))"""), Part("main", """(module (memory (export "memory") 1) (memory (export "scratch") 1))"""));
        var description = ModuleReader.Read(composed.Bytes, "composed", ModuleLimits.Default);
        Assert.Equal(["memory", "scratch", "scratch@a"], description.Exports.Select(e => e.Name));
    }

    [Fact]
    public void A_library_that_wants_to_be_initialized_is_when_it_starts() => Assert.Equal(1, Call("run",
        Part("lib", """(module (global $g (mut i32) (i32.const 0)) (func (export "_initialize") (global.set $g (i32.const 1))) (func (export "get") (result i32) (global.get $g)))"""),
        Part("main", """(module (import "lib" "get" (func $get (result i32))) (func (export "run") (result i32) (call $get)))""")));

    [Fact]
    public void A_composed_module_names_its_parts_and_its_functions_say_whose_they_are()
    {
        var composed = Compose(Math, Part("main", """(module $agent (import "math" "seven" (func (result i32))) (func $work))"""));
        var description = ModuleReader.Read(composed.Bytes, "composed", ModuleLimits.Default);
        Assert.Equal(composed.Parts, description.Parts);
        Assert.Equal([("math", false), ("main", true)], description.Parts.Select(p => (p.Name, p.IsMain)));
        Assert.Equal("agent", description.Name);
        Assert.Equal(["math.seven", "math.twice", "work"], description.Functions.Select(f => f.Name));
        Assert.Equal([("main", "seven", "math")], composed.Links.Select(l => (l.Part, l.Import.Name, l.From)));
    }

    [Fact]
    public void Equal_parts_give_equal_bytes_and_the_order_of_independent_parts_is_as_given()
    {
        var main = Part("main", "(module)");
        var (a, b) = (Part("a", "(module (global i32 (i32.const 1)))"), Part("b", "(module (global i32 (i32.const 2)))"));
        Assert.Equal(Compose(a, b, main).ContentHash, Compose(main, a, b).ContentHash);
        Assert.NotEqual(Compose(a, b, main).ContentHash, Compose(b, a, main).ContentHash);
    }

    [Fact]
    public void A_composed_module_can_be_a_part() => Assert.Equal(14, Call("run",
        new ModulePart("lib", Compose(Math, Part("main", """
            (module (import "math" "seven" (func $s (result i32))) (import "math" "twice" (func $t (param i32) (result i32))) (func (export "f") (result i32) (call $t (call $s))))
            """)).Bytes, "lib.wasm"),
        Part("main", """(module (import "lib" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f)))""")));

    [Fact]
    public void Links_name_the_part_that_serves_a_module_name()
    {
        var main = Part("main", """(module (import "env" "seven" (func $f (result i32))) (func (export "run") (result i32) (call $f)))""");
        Assert.Equal(7, Call("run", Math, main with { Links = new Dictionary<string, string> { ["env"] = "math" } }));
        var wrong = main with { Links = new Dictionary<string, string> { ["env"] = "maths" } };
        Assert.StartsWith("the part 'main' is to be linked to 'maths', and no part is called so; the parts are math, main.", Assert.Throws<ArgumentException>(() => Compose(Math, wrong)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""(import "math" "seven" (func (result i64)))""", "wants a function () -> (i64), but part 'math' (math.wat) exports \"seven\" as a function () -> (i32); correct one of them.")]
    [InlineData("""(import "math" "seven" (global i32))""", "wants an immutable global i32, but part 'math' (math.wat) exports \"seven\" as a function () -> (i32); correct one of them.")]
    [InlineData("""(import "math" "memory" (memory 2))""", "wants a memory of 2 pages, any number of pages, but part 'math' (math.wat) exports \"memory\" as a memory of 1 pages, any number of pages; correct one of them.")]
    [InlineData("""(import "math" "memory" (memory 1 2))""", "wants a memory of 1 pages, at most 2, but part 'math' (math.wat) exports \"memory\" as a memory of 1 pages, any number of pages; correct one of them.")]
    [InlineData("""(import "math" "eight" (func))""", "wants a function () -> (), and part 'math' (math.wat) exports nothing so named (it exports memory, seven, twice); correct the name, or rename the part if the host is to serve it.")]
    public void What_does_not_fit_is_refused(string import, string reason)
    {
        var name = import.Split('"')[3];
        Assert.Equal($"main.wat: part 'main': the import math.{name} {reason}", WhyNot(Math, Part("main", $"(module {import})")));
    }

    [Fact]
    public void Compositions_that_make_no_sense_are_refused()
    {
        string Refusal(params ModulePart[] parts) => Assert.Throws<ArgumentException>(() => Compose(parts)).Message.Split(" (Parameter")[0];
        Assert.Equal("no part is called 'main', the main one; name one so.", Refusal(Math));
        Assert.Equal("two parts are called 'math'; give each a name of its own.", Refusal(Math, Math, Part("main", "(module)")));
        Assert.Equal("a part cannot be called 'mesh_v1', which is the host's; name it otherwise.", Refusal(Part("mesh_v1", "(module)"), Part("main", "(module)")));
        Assert.Equal("65 parts are more than the limit of 64 (MaxParts); compose some of them first.", Refusal([.. Enumerable.Range(0, 65).Select(i => Part($"p{i}", "(module)"))]));
        Assert.Equal("main.wat: part 'main': the import main.f is of the part's own name; give the part another name.", WhyNot(Part("main", """(module (import "main" "f" (func)))""")));
        Assert.Equal("a.wat: part 'a': the import b.f is passed on in a circle and defined nowhere; let one of the parts define it.", WhyNot(
            Part("a", """(module (import "b" "f" (func $f)) (export "f" (func $f)))"""), Part("b", """(module (import "a" "f" (func $f)) (export "f" (func $f)))"""), Part("main", "(module)")));
    }

    [Fact]
    public void The_state_of_a_composed_module_is_saved_and_restored()
    {
        using var engine = new WasmEngine();
        var counter = Part("counter", """(module (memory 1) (global $g (mut i32) (i32.const 0)) (func (export "next") (result i32) (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))) (global.set $g (i32.load (i32.const 0))) (global.get $g)))""");
        var main = Part("main", """(module (import "counter" "next" (func $f (result i32))) (memory 1) (func (export "run") (result i32) (call $f)) (func $s (drop (call $f))) (start $s))""");
        using var module = engine.Load(Compose(counter, main).Bytes, "composed");
        using var one = WasmInstance.Create(module, new HostFunctions());
        one.RunStart();
        Assert.Equal(2, one.GetFunction("run")!.Invoke().Single().AsI32());
        using var other = WasmInstance.Create(module, new HostFunctions());
        other.Restore(WasmSnapshot.FromBytes(one.Capture().ToBytes()));
        Assert.Equal(3, other.GetFunction("run")!.Invoke().Single().AsI32());
    }

    [Fact]
    public void A_parts_section_that_cannot_be_read_says_nothing()
    {
        byte[] wasm = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 17, 14, .. "akkawasm.parts"u8, 9, 9];
        Assert.Empty(ModuleReader.Read(wasm, "f", ModuleLimits.Default).Parts);
    }
}
