using Akka.Configuration;
using AkkaWasm.Service.Hocon;
using AkkaValue = Akka.Configuration.Hocon.HoconValue;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class RenderingTests
{
    private const int Trees = 500;

    [Fact]
    public void Hocon_is_rendered_a_value_a_line_with_the_origin_of_each()
    {
        HoconObject root = Conf.Resolve("a { b = 5 s, \"c d\" = [1, {x = null}] }\ne {}\nf = []\ng = ${a.b}");
        Assert.Equal(
            """
            a = {  # test.conf:1:3
              b = "5 s"  # test.conf:1:9
              "c d" = [  # test.conf:1:22
                1  # test.conf:1:23
                {  # test.conf:1:26
                  x = null  # test.conf:1:31
                }
              ]
            }
            e = {}  # test.conf:2:3
            f = []  # test.conf:3:5
            g = "5 s"  # test.conf:1:9

            """.ReplaceLineEndings("\n"),
            HoconRenderer.Render(root, origins: true));
        Assert.Equal("a = {\n  b = 1\n}\n", HoconRenderer.Render(Conf.Resolve("a.b=1")));
    }

    [Fact]
    public void Json_and_the_text_for_akka_quote_every_key()
    {
        HoconObject root = Conf.Resolve("a { b = 5, c = [true, x, null] }");
        Assert.Equal("{\n  \"a\": {\n    \"b\": 5,\n    \"c\": [\n      true,\n      \"x\",\n      null\n    ]\n  }\n}\n", HoconRenderer.RenderJson(root));
        Assert.Equal("{\n  \"a\" : {\n    \"b\" : \"5\",\n    \"c\" : [\n      \"true\",\n      \"x\",\n      null\n    ]\n  }\n}\n", HoconRenderer.RenderForAkka(root));
    }

    [Fact]
    public void What_is_rendered_reads_back_to_the_same_tree()
    {
        for (int seed = 0; seed < Trees; seed++)
        {
            HoconObject tree = new RandomTrees(seed).Next();
            foreach (string text in (string[])[HoconRenderer.Render(tree), HoconRenderer.Render(tree, origins: true), HoconRenderer.RenderJson(tree)])
                Assert.True(tree.Equals(Conf.Resolve(text)), $"seed {seed}:\n{text}");
        }
    }

    [Fact]
    public void Json_is_what_other_readers_take_for_json()
    {
        for (int seed = 0; seed < Trees; seed++)
        {
            using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(HoconRenderer.RenderJson(new RandomTrees(seed).Next()));
            Assert.Equal(System.Text.Json.JsonValueKind.Object, document.RootElement.ValueKind);
        }
    }

    [Fact]
    public void Akka_reads_the_same_values_from_the_text_for_akka()
    {
        for (int seed = 0; seed < Trees; seed++)
        {
            HoconObject tree = new RandomTrees(seed).Next();
            AssertSame(tree, ConfigurationFactory.ParseString(HoconRenderer.RenderForAkka(tree)).Root, $"seed {seed}");
        }
    }

    [Fact]
    public void Akka_reads_settings_of_every_type_from_the_text_for_akka()
    {
        HoconObject root = Conf.Resolve(
            """
            n = 5, d = 1.5, on = true, t = 10 s, size = 64 KiB, text = "say \"hi\" to C:\\x # not a comment", price = "$5 ${x}", empty = ""
            list = [a, "b c"], none = [], nothing {}, gone = null
            "/user/a b" { "x.y" = 1 }
            """);
        Config akka = ConfigurationFactory.ParseString(HoconRenderer.RenderForAkka(root));
        Assert.Equal(5, akka.GetInt("n"));
        Assert.Equal(1.5, akka.GetDouble("d"));
        Assert.True(akka.GetBoolean("on"));
        Assert.Equal(TimeSpan.FromSeconds(10), akka.GetTimeSpan("t"));
        Assert.Equal("say \"hi\" to C:\\x # not a comment", akka.GetString("text"));
        Assert.Equal("$5 ${x}", akka.GetString("price"));
        Assert.Equal("", akka.GetString("empty"));
        Assert.Equal(["a", "b c"], akka.GetStringList("list"));
        Assert.Empty(akka.GetStringList("none"));
        Assert.True(akka.GetConfig("nothing").IsEmpty);
        Assert.True(akka.HasPath("gone"));
        Assert.Null(akka.GetString("gone", "default"));
        Assert.Equal("1", akka.GetString("\"/user/a b\".\"x.y\""));
    }

    [Fact]
    public void Akka_reads_the_shape_of_its_own_reference_file_after_a_round_trip()
    {
        Config reference = ConfigurationFactory.Default();
        HoconObject root = Conf.Resolve("akka { loglevel = DEBUG, actor { provider = cluster, deployment { \"/a/*\" { router = pool } } } }");
        Config merged = ConfigurationFactory.ParseString(HoconRenderer.RenderForAkka(root)).WithFallback(reference);
        Assert.Equal("DEBUG", merged.GetString("akka.loglevel"));
        Assert.Equal("cluster", merged.GetString("akka.actor.provider"));
        Assert.Equal(reference.GetTimeSpan("akka.actor.ask-timeout", null), merged.GetTimeSpan("akka.actor.ask-timeout", null));
        Assert.Equal("pool", merged.GetString("akka.actor.deployment.\"/a/*\".router"));
    }

    private static void AssertSame(HoconValue expected, AkkaValue actual, string place)
    {
        switch (expected)
        {
            case HoconObject fields:
                IDictionary<string, AkkaValue> items = actual.GetObject().Items;
                Assert.True(fields.Fields.Select(field => field.Key).ToHashSet().SetEquals(items.Keys), place);
                foreach (HoconField field in fields.Fields)
                    AssertSame(field.Value, items[field.Key], $"{place}.{field.Key}");
                break;
            case HoconList list:
                IList<AkkaValue> values = actual.GetArray();
                Assert.True(list.Items.Count == values.Count, place);
                foreach ((HoconValue item, AkkaValue value) in list.Items.Zip(values))
                    AssertSame(item, value, $"{place}[]");
                break;
            case HoconScalar scalar:
                string? seen = scalar.Text.Trim() is "null" ? null : scalar.Text.Trim();
                Assert.True(seen == actual.GetString(), $"{place}: '{scalar.Text}' is '{actual.GetString()}'");
                break;
        }
    }
}
