using System.Text;
using AkkaWasm.Service.Wast.Script;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Tests.Wast;

public sealed class ScriptReaderTests
{
    [Fact]
    public void All_commands_are_read()
    {
        var commands = Scripts.Commands("""
            (module $a (func))
            (module definition $d (func))
            (module instance $i $d)
            (register "n" $i)
            (invoke "f")
            (get $i "g")
            (assert_return (invoke $i "f" (i32.const 1)) (i32.const 2) (f64.const nan:canonical))
            (assert_trap (invoke "f") "unreachable")
            (assert_trap (module (func $s unreachable) (start $s)) "unreachable")
            (assert_exhaustion (invoke "f") "call stack exhausted")
            (assert_exception (invoke "f"))
            (assert_malformed (module quote "(func") "unexpected end")
            (assert_invalid (module (func i32.add)) "type mismatch")
            (assert_malformed_custom (module quote "(@name)") "@name annotation")
            (assert_invalid_custom (module quote "(@name)") "@name annotation")
            (assert_unlinkable (module instance $d) "unknown import")
            """);

        Assert.Equal(
            [
                typeof(InstanceCommand), typeof(DefinitionCommand), typeof(InstanceCommand), typeof(RegisterCommand), typeof(ActionCommand), typeof(ActionCommand),
                typeof(ReturnAssertion), typeof(TrapAssertion), typeof(TrapAssertion), typeof(TrapAssertion), typeof(ExceptionAssertion),
                typeof(RefusalAssertion), typeof(RefusalAssertion), typeof(RefusalAssertion), typeof(RefusalAssertion), typeof(UnlinkableAssertion),
            ],
            commands.Select(c => c.GetType()));
        Assert.Equal(new Instantiation(commands[2].Place, "$i", null, "$d"), ((InstanceCommand)commands[2]).Instance);
        Assert.Equal(("n", "$i"), (((RegisterCommand)commands[3]).As, ((RegisterCommand)commands[3]).Instance));
        var action = Assert.IsType<InvokeAction>(((ReturnAssertion)commands[6]).Action);
        Assert.Equal(("$i", "f", WasmValue.FromI32(1)), (action.Instance, action.Export, Assert.Single(action.Arguments)));
        Assert.Equal(["(i32.const 2)", "(f64.const nan:canonical)"], ((ReturnAssertion)commands[6]).Results.Select(r => r.Text));
    }

    [Fact]
    public void Text_keeps_its_line_and_column_and_a_definition_becomes_a_plain_module()
    {
        var module = ((DefinitionCommand)Scripts.Commands("\n  (module definition $m (func))")[0]).Module;

        Assert.Equal("\n  (module            $m (func))", Encoding.UTF8.GetString(module.Source));
        Assert.Equal(("$m", ModuleForm.Text), (module.Name, module.Form));
    }

    [Fact]
    public void Binary_modules_are_put_together_from_strings()
    {
        var module = Module("""(module $m binary "\00asm" "\01\00\00\00" (; nothing ;) "")""");

        Assert.Equal(("$m", ModuleForm.Binary), (module.Name, module.Form));
        Assert.Equal([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], module.Source);
    }

    [Theory]
    [InlineData("""(module quote "(func)" "(memory 1)")""", "(func) (memory 1) ")]
    [InlineData("""(module quote)""", "(module)")]
    [InlineData("""(module quote " ")""", "(module)")]
    public void Quoted_text_is_put_together_from_strings(string script, string source)
    {
        var module = Module(script);

        Assert.Equal((ModuleForm.Quote, source), (module.Form, Encoding.UTF8.GetString(module.Source)));
    }

    [Fact]
    public void Characters_that_change_the_direction_of_writing_are_written_as_escapes() =>
        Assert.Equal("""(module (func (export "a\u{202e}b\u{2066}ä")))""", Encoding.UTF8.GetString(Module("(module (func (export \"a\u202eb\u2066ä\")))").Source));

    [Fact]
    public void A_script_of_bare_fields_is_one_module()
    {
        var module = ((InstanceCommand)Assert.Single(Scripts.Commands("\n(func) (memory 0)"))).Instance.Module!;

        Assert.Equal("\n(func) (memory 0)", Encoding.UTF8.GetString(module.Source));
    }

    [Fact]
    public void Arguments_of_every_type_are_read()
    {
        var action = (InvokeAction)((ActionCommand)Scripts.Commands("""
            (invoke "f" (i32.const -1) (i64.const 0xffffffffffffffff) (f32.const 0x1p-149) (f64.const -nan:0x1)
              (v128.const i8x16 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 -1) (v128.const f64x2 1 -0) (ref.null func) (ref.extern 7) (ref.host 8))
            """)[0]).Action;

        Assert.Equal(
            [
                WasmValue.FromI32(-1), WasmValue.FromI64(-1), WasmValue.FromF32(float.Epsilon), WasmValue.FromF64(BitConverter.UInt64BitsToDouble(0xfff0000000000001)),
                WasmValue.FromV128(new UInt128(0xff0f0e0d0c0b0a09, 0x0807060504030201)), WasmValue.FromV128(new UInt128(1UL << 63, 0x3ff0000000000000)),
                WasmValue.NullReference, WasmValue.FromHostReference(7), WasmValue.FromHostReference(8),
            ],
            action.Arguments);
    }

    [Theory]
    [InlineData("x", "1:1: x is no command; write one of (module …), (register …)")]
    [InlineData("(assert_returns)", "1:1: assert_returns is no command; write one of (module …), (register …)")]
    [InlineData("(())", "1:1: (()) is no command; write one of (module …), (register …)")]
    [InlineData("(thread $t)", "1:1: the command thread is not served: threads are off; remove it")]
    [InlineData("(assert_return)", "1:1: assert_return has 0 operands and needs more")]
    [InlineData("(assert_return (module))", "1:16: an action is wanted and not (module); write (invoke …) or (get …)")]
    [InlineData("(assert_return (invoke f))", "1:24: a string is wanted and not f; write it in quotation marks")]
    [InlineData("(assert_return (get \"g\" (i32.const 0)))", "1:16: get has 2 operands and takes 1")]
    [InlineData("(assert_trap (invoke \"f\"))", "1:1: assert_trap has 1 operands and takes 2")]
    [InlineData("(assert_trap (invoke \"f\") trap)", "1:27: a string is wanted and not trap; write it in quotation marks")]
    [InlineData("(assert_invalid (module instance $i) \"\")", "1:17: a module is wanted and no instance of one; write (module …)")]
    [InlineData("(invoke \"f\" 1)", "1:13: a constant is wanted and not 1; write one of (i32.const …)")]
    [InlineData("(invoke \"f\" (i32.const))", "1:13: i32.const takes one operand and has 0")]
    [InlineData("(invoke \"f\" (i32.const 0x100000000))", "1:24: 0x100000000 is no integer of 32 bits; write digits, or 0x and hexadecimal digits, in its range")]
    [InlineData("(invoke \"f\" (f32.const 1e39))", "1:24: 1e39 is no number of 32 bits; write digits, 0x and hexadecimal digits, inf, nan or nan:0x…, in its range")]
    [InlineData("(invoke \"f\" (f32.const nan:canonical))", "1:24: nan:canonical stands for many values and may be a result only; write nan or nan:0x…")]
    [InlineData("(invoke \"f\" (v128.const i9x9 1))", "1:13: the vector has no shape; write one of i8x16, i16x8, i32x4, i64x2, f32x4, f64x2 behind v128.const")]
    [InlineData("(invoke \"f\" (v128.const i64x2 1))", "1:13: a vector of shape i64x2 has 2 lanes and not 1")]
    [InlineData("(invoke \"f\" (ref.null thing))", "1:23: thing is no heap type; write one of func, nofunc")]
    [InlineData("(assert_return (invoke \"f\") (either))", "1:29: either has no results to choose from; write them behind it")]
    [InlineData("(assert_return (invoke \"f\") (i32.const nan:canonical))", "1:40: nan:canonical is no integer of 32 bits")]
    [InlineData("(assert_return (invoke \"f\") (ref.func 1))", "1:29: ref.func takes no operand; what it refers to cannot be named")]
    [InlineData("(register n)", "1:11: a string is wanted and not n; write it in quotation marks")]
    [InlineData("(register \"n\" m)", "1:1: register takes a name and perhaps the identifier of an instance; write (register \"name\" $instance)")]
    [InlineData("(module instance $a $b $c)", "1:1: an instance has at most two identifiers, its own and that of the definition; write (module instance $i $m)")]
    [InlineData("(module binary 1)", "1:16: a string is wanted and not 1; write it in quotation marks")]
    public void What_is_no_script_is_refused_with_its_place(string text, string error) =>
        Assert.StartsWith($"t.wast:{error}", Scripts.Error(text), StringComparison.Ordinal);

    private static ScriptModule Module(string script) => ((InstanceCommand)Assert.Single(Scripts.Commands(script))).Instance.Module!;
}
