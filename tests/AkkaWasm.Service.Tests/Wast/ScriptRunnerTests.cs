using AkkaWasm.Service.Wast.Running;

namespace AkkaWasm.Service.Tests.Wast;

public sealed class ScriptRunnerTests
{
    private const string Everything = """
        (module $a
          (type $s (struct (field (mut i32))))
          (type $r (array i8))
          (tag $e (export "e") (param i32))
          (memory (export "memory") 1 4)
          (table (export "table") 2 8 funcref)
          (global (export "count") (mut i32) (i32.const 0))
          (global (export "object") (mut (ref null $s)) (struct.new $s (i32.const 5)))
          (elem (i32.const 0) $step)
          (func $step (export "step") (result i32) (global.set 0 (i32.add (global.get 0) (i32.const 1))) (global.get 0))
          (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0)))
          (func (export "field") (result i32) (struct.get $s 0 (global.get 1)))
          (func (export "add") (param f32 f32) (result f32) (f32.add (local.get 0) (local.get 1)))
          (func (export "lanes") (result v128) (f32x4.div (v128.const f32x4 0 1 -1 0) (v128.const f32x4 0 2 0 1)))
          (func (export "same") (param externref) (result externref) (local.get 0))
          (func (export "inside") (param externref) (result anyref) (any.convert_extern (local.get 0)))
          (func (export "two") (result i32 i64) (i32.const 1) (i64.const 2))
          (func (export "null") (result structref) (ref.null none))
          (func (export "objects") (result anyref anyref anyref externref funcref)
            (struct.new_default $s) (array.new_default $r (i32.const 3)) (ref.i31 (i32.const -3)) (extern.convert_any (struct.new_default $s)) (ref.func $step))
          (func (export "boom") unreachable)
          (func (export "throw") (throw $e (i32.const 1)))
          (func $deep (export "deep") (call $deep)))
        (register "a")
        (assert_return (invoke "step") (i32.const 1))
        (invoke "step")
        (assert_return (get "count") (i32.const 2))
        (assert_return (get $a "object") (ref.struct))
        (assert_return (invoke "call" (i32.const 0)) (i32.const 3))
        (assert_trap (invoke "call" (i32.const 1)) "uninitialized element 1")
        (assert_trap (invoke "call" (i32.const 9)) "undefined element")
        (assert_trap (invoke "boom") "unreachable")
        (assert_exception (invoke "throw"))
        (assert_exhaustion (invoke "deep") "call stack exhausted")
        (assert_return (invoke "field") (i32.const 5))
        (assert_return (invoke "add" (f32.const nan:0x200000) (f32.const 1)) (f32.const nan:arithmetic))
        (assert_return (invoke "add" (f32.const 0x1p-149) (f32.const 0)) (f32.const 0x1p-149))
        (assert_return (invoke "lanes") (v128.const f32x4 nan:canonical 0.5 -inf 0))
        (assert_return (invoke "lanes") (either (v128.const i32x4 1 2 3 4) (v128.const f32x4 nan:arithmetic 0.5 -inf 0)))
        (assert_return (invoke "same" (ref.extern 7)) (ref.extern 7))
        (assert_return (invoke "same" (ref.extern 7)) (ref.extern))
        (assert_return (invoke "same" (ref.null extern)) (ref.null extern))
        (assert_return (invoke "inside" (ref.host 8)) (ref.host 8))
        (assert_return (invoke "inside" (ref.extern 8)) (ref.any))
        (assert_return (invoke "two") (i32.const 1) (i64.const 2))
        (assert_return (invoke "null") (ref.null))
        (assert_return (invoke "null") (ref.null any))
        (assert_return (invoke "objects") (ref.struct) (ref.array) (ref.i31) (ref.extern) (ref.func))
        (assert_return (invoke "objects") (ref.eq) (ref.eq) (ref.eq) (ref.extern) (ref.func))
        (module definition $d (import "a" "count" (global $c (mut i32))) (global (export "own") (mut i32) (i32.const 0))
          (func (export "bump") (result i32) (global.set 1 (i32.add (global.get 1) (i32.const 1))) (global.set $c (i32.const 40)) (global.get 1)))
        (module instance $one $d)
        (module instance $two $d)
        (assert_return (invoke $one "bump") (i32.const 1))
        (assert_return (invoke $one "bump") (i32.const 2))
        (assert_return (invoke "bump") (i32.const 1))
        (assert_return (invoke $a "step") (i32.const 41))
        (assert_unlinkable (module (import "a" "none" (func))) "unknown import")
        (assert_unlinkable (module (import "a" "step" (func (param i32)))) "incompatible import type")
        (assert_trap (module (import "a" "memory" (memory 1)) (data (i32.const 0) "x") (data (i32.const 65536) "y")) "out of bounds memory access")
        (assert_malformed (module quote "(func") "unexpected end")
        (assert_malformed (module binary "\00asm\02\00\00\00") "unknown binary version")
        (assert_malformed (module binary "(module)") "magic header not detected")
        (assert_malformed (module quote "\00asm\01\00\00\00") "unexpected character")
        (assert_invalid (module (func i32.add)) "type mismatch")
        (module (import "spectest" "print_i32" (func (param i32))) (import "spectest" "table64" (table i64 10 20 funcref)) (import "spectest" "global_f32" (global f32)))
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_commands_do_what_they_say(bool roundTrip)
    {
        var report = Scripts.Run(Everything, roundTrip ? ScriptMode.RoundTrip : ScriptMode.Plain);

        Assert.Null(report.FirstFailure);
        Assert.Equal((36, 0, 0), (report.Passed, report.Failed, report.Skipped));
    }

    [Theory]
    [InlineData("(assert_return (invoke \"one\") (i32.const 2))", "1:1: expected (i32.const 2), got (i32.const 1)")]
    [InlineData("(assert_return (invoke \"one\"))", "1:1: expected no results, got (i32.const 1)")]
    [InlineData("(assert_return (invoke \"nothing\") (i32.const 1))", "1:1: expected (i32.const 1), got no results")]
    [InlineData("(assert_return (invoke \"one\") (i64.const 1))", "1:1: expected (i64.const 1), got (i32.const 1)")]
    [InlineData("(assert_return (invoke \"boom\"))", "1:1: expected no results, got Unreachable: an unreachable instruction was executed")]
    [InlineData("(assert_return (invoke \"nan\") (f32.const nan:canonical))", "1:1: expected (f32.const nan:canonical), got (f32.const nan (0x7fc00001))")]
    [InlineData("(assert_return (invoke \"vector\") (v128.const i64x2 1 3))", "1:1: expected (v128.const i64x2 1 3), got (v128.const i64x2 1 2)")]
    [InlineData("(assert_return (invoke \"null\") (ref.null func))", "1:1: expected (ref.null func), got (ref.null any)")]
    [InlineData("(assert_return (invoke \"null\") (ref.struct))", "1:1: expected (ref.struct), got (ref.null any)")]
    [InlineData("(assert_return (invoke \"same\" (ref.extern 1)) (ref.extern 2))", "1:1: expected (ref.extern 2), got (ref.extern 1)")]
    [InlineData("(assert_return (invoke \"none\"))", "1:1: expected an answer, got InvalidOperationException: the instance exports no function \"none\"")]
    [InlineData("(assert_return (invoke \"one\" (i32.const 1)) (i32.const 1))", "1:1: expected an answer, got ArgumentException: one () -> (i32) takes 0 arguments, not 1.")]
    [InlineData("(assert_return (invoke $x \"one\"))", "1:1: expected an answer, got InvalidOperationException: there is no instance $x")]
    [InlineData("(assert_trap (invoke \"one\") \"unreachable\")", "1:1: expected the trap \"unreachable\", got (i32.const 1)")]
    [InlineData("(assert_trap (invoke \"boom\") \"integer overflow\")", "1:1: expected the trap \"integer overflow\", got Unreachable: an unreachable instruction was executed")]
    [InlineData("(assert_trap (invoke \"boom\") \"bad luck\")", "1:1: expected the trap \"bad luck\", got words for a trap that are not known")]
    [InlineData("(assert_exception (invoke \"boom\"))", "1:1: expected an exception that nobody catches, got Unreachable: an unreachable instruction was executed")]
    [InlineData("(assert_invalid (module) \"type mismatch\")", "1:1: expected a refusal of the module (\"type mismatch\"), got a module that is accepted")]
    [InlineData("(assert_unlinkable (module) \"unknown import\")", "1:1: expected a refusal of the imports (\"unknown import\"), got an instance")]
    [InlineData("(assert_trap (module) \"unreachable\")", "1:1: expected the trap \"unreachable\", got an instance")]
    [InlineData("(invoke \"boom\")", "1:1: expected success, got WasmTrapException: an unreachable instruction was executed")]
    public void What_does_not_hold_is_told_with_what_came_instead(string command, string failure)
    {
        const string module = """
            (module (func (export "one") (result i32) (i32.const 1)) (func (export "nothing")) (func (export "boom") unreachable)
              (func (export "nan") (result f32) (f32.const nan:0x400001)) (func (export "vector") (result v128) (v128.const i64x2 1 2))
              (func (export "null") (result anyref) (ref.null any)) (func (export "same") (param externref) (result externref) (local.get 0)))
            """;

        var report = Scripts.Run($"{module.ReplaceLineEndings(" ")}\n{command}");

        Assert.Equal($"t.wast:2:{failure[2..]}", report.FirstFailure?.ToString());
        Assert.Equal((0, 1), (report.Passed, report.Failed));
    }

    [Fact]
    public void A_module_that_is_refused_fails_and_leaves_no_current_instance()
    {
        var report = Scripts.Run("""
            (module (func (export "f")))
            (module
              (func i32.add))
            (assert_return (invoke "f"))
            """);

        Assert.StartsWith("t.wast:2:1: expected success, got ModuleRefusedException: t.wast: the module does not validate", report.FirstFailure!.ToString(), StringComparison.Ordinal);
        Assert.Equal((0, 2), (report.Passed, report.Failed));
    }

    [Fact]
    public void Errors_in_text_name_the_place_in_the_script() =>
        Assert.Equal("t.wast:2:1: expected success, got ModuleRefusedException: t.wast:3:9: unknown operator or unexpected token; correct the text",
            Scripts.Run("(module)\n(module\n  (func i32.nothing))").FirstFailure!.ToString());

    [Fact]
    public void A_script_that_cannot_be_read_fails_with_its_place()
    {
        var report = Scripts.Run("(module)\n (invoke)");

        Assert.Equal("t.wast:2:2: expected a script, got invoke has 0 operands and needs more", report.FirstFailure!.ToString());
        Assert.Equal((0, 1), (report.Passed, report.Failed));
    }

    [Fact]
    public void With_round_trips_a_module_may_import_what_has_grown()
    {
        var report = Scripts.Run("""
            (module $a (memory (export "m") 1) (table (export "t") 0 externref) (table (export "f") 1 (ref func) (ref.func 0))
              (func (export "grow") (result i32) (drop (table.grow 0 (ref.null extern) (i32.const 3))) (drop (table.grow 1 (ref.func 0) (i32.const 2))) (memory.grow (i32.const 2))))
            (register "a")
            (assert_return (invoke "grow") (i32.const 1))
            (module (import "a" "m" (memory 3)) (import "a" "t" (table 3 externref)) (import "a" "f" (table 3 (ref func)))
              (func (export "sizes") (result i32 i32 i32) (memory.size) (table.size 0) (table.size 1)))
            (assert_return (invoke "sizes") (i32.const 3) (i32.const 3) (i32.const 3))
            (assert_return (invoke "sizes") (i32.const 3) (i32.const 3) (i32.const 3))
            """, ScriptMode.RoundTrip);

        Assert.Null(report.FirstFailure);
        Assert.Equal(3, report.Passed);
    }

    [Fact]
    public void Every_deviation_names_a_place_and_a_reason()
    {
        Assert.True(KnownDeviations.Count > 0);
        Assert.Null(KnownDeviations.ReasonAt(new("other.wast", 85, 1)));
        Assert.NotNull(KnownDeviations.ReasonAt(new("suite/custom/metadata.code.branch_hint/branch_hint.wast", 85, 1)));
    }
}
