using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class SubstitutionTests
{
    [Theory]
    [InlineData("a=${b}, b=5", """{"a":5,"b":5}""")]
    [InlineData("b=1, a=${b}, b=2", """{"b":2,"a":2}""")]
    [InlineData("a=${b}, b=${c.d}, c{d=[1]}", """{"a":[1],"b":[1],"c":{"d":[1]}}""")]
    [InlineData("a=${b}, b{x=1}, b.y=2", """{"a":{"x":1,"y":2},"b":{"x":1,"y":2}}""")]
    [InlineData("a=${\"x.y\"}, \"x.y\"=1", """{"a":1,"x.y":1}""")]
    [InlineData("a=${ x y }, x y = 1", """{"a":1,"x y":1}""")]
    [InlineData("a=null, b=${a}", """{"a":null,"b":null}""")]
    [InlineData("n=1, a = <${n}-${n}>", """{"n":1,"a":"<1-1>"}""")]
    [InlineData("n=1.50, t=true, z=null, a = ${n} ${t}${z}", """{"n":1.50,"t":true,"z":null,"a":"1.50 truenull"}""")]
    [InlineData("x=[1], a=${x} [2]", """{"x":[1],"a":[1,2]}""")]
    [InlineData("x=[1], y=[2], a=${x} ${y}", """{"x":[1],"y":[2],"a":[1,2]}""")]
    [InlineData("x{p=1}, a=${x} {q=2}", """{"x":{"p":1},"a":{"p":1,"q":2}}""")]
    [InlineData("x{p=1}, y{p=2}, a=${x} ${y}", """{"x":{"p":1},"y":{"p":2},"a":{"p":2}}""")]
    [InlineData("x{0=a,1=b}, a=${x} [c]", """{"x":{"0":"a","1":"b"},"a":["a","b","c"]}""")]
    [InlineData("x=5, x{p=1}, a{q=2}, a=${x}", """{"x":{"p":1},"a":{"q":2,"p":1}}""")]
    public void A_substitution_is_the_final_value_of_its_path(string text, string json) => Assert.Equal(json, Conf.Json(text));

    [Theory]
    [InlineData("a=${?x}", "{}")]
    [InlineData("a=1, a=${?x}", """{"a":1}""")]
    [InlineData("a{b=1}, a=${?x}", """{"a":{"b":1}}""")]
    [InlineData("x=2, a{b=1}, a=${?x}", """{"x":2,"a":2}""")]
    [InlineData("a=[1,${?x},2]", """{"a":[1,2]}""")]
    [InlineData("a=${?x}${?y}", "{}")]
    [InlineData("a=${?x} ${?y}", """{"a":" "}""")]
    [InlineData("a=${?x}foo", """{"a":"foo"}""")]
    [InlineData("a=[1] ${?x}", """{"a":[1]}""")]
    [InlineData("a={b:1} ${?x}", """{"a":{"b":1}}""")]
    [InlineData("a=${?b}, b=${?c}", "{}")]
    [InlineData("a=${?b.c}, b=1", """{"b":1}""")]
    public void An_optional_substitution_without_value_leaves_no_trace(string text, string json) => Assert.Equal(json, Conf.Json(text));

    [Theory]
    [InlineData("path=\"a:b\"\npath=${path}\":c\"", """{"path":"a:b:c"}""")]
    [InlineData("a=1, a=${a}", """{"a":1}""")]
    [InlineData("a=${?a}", "{}")]
    [InlineData("a=${?a}foo", """{"a":"foo"}""")]
    [InlineData("a=1, a=${?a}foo${?a}", """{"a":"1foo1"}""")]
    [InlineData("a=[1], a=${a}[2], a=${a}[3]", """{"a":[1,2,3]}""")]
    [InlineData("a{x=1}, a=${a}{y=2}, a=${a}{z=3}", """{"a":{"x":1,"y":2,"z":3}}""")]
    [InlineData("a{b=3}, a={b=2} ${a}", """{"a":{"b":3}}""")]
    [InlineData("a{b=5}, a=${a}, a{c=6}", """{"a":{"b":5,"c":6}}""")]
    [InlineData("a=1, a=${a}, a=2", """{"a":2}""")]
    [InlineData("a=${a}, a=1", """{"a":1}""")]
    [InlineData("a=${none}, a=1", """{"a":1}""")]
    [InlineData("a=${none}, a=${b}, b=1", """{"a":1,"b":1}""")]
    [InlineData("a.b=1, a.b=${a.b}", """{"a":{"b":1}}""")]
    [InlineData("foo{a{c=1}}, foo=${foo.a}, foo{a=2}", """{"foo":{"a":2,"c":1}}""")]
    [InlineData("a=1, b=${a}, a=${b}", """{"a":1,"b":1}""")]
    [InlineData("a=1, b=${c}, c=${a}, a=${b}", """{"a":1,"b":1,"c":1}""")]
    [InlineData("a=1, b=2, a=${b}, b=${a}", """{"a":1,"b":1}""")]
    [InlineData("a=${?b}foo, b=${?a}", """{"a":"foo"}""")]
    public void A_value_that_leads_back_to_itself_sees_what_was_there_before(string text, string json) => Assert.Equal(json, Conf.Json(text));

    [Theory]
    [InlineData("bar{foo=42,baz=${bar.foo}}, bar{foo=43}", """{"bar":{"foo":43,"baz":43}}""")]
    [InlineData("bar{a=${foo.d},b=1}, bar.b=3, foo{c=${bar.b},d=2}, foo.d=4", """{"bar":{"a":4,"b":3},"foo":{"c":3,"d":4}}""")]
    [InlineData("foo=${a.b.c}, a{b{c=42,cycle=${foo}},cycle=${foo}}", """{"foo":42,"a":{"b":{"c":42,"cycle":42},"cycle":42}}""")]
    [InlineData("d{a=1,b=2}, i=${d}, i.b=3, j.b=${i.b}", """{"d":{"a":1,"b":2},"i":{"a":1,"b":3},"j":{"b":3}}""")]
    [InlineData("d{a=1,b=2}, i=${d}, i.b={c=43}, j.b=${i.b}", """{"d":{"a":1,"b":2},"i":{"a":1,"b":{"c":43}},"j":{"b":{"c":43}}}""")]
    [InlineData("d{a=1,b=2}, i.b=7, i=${d}, j.b=${i.b}", """{"d":{"a":1,"b":2},"i":{"b":2,"a":1},"j":{"b":2}}""")]
    [InlineData("d{a=1}, i=${d}, i.c=${j.d}, i.x=${j.y}, j=${d}, j.d=${i.a}, j.y=15",
        """{"d":{"a":1},"i":{"a":1,"c":1,"x":15},"j":{"a":1,"d":1,"y":15}}""")]
    [InlineData("b=${a.c}, a=${b}, a.c=3", """{"b":3,"a":{"c":3}}""")]
    [InlineData("a=${d}, d{x=1,y=${a.x}}", """{"a":{"x":1,"y":1},"d":{"x":1,"y":1}}""")]
    [InlineData("d{x=[]}, c=${d}, c{x=${c.x}[1],x=${c.x}[2]}", """{"d":{"x":[]},"c":{"x":[1,2]}}""")]
    [InlineData("r{d.x=[]}, q=${r}, q{d{x=[]}, c=${q.d}, c{x=${q.c.x}[1],x=${q.c.x}[2]}}",
        """{"r":{"d":{"x":[]}},"q":{"d":{"x":[]},"c":{"x":[1,2]}}}""")]
    public void Objects_may_refer_into_themselves_and_each_other(string text, string json) => Assert.Equal(json, Conf.Json(text));

    [Theory]
    [InlineData("a += 1", """{"a":[1]}""")]
    [InlineData("a += 1, a += 2\na += 3", """{"a":[1,2,3]}""")]
    [InlineData("a = [1], a += 2", """{"a":[1,2]}""")]
    [InlineData("a = [1], a += [2]", """{"a":[1,[2]]}""")]
    [InlineData("a = ${x}, a += ${y}, x=[1], y=2", """{"a":[1,2],"x":[1],"y":2}""")]
    [InlineData("d{x=[0]}, c=${d}, c{x += 1, x += 2}", """{"d":{"x":[0]},"c":{"x":[0,1,2]}}""")]
    [InlineData("x = [{a += 1, a += 2}]", """{"x":[{"a":[1,2]}]}""")]
    [InlineData("x += {a += 1, a += 2}", """{"x":[{"a":[1,2]}]}""")]
    [InlineData("a += ${?none}", """{"a":[]}""")]
    [InlineData("a.0 = x, a += y", """{"a":["x","y"]}""")]
    public void Plus_equals_appends_to_the_list_below_or_begins_one(string text, string json) => Assert.Equal(json, Conf.Json(text));

    [Fact]
    public void The_environment_answers_what_the_tree_does_not()
    {
        HoconReaderOptions options = Conf.WithEnvironment(("HOME", "/home/me"), ("EMPTY", ""), ("a.b", "dotted"),
            ("L_0", "x"), ("L_1", "y"), ("L_3", "z"));
        Assert.Equal("""{"h":"/home/me"}""", Conf.Json("h=${?HOME}", options));
        Assert.Equal("""{"h":"/home/me/x"}""", Conf.Json("h=${HOME}/x", options));
        Assert.Equal("""{"HOME":null,"h":null}""", Conf.Json("HOME=null, h=${HOME}", options));
        Assert.Equal("""{"e":""}""", Conf.Json("e=1, e=${?EMPTY}", options));
        Assert.Equal("""{"d":"dotted"}""", Conf.Json("d=${a.b}", options));
        Assert.Equal("""{"l":["x","y","w"]}""", Conf.Json("l=${L[]} [w]", options));
        Assert.Equal("""{"l":["v"]}""", Conf.Json("l=[v] ${?M[]}", options));
        Assert.Equal("environment variable HOME", Conf.Resolve("h=${HOME}", options).Find("h")!.Value.Origin.ToString());
    }

    [Fact]
    public void The_default_environment_is_the_process_own()
    {
        string name = $"AKKAWASM_TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(name, "v");
        Assert.Equal("""{"a":"v"}""", Conf.Json(HoconReader.ReadText($"a=${{{name}}}", "t").Resolve()));
        Environment.SetEnvironmentVariable(name, null);
        Assert.Empty(HoconReader.ReadText($"a=${{?{name}}}", "t").Resolve().Fields);
    }

    [Theory]
    [InlineData("a=1", "a=2, b=3", """{"a":1,"b":3}""")]
    [InlineData("a{x=1}", "a{y=2}", """{"a":{"y":2,"x":1}}""")]
    [InlineData("a=${b}", "b=1", """{"b":1,"a":1}""")]
    [InlineData("b=2", "a=${b}, b=1", """{"a":2,"b":2}""")]
    [InlineData("a=${a}[2]", "a=[1]", """{"a":[1,2]}""")]
    [InlineData("a += 2", "a=[1]", """{"a":[1,2]}""")]
    [InlineData("a += 2", "a += 1", """{"a":[1,2]}""")]
    [InlineData("a=${?none}", "a{x=1}", """{"a":{"x":1}}""")]
    [InlineData("a=${b}, a{z=1}", "a{y=2}, b{x=1}", """{"a":{"y":2,"x":1,"z":1},"b":{"x":1}}""")]
    public void Files_merge_before_substitutions_are_resolved(string upper, string lower, string json)
    {
        HoconDocument merged = Read(upper).WithFallback(Read(lower));
        Assert.Equal(json, Conf.Json(merged.Resolve()));
        Assert.Equal(json, Conf.Json(merged.WithFallback(Read("{}")).Resolve()));
    }

    [Fact]
    public void An_object_that_replaced_a_number_does_not_merge_with_objects_further_down()
    {
        HoconDocument top = Read("a{x=1}"), number = Read("a=42"), lower = Read("a{y=2}");
        Assert.Equal("""{"a":{"x":1}}""", Conf.Json(top.WithFallback(number).WithFallback(lower).Resolve()));
        Assert.Equal("""{"a":{"y":2,"x":1}}""", Conf.Json(top.WithFallback(lower).WithFallback(number).Resolve()));
    }

    private static HoconDocument Read(string text) => HoconReader.ReadText(text, "t.conf", Conf.WithEnvironment());
}
