using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class CursorTests
{
    private enum Directive
    {
        Resume,
        Restart,
        OneForOne,
    }

    [Fact]
    public void Values_are_converted_to_what_is_asked_for()
    {
        HoconCursor root = Conf.Cursor(
            """
            s = text, n = 5, q = "6", f = 2.0, e = 1e3, on = on, no = "no", t = true
            d = 5 s, size = 64KiB, share = 70 %, half = 0.5, dir = one-for-one, list = [1, 2], nums { 1 = b, 0 = a }, o { x = 1 }
            """);
        Assert.Equal("text", root.At("s").AsString());
        Assert.Equal("5", root.At("n").AsString());
        Assert.Equal("true", root.At("t").AsString());
        Assert.Equal([5, 6, 2, 1000], ((string[])["n", "q", "f", "e"]).Select(key => root.At(key).AsInt()));
        Assert.Equal(5_000_000_000L, Conf.Cursor("x=5000000000").At("x").AsLong());
        Assert.Equal([5, 6, 2, 1000], ((string[])["n", "q", "f", "e"]).Select(key => root.At(key).AsDouble()));
        Assert.Equal([true, false, true], ((string[])["on", "no", "t"]).Select(key => root.At(key).AsBoolean()));
        Assert.Equal(TimeSpan.FromSeconds(5), root.At("d").AsDuration());
        Assert.Equal(65536, root.At("size").AsSize());
        Assert.Equal([0.7, 0.5], ((string[])["share", "half"]).Select(key => root.At(key).AsFraction()));
        Assert.Equal(Directive.OneForOne, root.At("dir").AsEnum<Directive>());
        Assert.Equal([1, 2], root.At("list").AsListOf(item => item.AsInt()));
        Assert.Equal(["a", "b"], root.At("nums").AsListOf(item => item.AsString()));
        Assert.Equal([("x", 1)], root.At("o").Entries().Select(entry => (entry.Key, entry.Value.AsInt())));
        Assert.Equal(1, root.At("o.x").AsInt());
        Assert.Equal("o.x", root.At("o").At("x").Path);
    }

    [Fact]
    public void What_is_missing_or_null_is_found_as_nothing()
    {
        HoconCursor root = Conf.Cursor("a = null, o { b = 1 }");
        Assert.Null(root.Find("a"));
        Assert.Null(root.Find("x"));
        Assert.Null(root.Find("x.y"));
        Assert.Null(root.Find("o.c"));
        Assert.Equal(1, root.Find("o.b")?.AsInt());
        Assert.Equal(7, root.Find("o.c")?.AsInt() ?? 7);
    }

    [Theory]
    [InlineData("x = [1]", "s", "'x' must be a string but is a list at test.conf:1:5; write text, in double quotes")]
    [InlineData("x = five", "i", "'x' must be a whole number from 1 to 10 but is the string 'five' at test.conf:1:5; write digits without a unit")]
    [InlineData("x = 11", "i", "'x' must be a whole number from 1 to 10 but is 11 at test.conf:1:5; write digits without a unit")]
    [InlineData("x = 1.5", "i", "'x' must be a whole number from 1 to 10 but is 1.5 at test.conf:1:5; write digits without a unit")]
    [InlineData("x = 1e99", "i", "'x' must be a whole number from 1 to 10 but is 1e99 at test.conf:1:5; write digits without a unit")]
    [InlineData("x = NaN", "f", "'x' must be a number but is the string 'NaN' at test.conf:1:5; write digits, with a point for fractions")]
    [InlineData("x = 1e999", "f", "'x' must be a number but is 1e999 at test.conf:1:5; write digits, with a point for fractions")]
    [InlineData("x = 1", "b", "'x' must be a boolean but is 1 at test.conf:1:5; write true or false")]
    [InlineData("x = True", "b", "'x' must be a boolean but is the string 'True' at test.conf:1:5; write true or false")]
    [InlineData("x = 5 parsecs", "d", "'x' must be a duration but is the string '5 parsecs' at test.conf:1:5; write a number with ns, us, ms, s, m, h or d, such as 500 ms")]
    [InlineData("x = -5s", "d", "'x' must be a duration but is the string '-5s' at test.conf:1:5; write a number with ns, us, ms, s, m, h or d, such as 500 ms")]
    [InlineData("x = {}", "z", "'x' must be a size in bytes but is an object at test.conf:1:5; write a number with B, KiB, MiB, GiB, kB, MB or GB, such as 64 MiB")]
    [InlineData("x = 70", "p", "'x' must be a share of the whole but is 70 at test.conf:1:5; write a number from 0 to 1, or a percentage from 0 % to 100 %")]
    [InlineData("x = one-for-all", "e", "'x' must be one of resume, restart, one-for-one but is the string 'one-for-all' at test.conf:1:5; did you mean 'one-for-one'?")]
    [InlineData("x = ${y}\ny = OneForOne", "e", "'x' must be one of resume, restart, one-for-one but is the string 'OneForOne' at test.conf:2:5; choose one of these names")]
    [InlineData("x = {a=1}", "l", "'x' must be a list but is an object at test.conf:1:5; write items in brackets, separated by commas or new lines")]
    [InlineData("x = [1, two]", "li", "'x[1]' must be a whole number from -2147483648 to 2147483647 but is the string 'two' at test.conf:1:9; write digits without a unit")]
    [InlineData("x = [null]", "ls", "'x[0]' must be a string but is null at test.conf:1:6; write text, in double quotes")]
    [InlineData("x = 1", "o", "'x' must be an object but is 1 at test.conf:1:5; write fields in braces")]
    [InlineData("y = 1", "s", "'x' is missing in the object at test.conf:1:1; add the key with a value")]
    [InlineData("x = null", "s", "'x' is missing in the object at test.conf:1:1; add the key with a value")]
    public void A_value_of_the_wrong_type_is_refused_with_path_wanted_found_and_place(string text, string type, string message)
    {
        Dictionary<string, Action<HoconCursor>> reads = new()
        {
            ["s"] = value => value.AsString(),
            ["i"] = value => value.AsInt(1, 10),
            ["f"] = value => value.AsDouble(),
            ["b"] = value => value.AsBoolean(),
            ["d"] = value => value.AsDuration(),
            ["z"] = value => value.AsSize(),
            ["p"] = value => value.AsFraction(),
            ["e"] = value => value.AsEnum<Directive>(),
            ["l"] = value => value.AsList(),
            ["li"] = value => value.AsListOf(item => item.AsInt()),
            ["ls"] = value => value.AsListOf(item => item.AsString()),
            ["o"] = value => value.At("y"),
        };
        Assert.Equal(message, Assert.Throws<HoconException>(() => reads[type](Conf.Cursor(text).At("x"))).Message);
    }

    [Fact]
    public void A_key_that_nobody_asks_for_is_refused_with_the_nearest_known_one()
    {
        HoconCursor root = Conf.Cursor("akka-wasm.mesh.agents.x {\n  limits {\n    fuel = 1\n    deadlin = 5 s\n  }\n}");
        HoconCursor limits = root.At("akka-wasm.mesh.agents.x.limits");
        _ = limits.Find("fuel");
        _ = limits.Find("deadline");
        _ = limits.Find("memory");
        HoconException error = Assert.Throws<HoconException>(root.RefuseUnknown);
        Assert.Equal("unknown key 'deadlin' in akka-wasm.mesh.agents.x.limits at test.conf:4:5; did you mean 'deadline'?", error.Message);
    }

    [Fact]
    public void A_key_far_from_every_known_one_is_refused_with_the_known_ones()
    {
        HoconCursor root = Conf.Cursor("a = 1\nsomething-else = 2");
        _ = root.Find("b");
        _ = root.Find("a");
        Assert.Equal("unknown key 'something-else' at test.conf:2:1; known keys are a, b", Assert.Throws<HoconException>(root.RefuseUnknown).Message);
    }

    [Fact]
    public void Keys_are_known_once_asked_for_listed_or_taken_whole()
    {
        HoconCursor root = Conf.Cursor("a = 1, o { x { y = 1 } }, map { k1 { v = 1 }, k2 { v = 2 } }, raw { any { thing = 1 } }, list = [ { p = 1 }, { p = 2 } ], nums { 0 = a, x = b }, gone = null");
        _ = root.At("a");
        _ = root.At("o.x.y");
        foreach ((string _, HoconCursor value) in root.At("map").Entries())
            _ = value.At("v");
        _ = root.At("raw").TakeValue();
        foreach (HoconCursor item in root.At("list").AsList())
            _ = item.At("p");
        _ = root.At("nums").AsList();
        _ = root.Find("gone");
        root.RefuseUnknown();
    }

    [Theory]
    [InlineData("map { k1 { v = 1, w = 2 } }", "unknown key 'w' in map.k1")]
    [InlineData("list = [ { v = 1 }, { v = 1, w = 2 } ]", "unknown key 'w' in list[1]")]
    [InlineData("\"a b\" { w = 1 }", "unknown key 'w' in \"a b\"")]
    public void Unknown_keys_are_found_inside_maps_and_lists(string text, string problem)
    {
        HoconCursor root = Conf.Cursor(text);
        foreach ((string _, HoconCursor value) in root.Find("map")?.Entries() ?? [])
            _ = value.Find("v");
        foreach (HoconCursor item in root.Find("list")?.AsList() ?? [])
            _ = item.Find("v");
        _ = root.Find("\"a b\"")?.Find("v");
        Assert.Equal(problem, Assert.Throws<HoconException>(root.RefuseUnknown).Problem);
    }

    [Fact]
    public void A_path_that_is_no_path_is_refused() => Assert.Throws<HoconException>(() => Conf.Cursor("a=1").Find("a..b"));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("deadline", "deadline", 0)]
    [InlineData("deadlin", "deadline", 1)]
    [InlineData("daedline", "deadline", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void The_distance_of_names_counts_edits_and_swaps(string from, string to, int distance)
    {
        Assert.Equal(distance, NearestName.Distance(from, to));
        Assert.Equal(distance, NearestName.Distance(to, from));
    }
}
