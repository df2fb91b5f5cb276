using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class SyntaxTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData(" \n \n", "{}")]
    [InlineData("# only a comment", "{}")]
    [InlineData("// one\n# two", "{}")]
    [InlineData("{}", "{}")]
    [InlineData("{ } # after", "{}")]
    [InlineData("\uFEFF{a:1}", """{"a":1}""")]
    [InlineData("a=1,b=2", """{"a":1,"b":2}""")]
    [InlineData("a=1\nb=2,", """{"a":1,"b":2}""")]
    [InlineData("a=1\n,\nb=2\n,\n", """{"a":1,"b":2}""")]
    [InlineData("a=[1,2,\n3\n4 , ]", """{"a":[1,2,3,4]}""")]
    [InlineData("a=[1 2 3]", """{"a":["1 2 3"]}""")]
    [InlineData("a {b : 1}", """{"a":{"b":1}}""")]
    [InlineData("a\n{b : 1}", """{"a":{"b":1}}""")]
    [InlineData("a b \n : \n 1", """{"a b":1}""")]
    [InlineData("a # comment\n= // comment\n1 # comment", """{"a":1}""")]
    [InlineData("a=1//c", """{"a":1}""")]
    [InlineData("a=x/y/z", """{"a":"x/y/z"}""")]
    [InlineData("a=(42)", """{"a":"(42)"}""")]
    [InlineData("/a/b=1", """{"/a/b":1}""")]
    [InlineData("a = include", """{"a":"include"}""")]
    [InlineData("a = [include]", """{"a":["include"]}""")]
    [InlineData("foo include = 1", """{"foo include":1}""")]
    [InlineData("\"include\" = 1", """{"include":1}""")]
    [InlineData("include.x = 1", """{"include":{"x":1}}""")]
    [InlineData("includes = 1", """{"includes":1}""")]
    public void Layout_is_free(string text, string json) => Assert.Equal(json, Conf.Json(text));

    [Theory]
    [InlineData("true", nameof(HoconKind.Boolean), "true")]
    [InlineData("null", nameof(HoconKind.Null), "null")]
    [InlineData("0", nameof(HoconKind.Number), "0")]
    [InlineData("-1.50e+3", nameof(HoconKind.Number), "-1.50e+3")]
    [InlineData("10E-2", nameof(HoconKind.Number), "10E-2")]
    [InlineData("truefoo", nameof(HoconKind.String), "truefoo")]
    [InlineData("true foo", nameof(HoconKind.String), "true foo")]
    [InlineData("  a  b\t c ", nameof(HoconKind.String), "a  b\t c")]
    [InlineData("a\u00A0b\u2003", nameof(HoconKind.String), "a\u00A0b")]
    [InlineData("1.0.0", nameof(HoconKind.String), "1.0.0")]
    [InlineData("1-e3", nameof(HoconKind.String), "1-e3")]
    [InlineData("10e3e3", nameof(HoconKind.String), "10e3e3")]
    [InlineData("007", nameof(HoconKind.String), "007")]
    [InlineData("-", nameof(HoconKind.String), "-")]
    [InlineData(".5", nameof(HoconKind.String), ".5")]
    [InlineData("5.", nameof(HoconKind.String), "5.")]
    [InlineData("70%", nameof(HoconKind.String), "70%")]
    [InlineData("x \"y z\"  1", nameof(HoconKind.String), "x y z  1")]
    [InlineData("\"1\"", nameof(HoconKind.String), "1")]
    [InlineData("\"\"", nameof(HoconKind.String), "")]
    [InlineData("\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"", nameof(HoconKind.String), "a\"b\\c/d\b\f\n\r\té😀")]
    [InlineData("\"${x} # // {}\"", nameof(HoconKind.String), "${x} # // {}")]
    [InlineData("\"\"\"a\nb \\n ${x}\"\"\"", nameof(HoconKind.String), "a\nb \\n ${x}")]
    [InlineData("\"\"\"\"a\"\"\"\"\"", nameof(HoconKind.String), "\"a\"\"")]
    [InlineData("\"\"\"\"\"\"", nameof(HoconKind.String), "")]
    public void A_simple_value_has_the_kind_and_text_that_it_is_written_with(string written, string kind, string text)
    {
        HoconScalar value = (HoconScalar)Conf.Resolve($"a = {written}\n").Find("a")!.Value;
        Assert.Equal((kind, text), (value.Kind.ToString(), value.Text));
    }

    [Theory]
    [InlineData("a.b.c = 1", """{"a":{"b":{"c":1}}}""")]
    [InlineData("a.\"b.c\".d = 1", """{"a":{"b.c":{"d":1}}}""")]
    [InlineData(" a . b = 1", """{"a ":{" b":1}}""")]
    [InlineData("a  b = 1", """{"a  b":1}""")]
    [InlineData("3.14 = 1", """{"3":{"14":1}}""")]
    [InlineData("10.0foo = 1", """{"10":{"0foo":1}}""")]
    [InlineData("foo10.0 = 1", """{"foo10":{"0":1}}""")]
    [InlineData("foo\"10.0\" = 1", """{"foo10.0":1}""")]
    [InlineData("1.2.3 = 1", """{"1":{"2":{"3":1}}}""")]
    [InlineData("true = 1, null = 2", """{"true":1,"null":2}""")]
    [InlineData("a.\"\".b = 1", """{"a":{"":{"b":1}}}""")]
    [InlineData("\"\".\"\" = 1", """{"":{"":1}}""")]
    [InlineData("a.x = 1, a.y = 2", """{"a":{"x":1,"y":2}}""")]
    public void A_key_is_a_path_split_at_unquoted_dots(string text, string json) => Assert.Equal(json, Conf.Json(text));

    [Theory]
    [InlineData("a{x=1}, a{x=2,z=3}", """{"a":{"x":2,"z":3}}""")]
    [InlineData("a{b{x=1,y=2}}, a{b{x=3}}", """{"a":{"b":{"x":3,"y":2}}}""")]
    [InlineData("a{b=1}, a=null, a{c=2}", """{"a":{"c":2}}""")]
    [InlineData("a{b=1}, a=42, a.c=2", """{"a":{"c":2}}""")]
    [InlineData("a{b=1}, a=[], a{c=2}", """{"a":{"c":2}}""")]
    [InlineData("a{b=1} {b=2,c=3}", """{"a":{"b":2,"c":3}}""")]
    [InlineData("a=[1,2] [3]  [4]", """{"a":[1,2,3,4]}""")]
    [InlineData("a=[ [1] [2]\n [3] ]", """{"a":[[1,2],[3]]}""")]
    [InlineData("a=[ {x=1} {y=2}\n {z=3} ]", """{"a":[{"x":1,"y":2},{"z":3}]}""")]
    [InlineData("a=1, a=2", """{"a":2}""")]
    public void Later_keys_merge_into_objects_and_replace_everything_else(string text, string json) => Assert.Equal(json, Conf.Json(text));

    [Fact]
    public void Every_value_and_key_knows_its_line_and_column()
    {
        HoconObject root = Conf.Resolve("a {\n  b = 1\n\tc.d : [ x,\n y ]\n}\ne = \"\"\"q\n\"\"\" f");
        HoconObject a = (HoconObject)root.Find("a")!.Value;
        Assert.Equal("test.conf:1:3", a.Origin.ToString());
        Assert.Equal("test.conf:2:7", a.Find("b")!.Value.Origin.ToString());
        Assert.Equal("test.conf:2:3", a.Find("b")!.KeyOrigin.ToString());
        HoconList list = (HoconList)((HoconObject)a.Find("c")!.Value).Find("d")!.Value;
        Assert.Equal("test.conf:3:8", list.Origin.ToString());
        Assert.Equal(["test.conf:3:10", "test.conf:4:2"], list.Items.Select(item => item.Origin.ToString()));
        Assert.Equal("test.conf:6:5", root.Find("e")!.Value.Origin.ToString());
    }
}
