using System.Text;
using AkkaWasm.Service.Wast;
using AkkaWasm.Service.Wast.Syntax;

namespace AkkaWasm.Service.Tests.Wast;

public sealed class SExpressionReaderTests
{
    [Fact]
    public void Lists_atoms_and_strings_are_told_apart()
    {
        var list = Scripts.One("""(invoke $a "f(\")" (i32.const -0x1_0))""");

        Assert.Equal("invoke", list.Head);
        Assert.Equal([SExpressionKind.Atom, SExpressionKind.Atom, SExpressionKind.String, SExpressionKind.List], list.Items.Select(i => i.Kind));
        Assert.True(list.Items[1].IsIdentifier);
        Assert.Equal("f(\")", StringLiteral.ReadName(list.Items[2]));
        Assert.Equal("-0x1_0", list.Items[3].Items[1].Word);
    }

    [Fact]
    public void An_identifier_in_quotation_marks_is_the_same_as_without() =>
        Assert.Equal(["$a b", "$ab", "$ab", null], Scripts.One("""($"a\20b" $"ab" $ab "ab")""").Items.Select(i => i.Identifier));

    [Fact]
    public void Comments_and_annotations_are_left_out()
    {
        var list = Scripts.One("""
            ;; (a
            (; (; (b ;) ( ;)
            (a (@note ")(" , ; ] x"y" (@) (;);)) b;; c)
            (;;)c)
            (@"at the top" (z))
            """);

        Assert.Equal(["a", "b", "c"], list.Items.Select(i => i.Word));
    }

    [Fact]
    public void Places_are_lines_and_columns_of_the_script()
    {
        var expressions = Scripts.Expressions("(a)\n  (b\n(c))");

        Assert.Equal(["t.wast:1:1", "t.wast:2:3", "t.wast:3:1"], [$"{expressions[0].Place}", $"{expressions[1].Place}", $"{expressions[1].Items[1].Place}"]);
    }

    [Fact]
    public void Very_deep_lists_are_read_up_to_the_limit()
    {
        static string Nested(int depth) => new string('(', depth) + new string(')', depth);

        Assert.Equal(SExpressionKind.List, Scripts.One(Nested(ScriptLimits.MaxDepth)).Kind);
        Assert.Equal($"t.wast:1:{ScriptLimits.MaxDepth + 1}: lists lie in each other deeper than {ScriptLimits.MaxDepth}; write them flatter", Scripts.Error(Nested(ScriptLimits.MaxDepth + 1)));
    }

    [Theory]
    [InlineData("(a", "1:1: the parenthesis is not closed; add )")]
    [InlineData("(a))", "1:4: the parenthesis closes nothing; remove it")]
    [InlineData("(a)\n(; (; ;)", "2:1: the comment is not closed; add ;)")]
    [InlineData("(a \"b)", "1:4: the string is not closed; add \" in the same line, and write a line end as \\n")]
    [InlineData("(a \"b\n\")", "1:4: the string is not closed; add \" in the same line, and write a line end as \\n")]
    [InlineData("(a \"b\tc\")", "1:6: a string cannot hold the character U+0009; write \\09")]
    [InlineData("(a \"b\"\"c\")", "1:7: a space is missing before this")]
    [InlineData("(a b\"c\")", "1:5: a space is missing before this")]
    [InlineData("(a ä)", "1:4: the character 'ä' (U+00E4) may stand in strings and comments only; remove it")]
    [InlineData("(a \u0001)", "1:4: the character U+0001 may stand in strings and comments only; remove it")]
    [InlineData("(@ a)", "1:1: the annotation has no name; write it right behind (@")]
    public void What_is_no_script_is_refused_with_its_place(string text, string error) => Assert.Equal($"t.wast:{error}", Scripts.Error(text));

    [Fact]
    public void Other_encodings_are_refused()
    {
        var error = Assert.Throws<ScriptException>(() => new ScriptText(Encoding.Latin1.GetBytes("(a)\n;; ä"), "t.wast"));

        Assert.Equal("t.wast:2:4: the bytes are not UTF-8; save the script as UTF-8, and write other bytes as \\hh in strings", error.Message);
    }

    [Fact]
    public void Escapes_are_bytes() =>
        Assert.Equal([9, 10, 13, 34, 39, 92, 0, 0xff, 0xe2, 0x82, 0xac, 0xc3, 0xa4], StringLiteral.Read(Scripts.One("""
            "\t\n\r\"\'\\\00\fF\u{20_ac}ä"
            """)));

    [Theory]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\f\"")]
    [InlineData("\"\\u{d800}\"")]
    [InlineData("\"\\u{110000}\"")]
    [InlineData("\"\\u{_1}\"")]
    [InlineData("\"\\u{}\"")]
    [InlineData("\"\\u41\"")]
    public void Escapes_that_mean_nothing_are_refused(string text)
    {
        var error = Assert.Throws<ScriptException>(() => StringLiteral.Read(Scripts.One(text)));

        Assert.StartsWith("t.wast:1:2: the escape means nothing; write ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_utf8() =>
        Assert.Equal("t.wast:1:1: the name is not UTF-8; correct its escapes", Assert.Throws<ScriptException>(() => StringLiteral.ReadName(Scripts.One("\"\\ff\""))).Message);
}
