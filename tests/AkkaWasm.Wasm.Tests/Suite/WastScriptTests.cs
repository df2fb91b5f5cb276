using System.Text;

namespace AkkaWasm.Wasm.Tests.Suite;

public sealed class WastScriptTests
{
    [Fact]
    public void Modules_are_found_at_the_top_and_inside_assertions()
    {
        var modules = Modules("""
            (module $a (func))
            (assert_return (invoke "f") (i32.const 1))
            (assert_invalid (module (func i32.add)) "type mismatch")
            (assert_malformed (module quote "(func" " i32.bad)") "unknown operator")
            (assert_unlinkable (module (import "a" "b" (func))) "unknown import")
            (assert_trap (module (func unreachable) (start 0)) "unreachable")
            (module instance $i $a)
            """);
        Assert.Equal(
            [Expectation.Valid, Expectation.Invalid, Expectation.Malformed, Expectation.Unlinkable, Expectation.TrapsAtStart],
            modules.Select(m => m.Expectation));
        Assert.Equal(["t.wast:1", "t.wast:3", "t.wast:4", "t.wast:5", "t.wast:6"], modules.Select(m => m.Name));
    }

    [Fact]
    public void Comments_strings_and_annotations_hide_parentheses()
    {
        var module = Assert.Single(Modules("""
            ;; (module
            (; (; (module ;) ( ;)
            (module (@note ")(" x) (func (export "a)\"(")) ;; )
            )
            """));
        Assert.StartsWith("(module (@note", Text(module), StringComparison.Ordinal);
        Assert.EndsWith(")\n)", Text(module).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void Binary_modules_are_decoded()
    {
        var module = Assert.Single(Modules("""(module $m binary "\00asm" "\01\00\00\00" "\t\n\"\\\u{2713}")"""));
        Assert.Equal(ModuleForm.Binary, module.Form);
        Assert.Equal([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 9, 10, 34, 92, 0xe2, 0x9c, 0x93], module.Source);
    }

    [Fact]
    public void Quoted_fields_are_made_a_module_and_quoted_modules_are_left()
    {
        var modules = Modules("""(module quote "(func)" "(memory 1)") (module quote "(module (func))")""");
        Assert.Equal(["(module\n(func) (memory 1) \n)", "(module (func)) "], modules.Select(Text));
    }

    [Fact]
    public void A_definition_becomes_a_plain_module() =>
        Assert.Equal("(module            $m (func))", Text(Assert.Single(Modules("(module definition $m (func))"))));

    [Fact]
    public void A_script_of_bare_fields_is_one_module() => Assert.Equal("(module\n(func) (memory 0)\n)", Text(Assert.Single(Modules("(func) (memory 0)"))));

    [Theory]
    [InlineData("(module")]
    [InlineData("(module))")]
    [InlineData("(; (module)")]
    public void A_script_out_of_balance_is_an_error(string script) => Assert.Throws<FormatException>(() => Modules(script));

    private static IReadOnlyList<ScriptModule> Modules(string script) => WastScript.Modules(Encoding.UTF8.GetBytes(script), "t.wast");

    private static string Text(ScriptModule module) => Encoding.UTF8.GetString(module.Source);
}
