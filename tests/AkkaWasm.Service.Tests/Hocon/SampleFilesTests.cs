using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Hocon;

public sealed class SampleFilesTests
{
    private static readonly HoconReaderOptions Environment = Conf.WithEnvironment(("HOME", "/home/me"), ("PATH", "/bin"));

    public static TheoryData<string> EquivalentFiles()
    {
        TheoryData<string> data = [];
        for (int number = 1; number <= 5; number++)
        {
            string folder = $"equiv{number:00}";
            if (!Directory.Exists(SharedHoconFiles.PathOf(folder)))
            {
                data.Add($"{folder}/original.json");
                continue;
            }
            foreach (string file in Directory.GetFiles(SharedHoconFiles.PathOf(folder)).Order(StringComparer.Ordinal))
                data.Add($"{folder}/{Path.GetFileName(file)}");
        }
        return data;
    }

    [SharedHoconTheory]
    [MemberData(nameof(EquivalentFiles))]
    public void Equivalent_files_resolve_to_the_same_tree(string file)
    {
        HoconObject expected = Read($"{Path.GetDirectoryName(file)}/original.json");
        HoconObject actual = Read(file);
        Assert.True(expected.Equals(actual), $"{HoconRenderer.RenderJson(expected)}\nis not\n{HoconRenderer.RenderJson(actual)}");
    }

    [SharedHoconFact]
    public void Test01_reads_as_its_values_say()
    {
        HoconCursor root = new(Read("test01.conf"));
        Assert.Equal(42, root.At("ints.fortyTwoAgain").AsInt());
        Assert.Equal(42.1, root.At("floats.fortyTwoPointOneAgain").AsDouble());
        Assert.Equal(0.33, root.At("floats.pointThirtyThreeAgain").AsDouble());
        Assert.Equal("abcd", root.At("strings.abcdAgain").AsString());
        Assert.Equal("null bar 42 baz true 3.14 hi", root.At("strings.concatenated").AsString());
        Assert.Equal(3.14, root.At("strings.double").AsDouble());
        Assert.Equal(57, root.At("strings.number").AsInt());
        Assert.True(root.At("strings.yes").AsBoolean());
        Assert.False(root.At("strings.no").AsBoolean());
        Assert.Empty(root.At("arrays.empty").AsList());
        Assert.Equal([1, 2, 3], root.At("arrays.ofInt").AsListOf(item => item.AsInt()));
        Assert.Equal(["a", "b", "c"], root.At("arrays.ofString").AsListOf(item => item.AsString()));
        Assert.Equal(3, root.At("arrays.ofArray").AsList().Count);
        Assert.Equal("c", root.At("arrays.ofObject").AsList()[2].At("c").AsString());
        Assert.All(root.At("arrays.ofNull").AsList(), item => Assert.Equal(HoconKind.Null, item.Kind));
        Assert.True(root.At("booleans.trueAgain").AsBoolean());
        Assert.Null(root.Find("nulls.nullAgain"));
        Assert.Equal(TimeSpan.FromSeconds(1), root.At("durations.second").AsDuration());
        Assert.Equal([1, 2, 3, 4], root.At("durations.secondsList").AsListOf(item => item.AsDuration().TotalSeconds));
        Assert.Equal(TimeSpan.FromMilliseconds(500), root.At("durations.halfSecond").AsDuration());
        Assert.Equal(TimeSpan.FromMilliseconds(2), root.At("durations.micros").AsDuration());
        Assert.Equal(48789553554352722L, root.At("durations.plusLargeNanos").AsDuration().Ticks);
        Assert.Equal([1 << 20, 1 << 20, 1 << 20], root.At("memsizes.megsList").AsListOf(item => item.AsSize()));
        Assert.Equal(1 << 19, root.At("memsizes.halfMeg").AsSize());
        Assert.Throws<HoconException>(() => root.At("memsizes.yottabyte").AsSize());
        Assert.Equal("/home/me", root.At("system.home").AsString());
        Assert.Null(root.Find("system.not_here"));
        Assert.Equal("Your Java version is  and your user.home is ", root.At("system.concatenated").AsString());
    }

    [SharedHoconFact]
    public void Test02_looks_up_quoted_and_empty_keys()
    {
        HoconCursor root = new(Read("test02.conf"));
        Assert.Equal(42, root.At("42_a").AsInt());
        Assert.Equal(42, root.At("42_b").AsInt());
        Assert.Equal(57, root.At("57_b").AsInt());
        Assert.Equal(103, root.At("103_a").AsInt());
        Assert.Equal(103, root.At("\"a.b.c\"").AsInt());
        Assert.Equal(261, root.At("-").AsInt());
    }

    [SharedHoconFact]
    public void Test03_includes_by_extension_and_lets_included_substitutions_see_both_roots()
    {
        HoconCursor root = new(Read("test03.conf"));
        Assert.Equal(42, root.At("test01.ints.fortyTwo").AsInt());
        Assert.Equal(42, root.At("test01.booleans").AsInt());
        Assert.Equal("A", root.At("test01.fromJsonA").AsString());
        Assert.Equal("hello^^", root.At("test01.fromProps.specialChars").AsString());
        Assert.Equal(57, root.At("test02.57_a").AsInt());
        Assert.Equal("abcd", root.At("equiv01.strings.abcd").AsString());
        Assert.Empty(root.At("nonexistent").Entries());
        Assert.Equal("This is in the included file", root.At("a").AsString());
        Assert.Equal("This is in the including file", root.At("b").AsString());
        Assert.Equal("This is in the included file", root.At("subtree.a").AsString());
        Assert.Equal("This is in the including file", root.At("subtree.b").AsString());
    }

    [SharedHoconFact]
    public void Test04_reads_as_an_akka_reference_file()
    {
        HoconCursor root = new(Read("test04.conf"));
        Assert.Equal("2.0-SNAPSHOT", root.At("akka.version").AsString());
        Assert.Equal("akka.event.Logging$DefaultLogger", root.At("akka.event-handlers").AsList()[0].AsString());
        Assert.Equal(1, root.At("akka.actor.dispatcher-shutdown-timeout").AsInt());
        Assert.Equal(HoconKind.Object, root.At("akka.actor.deployment.\"/app/service-ping\"").Kind);
    }

    [SharedHoconFact]
    public void Test05_reads_unquoted_keys_with_percent_signs_and_paths()
    {
        HoconCursor root = new(Read("test05.conf"));
        Assert.Equal("Yet Another Blog Engine", root.At("application.name").AsString());
        Assert.Equal("/modules/crud", root.At("module.crud").AsString());
        Assert.Equal("mem", root.At("\"%test\".db").AsString());
    }

    [SharedHoconFact]
    public void Test06_and_09_and_10_merge_substitutions_with_later_and_earlier_objects()
    {
        Assert.Equal("""{"a":1,"b":2,"c":3,"d":{"foo":"bar"},"x":2,"y":{"foo":10,"hello":"world"}}""", Conf.Json(Read("test06.conf")));
        const string test09 = """{"x":{"q":10},"y":5,"a":{"q":10,"c":3},"b":5,"c":{"q":10,"d":600,"e":{"q":10,"c":3},"f":5}}""";
        Assert.Equal(test09, Conf.Json(Read("test09.conf")));
        Assert.Equal($$$"""{"foo":{{{test09}}},"bar":{"nested":{{{test09}}}}}""", Conf.Json(Read("test10.conf")));
    }

    [SharedHoconFact]
    public void Test07_and_08_find_their_include_only_in_a_resource_folder()
    {
        Assert.Empty(Read("test07.conf").Fields);
        Assert.Empty(Read("test08.conf").Fields);
        using TemporaryFolder folder = new();
        folder.Write("test-lib.conf", "lib = yes");
        HoconReaderOptions options = new() { ResourceFolders = [folder.Path] };
        Assert.Equal("""{"lib":"yes"}""", Conf.Json(HoconReader.ReadFile(SharedHoconFiles.PathOf("test07.conf"), options).Resolve()));
        Assert.Equal("""{"lib":"yes"}""", Conf.Json(HoconReader.ReadFile(SharedHoconFiles.PathOf("test08.conf"), options).Resolve()));
    }

    [SharedHoconFact]
    public void Test11_and_12_keep_numbers_in_quotes_as_strings()
    {
        HoconCursor root = new(Read("test11.conf"));
        Assert.Equal(HoconKind.String, root.At("\"10\"").Kind);
        Assert.Equal("-42", root.At("-10").AsString());
        Assert.Equal("bar-baz", root.At("foo-bar").AsString());
        Assert.Equal("b-", root.At("a-").AsString());
        Assert.Equal(40, new HoconCursor(Read("test12.conf")).Entries().Count);
    }

    [SharedHoconFact]
    public void Test13_resolves_over_the_merged_tree()
    {
        HoconDocument application = Document("test13-application-override-substitutions.conf");
        HoconObject resolved = application.WithFallback(Document("test13-reference-with-substitutions.conf")).Resolve();
        Assert.Equal("overridden", new HoconCursor(resolved).At("a").AsString());
        HoconException error = Assert.Throws<HoconException>(() => Document("test13-reference-bad-substitutions.conf").Resolve());
        Assert.Equal("${b} has no value in the configuration or the environment", error.Problem);
        Assert.Equal((1, 5), (error.Origin.Line, error.Origin.Column));
        Assert.Equal("overridden", new HoconCursor(application.WithFallback(Document("test13-reference-bad-substitutions.conf")).Resolve()).At("a").AsString());
    }

    [SharedHoconFact]
    public void A_file_that_includes_itself_is_refused_with_the_chain()
    {
        HoconException error = Assert.Throws<HoconException>(() => Document("cycle.conf"));
        Assert.Equal("the file includes itself (cycle.conf → cycle.conf)", error.Problem);
        Assert.Equal((1, 1), (error.Origin.Line, error.Origin.Column));
    }

    [SharedHoconFact]
    public void The_byte_order_mark_is_no_part_of_the_first_key() =>
        Assert.Equal("""{"foo":"bar"}""", Conf.Json(Read("bom.conf")));

    [SharedHoconFact]
    public void Includes_with_and_without_file_are_relative_to_the_including_file() =>
        Assert.Equal("""{"base":41,"foo":42,"bar":43,"bar-file":44,"baz":45}""", Conf.Json(Read("file-include.conf")));

    [SharedHoconFact]
    public void An_object_in_a_list_may_include_a_file_with_substitutions()
    {
        HoconCursor item = new HoconCursor(Read("include-from-list.conf")).At("a").AsList()[0];
        Assert.Equal(42, item.At("ints.fortyTwoAgain").AsInt());
        Assert.Equal("abcd", item.At("strings.abcdAgain").AsString());
    }

    [SharedHoconFact]
    public void Environment_variables_override_when_they_are_set()
    {
        HoconReaderOptions set = Conf.WithEnvironment(("SECRET_A", "x"), ("SECRET_B", "y"), ("SECRET_C", ""));
        Assert.Equal("""{"secret":"x","secrets":["y",""]}""", Conf.Json(HoconReader.ReadFile(SharedHoconFiles.PathOf("env-variables.conf"), set).Resolve()));
        Assert.Equal("""{"secret":"a","secrets":[]}""", Conf.Json(Read("env-variables.conf")));
    }

    [SharedHoconTheory]
    [InlineData("a_1.conf", """{"a":1}""")]
    [InlineData("b_2.conf", """{"b":2}""")]
    [InlineData("onclasspath.conf", """{"onclasspath":42}""")]
    [InlineData("subdir/foo.conf", """{"foo":42,"bar":43,"bar-file":44}""")]
    [InlineData("test01.json", """{"fromJson1":1,"fromJsonA":"A"}""")]
    [InlineData("test01.properties", """{"fromProps":{"abc":"abc","one":"1","bool":"true","specialChars":"hello^^"}}""")]
    public void Small_files_read_as_they_stand(string file, string json) => Assert.Equal(json, Conf.Json(Read(file)));

    [SharedHoconFact]
    public void Every_wrong_type_in_the_validation_sample_is_refused_at_its_line()
    {
        HoconCursor root = new(Read("validate-invalid.conf"));
        (string Path, Action<HoconCursor> Read, int Line)[] wrong =
        [
            ("string3", value => value.AsString(), 3),
            ("string4", value => value.AsString(), 4),
            ("int2", value => value.AsInt(), 6),
            ("int3", value => value.AsInt(), 7),
            ("float1", value => value.AsDouble(), 8),
            ("float2", value => value.AsDouble(), 9),
            ("bool1", value => value.AsBoolean(), 11),
            ("bool2", value => value.AsBoolean(), 12),
            ("bool3", value => value.AsBoolean(), 13),
            ("object2", value => value.Entries(), 18),
            ("object3", value => value.Entries(), 19),
            ("array1", value => value.AsListOf(item => item.AsInt()), 20),
            ("array5", value => value.AsList(), 24),
        ];
        Assert.All(wrong, test => Assert.Equal(test.Line, Assert.Throws<HoconException>(() => test.Read(root.At(test.Path))).Origin.Line));
        HoconCursor good = new(Read("validate-reference.conf"));
        Assert.Equal([true, true, false], good.At("array3").AsListOf(item => item.AsBoolean()));
        Assert.True(good.At("a.b.c.d.e.f.j").AsBoolean());
    }

    [SharedHoconFact]
    public void The_bean_sample_reads_units_of_every_kind()
    {
        HoconCursor root = new(Read("beanconfig/beanconfig01.conf"));
        Assert.Equal(TimeSpan.FromMilliseconds(500), root.At("durations.halfSecond").AsDuration());
        Assert.Equal(1000, root.At("bytes.kilobyte").AsSize());
        Assert.Equal(1024, root.At("bytes.kibibyte").AsSize());
        Assert.Equal([32L, 42L, 52L], root.At("arrays.of-long").AsListOf(item => item.AsLong()));
        Assert.Equal(TimeSpan.FromDays(3), root.At("arrays.ofDuration").AsList()[2].AsDuration());
        Assert.Equal(1L << 30, root.At("arrays.ofMemorySize").AsList()[2].AsSize());
        Assert.Equal("testYesTwo", root.At("sets.ofStringBean").AsList()[1].At("yes").AsString());
    }

    private static HoconDocument Document(string file) => HoconReader.ReadFile(SharedHoconFiles.PathOf(file), Environment);

    private static HoconObject Read(string file) => Document(file).Resolve();
}
