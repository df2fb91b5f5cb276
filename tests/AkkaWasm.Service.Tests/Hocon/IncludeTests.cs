using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class IncludeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("include \"b.conf\"")]
    [InlineData("include\"b.conf\"")]
    [InlineData("include\n\n\"b.conf\"")]
    [InlineData("include # comment\n \"b\"")]
    [InlineData("include file(\"b.conf\")")]
    [InlineData("include file( \"b.conf\" )")]
    [InlineData("include required(\"b.conf\")")]
    [InlineData("include required( file (\"b\") )")]
    public void An_include_stands_for_the_fields_of_its_file(string statement)
    {
        _folder.Write("b.conf", "b = 1");
        Assert.Equal("""{"a":0,"b":1,"c":2}""", Root($"a = 0\n{statement}\nc = 2"));
    }

    [Fact]
    public void An_included_key_merges_with_those_before_and_after_it()
    {
        _folder.Write("b.conf", "o { x = included, y = included }");
        Assert.Equal(
            """{"o":{"x":"included","z":"before","y":"after"}}""",
            Root("o { x = before, z = before }\ninclude \"b\"\no.y = after"));
    }

    [Fact]
    public void A_name_without_extension_merges_properties_json_and_conf_the_last_winning()
    {
        _folder.Write("b.properties", "x=properties\ny=properties\nz=properties");
        _folder.Write("b.json", "{\"x\":\"json\",\"y\":\"json\"}");
        _folder.Write("b.conf", "x = conf");
        Assert.Equal("""{"x":"conf","y":"json","z":"properties"}""", Root("include \"b\""));
    }

    [Fact]
    public void Substitutions_look_in_the_included_file_first_then_in_those_that_include_it()
    {
        _folder.Write("outer.conf", "only-outer = 1, both = outer\nin { include \"inner\" }");
        _folder.Write("inner.conf", "both = inner, list = [${both}, ${only-outer}, ${only-root}, ${?HOME}]");
        Assert.Equal(
            """["inner",1,"root","/h"]""",
            Conf.Json(((HoconObject)((HoconObject)Document("only-root = root, both = root\na { include \"outer\" }").Resolve().Find("a")!.Value).Find("in")!.Value).Find("list")!.Value));
    }

    [Fact]
    public void A_later_value_of_the_including_file_reaches_the_included_substitution()
    {
        _folder.Write("b.conf", "x = 10, y = ${x}");
        Assert.Equal("""{"a":{"x":42,"y":42}}""", Root("a { include \"b\" }, a { x = 42 }"));
        Assert.Equal("""{"l":[{"x":10,"y":10},{"x":10,"y":10,"z":1}]}""", Root("l = [ { include \"b\" }, { include \"b\", z = 1 } ]"));
        Assert.Equal("""{"l":[{"x":10,"y":10}]}""", Root("l += { include \"b\" }"));
    }

    [Fact]
    public void Includes_are_relative_to_the_file_that_names_them()
    {
        _folder.Write("sub/b.conf", "include \"c\"");
        _folder.Write("sub/c.conf", "c = 1");
        Assert.Equal("""{"c":1}""", Root("include \"sub/b\""));
        Assert.Equal("""{"c":1}""", Root($"include \"{_folder.Path}/sub/b.conf\""));
        Assert.Equal("""{"c":1}""", Root($"include url(\"file://{_folder.Path}/sub/b.conf\")"));
        Assert.Equal("""{"c":1}""", Root($"include \"file:{_folder.Path}/sub/b.conf\""));
    }

    [Fact]
    public void Classpath_names_are_looked_for_in_the_resource_folders_in_order()
    {
        _folder.Write("one/r.conf", "r = one");
        _folder.Write("two/r.conf", "r = two");
        _folder.Write("two/s.conf", "s = two");
        HoconReaderOptions options = new() { ResourceFolders = [$"{_folder.Path}/one", $"{_folder.Path}/two"] };
        string path = _folder.Write("root.conf", "include classpath(\"/r\")\ninclude classpath(\"s.conf\")\ninclude \"t\"");
        Assert.Equal("""{"r":"one","s":"two"}""", Conf.Json(HoconReader.ReadFile(path, options).Resolve()));
    }

    [Fact]
    public void A_missing_file_counts_as_empty_unless_it_is_required()
    {
        Assert.Equal("""{"a":1}""", Root("include \"none\", include file(\"none.conf\"), include classpath(\"none\"), a = 1"));
        HoconException error = Refused("\n include required(\"none.conf\")");
        Assert.Equal($"the required file 'none.conf' does not exist (looked for {_folder.Path}/none.conf)", error.Problem);
        Assert.Equal((2, 2), (error.Origin.Line, error.Origin.Column));
    }

    [Fact]
    public void An_include_cycle_is_refused_with_its_chain()
    {
        _folder.Write("b.conf", "x { include \"c\" }");
        _folder.Write("c.conf", "\ninclude \"root\"");
        HoconException error = Refused("include \"b\"");
        Assert.Equal("the file includes itself (root.conf → b.conf → c.conf → root.conf)", error.Problem);
        Assert.Equal($"{_folder.Path}/c.conf:2:1", error.Origin.ToString());
    }

    [Theory]
    [InlineData("include \"sub\"", "'sub' is a folder")]
    [InlineData("include file(\"sub\")", "'sub' is a folder")]
    [InlineData("include \"http://localhost/x.conf\"", "'http://localhost/x.conf' is not on this machine")]
    [InlineData("include url(\"https://localhost/x.conf\")", "'https://localhost/x.conf' is not on this machine")]
    [InlineData("include url(\"file://elsewhere/x.conf\")", "'file://elsewhere/x.conf' is not on this machine")]
    [InlineData("include url(\"x.conf\")", "'x.conf' is not on this machine")]
    [InlineData("include \"\"", "the include names no file")]
    [InlineData("include \"a\\u0000b\"", "the include names no file")]
    [InlineData("include foo", "include is followed by 'f'")]
    [InlineData("include : {}", "include is followed by ':'")]
    [InlineData("include file(foo)", "include is followed by 'f'")]
    [InlineData("include ${x}", "include is followed by '$'")]
    [InlineData("include \"x\" : 1", "unexpected ':' after a field")]
    [InlineData("include file(\"x\"", "end of the file stands where ')' is expected")]
    [InlineData("include required(file(\"x\")", "end of the file stands where ')' is expected")]
    public void A_wrong_include_is_refused(string text, string problem)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "sub"));
        Assert.Equal(problem, Refused(text).Problem);
    }

    [Fact]
    public void An_error_in_an_included_file_is_placed_there()
    {
        _folder.Write("b.conf", "x = 1\n  y = [1,");
        Assert.Equal($"{_folder.Path}/b.conf:2:7", Refused("include \"b\"").Origin.ToString());
        _folder.Write("c.json", "[1]");
        Assert.Equal("the file holds a list", Refused("include \"c\"").Problem);
    }

    [Fact]
    public void A_file_that_is_no_text_or_too_big_or_not_there_is_refused()
    {
        File.WriteAllBytes(Path.Combine(_folder.Path, "b.conf"), [(byte)'a', (byte)'=', (byte)'1', (byte)'\n', 0xC3, 0xA9, 0xFF]);
        HoconException error = Refused("include \"b\"");
        Assert.Equal("the file is not valid UTF-8", error.Problem);
        Assert.Equal((2, 2), (error.Origin.Line, error.Origin.Column));
        HoconReaderOptions small = new() { Limits = new HoconLimits { MaxFileBytes = 10 } };
        string path = _folder.Write("big.conf", "a = 1234567890");
        Assert.Contains("MaxFileBytes", Assert.Throws<HoconException>(() => HoconReader.ReadFile(path, small)).Problem);
        Assert.Equal($"'{_folder.Path}' is a folder", Assert.Throws<HoconException>(() => HoconReader.ReadFile(_folder.Path)).Problem);
        Assert.EndsWith("does not exist", Assert.Throws<HoconException>(() => HoconReader.ReadFile(_folder.Path + "/none.conf")).Problem);
        Assert.EndsWith("does not exist", Assert.Throws<HoconException>(() => HoconReader.ReadFile(_folder.Path + "/none/none.conf")).Problem);
        Assert.Throws<HoconException>(() => HoconReader.ReadFile(""));
        Assert.Throws<HoconException>(() => HoconReader.ReadFile("a\0b"));
    }

    [Fact]
    public void Files_that_include_each_other_many_times_reach_a_limit()
    {
        for (int level = 0; level < 20; level++)
            _folder.Write($"l{level}.conf", $"include \"l{level + 1}\"\nx {{ include \"l{level + 1}\" }}");
        Assert.Contains("MaxFiles", Refused("include \"l0\"").Problem);
        for (int level = 0; level < 40; level++)
            _folder.Write($"d{level}.conf", $"include \"d{level + 1}\"");
        Assert.Contains("MaxIncludeDepth", Refused("include \"d0\"").Problem);
    }

    private HoconDocument Document(string text) => HoconReader.ReadFile(_folder.Write("root.conf", text), Conf.WithEnvironment(("HOME", "/h")));

    private string Root(string text) => Conf.Json(Document(text).Resolve());

    private HoconException Refused(string text) => Assert.Throws<HoconException>(() => Document(text).Resolve());
}
