using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class PropertiesTests
{
    [Theory]
    [InlineData("a=1", """{"a":"1"}""")]
    [InlineData("a = 1 ", """{"a":"1 "}""")]
    [InlineData("a:1", """{"a":"1"}""")]
    [InlineData("a 1", """{"a":"1"}""")]
    [InlineData("  a\t=\t= x", """{"a":"= x"}""")]
    [InlineData("a", """{"a":""}""")]
    [InlineData("a=", """{"a":""}""")]
    [InlineData("# c\n! d\n\n  # e\r\na=1\rb=2", """{"a":"1","b":"2"}""")]
    [InlineData("a=one \\\n   two\\\r\n\tthree", """{"a":"one twothree"}""")]
    [InlineData("a\\\n  b = 1", """{"ab":"1"}""")]
    [InlineData("a\\=b\\:c\\ d=e", """{"a=b:c d":"e"}""")]
    [InlineData("a=\\u00e9\\x\\#", """{"a":"éx#"}""")]
    [InlineData("a.b.c=1\na.b.d=2", """{"a":{"b":{"c":"1","d":"2"}}}""")]
    [InlineData("a=1\na=2", """{"a":"2"}""")]
    [InlineData("a=hello\na.b=world", """{"a":{"b":"world"}}""")]
    [InlineData("a.b=world\na=hello", """{"a":{"b":"world"}}""")]
    [InlineData("a.=1", """{"a":{"":"1"}}""")]
    [InlineData(".=1", """{"":{"":"1"}}""")]
    [InlineData("\"a\"={x} # no comment ${y}", "{\"\"a\"\":\"{x} # no comment ${y}\"}")]
    [InlineData("a=end\\", """{"a":"end"}""")]
    [InlineData("", "{}")]
    public void Java_properties_become_strings_under_split_keys(string text, string json) => Assert.Equal(json, Conf.Json(Read(text)));

    [Fact]
    public void Control_escapes_are_read() => Assert.Equal("a\tb\nc\rd\f\\", new HoconCursor(Read("k=a\\tb\\nc\\rd\\f\\\\")).At("k").AsString());

    [Fact]
    public void Numbered_keys_read_as_a_list_in_the_order_of_their_numbers()
    {
        HoconCursor root = new(Read("l.10=c\nl.2=b\nl.0=a\nl.x=ignored"));
        Assert.Equal(["a", "b", "c"], root.At("l").AsListOf(item => item.AsString()));
    }

    [Fact]
    public void A_broken_unicode_escape_is_refused_at_its_place()
    {
        HoconException error = Assert.Throws<HoconException>(() => Read("a=1\nb=x\\u12g4"));
        Assert.Equal("an escape with \\u lacks four hexadecimal digits", error.Problem);
        Assert.Equal((2, 4), (error.Origin.Line, error.Origin.Column));
    }

    [Fact]
    public void A_key_with_too_many_dots_is_refused() => Assert.Contains("MaxDepth", Assert.Throws<HoconException>(() => Read(new string('.', 100_000))).Problem);

    private static HoconObject Read(string text)
    {
        using TemporaryFolder folder = new();
        return HoconReader.ReadFile(folder.Write("p.properties", text)).Resolve();
    }
}
