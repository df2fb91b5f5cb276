using System.Text;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Tests.Interop;

public sealed class WatTextTests
{
    [Fact]
    public void Text_becomes_a_binary()
    {
        var wasm = WatText.ToBinary("(module (func))"u8, "guest.wat");
        Assert.True(WatText.IsBinary(wasm));
        Assert.False(WatText.IsBinary("(module)"u8));
    }

    [Fact]
    public void An_error_names_file_line_and_column()
    {
        var refusal = Assert.Throws<ModuleRefusedException>(() => WatText.ToBinary("(module\n  (func (local.get $x)))"u8, "guest.wat"));
        Assert.Equal(("guest.wat", 2, 20), (refusal.File, refusal.Line!.Value, refusal.Column!.Value));
        Assert.StartsWith("guest.wat:2:20: ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("; correct the text", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("(module")]
    [InlineData("(module (func))\")")]
    public void What_is_no_module_is_refused(string text) =>
        Assert.Throws<ModuleRefusedException>(() => WatText.ToBinary(Encoding.UTF8.GetBytes(text), "guest.wat"));

    [Fact]
    public void Text_that_is_not_utf_8_is_refused() =>
        Assert.Throws<ModuleRefusedException>(() => WatText.ToBinary([0x28, 0xff, 0xfe], "guest.wat"));

    [Fact]
    public void Text_past_the_limit_is_refused_by_name()
    {
        var refusal = Assert.Throws<ModuleRefusedException>(() => WatText.ToBinary("(module)"u8, "guest.wat", new ModuleLimits { MaxModuleBytes = 4 }));
        Assert.Contains("(MaxModuleBytes)", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("(;")]
    [InlineData("(module (func (block ")]
    [InlineData("(@a ")]
    [InlineData("(type (func (param (ref ")]
    public void Deep_nesting_does_not_overflow_the_parsers_stack(string opening)
    {
        var text = string.Concat(Enumerable.Repeat(opening, 100_000));
        Assert.Throws<ModuleRefusedException>(() => WatText.ToBinary(Encoding.UTF8.GetBytes(text), "guest.wat"));
    }
}
