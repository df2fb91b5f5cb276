using System.Text;
using AkkaWasm.Actors.Sources;

namespace AkkaWasm.Actors.Tests.Sources;

public sealed class ElementReaderTests
{
    [Fact]
    public void The_recorded_week_is_read_in_file_order_byte_for_byte()
    {
        var elements = Read(RecordedWeek.Bytes, FileSourceFormat.GeoJsonFeatures, int.MaxValue - 1);
        Assert.Equal(1_707, elements.Count);
        Assert.Equal(RecordedWeek.Features.Select(f => f.Id), elements.Select(e => e.Id));
        Assert.All(elements.Zip(RecordedWeek.Features, (e, f) => (Read: e.Data, Expected: f.Data)), pair => Assert.Equal(pair.Expected, pair.Read.ToArray()));
        Assert.Equal(Enumerable.Range(1, 1_707).Select(i => (long)i), elements.Select(e => e.Number));
        Assert.All(elements, e => Assert.Equal(e.Data.ToArray(), RecordedWeek.Bytes.AsSpan((int)e.Offset, e.Data.Length).ToArray()));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 7)]
    [InlineData(3, 100)]
    [InlineData(4, 5_000)]
    public void However_few_bytes_come_at_a_time_the_elements_are_the_same(int seed, int most)
    {
        var elements = Read(RecordedWeek.Bytes, FileSourceFormat.GeoJsonFeatures, most, seed);
        Assert.Equal(RecordedWeek.Features.Select(f => f.Id), elements.Select(e => e.Id));
        Assert.All(elements.Zip(RecordedWeek.Features, (e, f) => (Read: e.Data, Expected: f.Data)), pair => Assert.Equal(pair.Expected, pair.Read.ToArray()));
    }

    [Fact]
    public void Features_are_found_wherever_they_stand_and_look_alikes_are_passed_over()
    {
        const string file = """
            {"x":{"features":[{"id":"no"}]},"y":[{"features":[1]}],"features" : [ {"id":"a","features":[{"id":"no"}]} ,
              {"properties":{"id":"no"},"id":7} ], "bbox":[[{"id":"no"}]],"type":"FeatureCollection"}
            """;
        for (var most = 1; most < 12; most++)
        {
            var elements = Read(Encoding.UTF8.GetBytes(file), FileSourceFormat.GeoJsonFeatures, most);
            Assert.Equal(["a", "7"], elements.Select(e => e.Id));
            Assert.Equal("""{"id":"a","features":[{"id":"no"}]}""", Encoding.UTF8.GetString(elements[0].Data.Span));
        }
    }

    [Fact]
    public void Json_lines_may_be_blank_end_in_any_way_and_begin_with_a_byte_order_mark()
    {
        const string file = "\uFEFF{\"id\":1}\r\n\r\n   \n  {\"id\": \"\u00fc\\u0041\" }  \n{\"id\":1.50}";
        for (var most = 1; most < 12; most++)
        {
            var elements = Read(Encoding.UTF8.GetBytes(file), FileSourceFormat.JsonLines, most);
            Assert.Equal(["1", "üA", "1.50"], elements.Select(e => e.Id));
            Assert.Equal("{\"id\": \"ü\\u0041\" }", Encoding.UTF8.GetString(elements[1].Data.Span));
        }
    }

    [Fact]
    public void An_id_is_found_by_its_path_and_duplicates_are_no_matter()
    {
        const string file = """
            {"id":"no","properties":{"x":{"code":"no"},"code":"A"}}
            {"properties":{"code":"A"}}
            """;
        Assert.Equal(["A", "A"], Read(Encoding.UTF8.GetBytes(file), FileSourceFormat.JsonLines, 9, idPath: "properties.code").Select(e => e.Id));
    }

    [Fact]
    public void An_element_as_long_as_the_limit_passes_and_one_byte_more_does_not()
    {
        var element = "{\"id\":1,\"x\":\"" + new string('x', 200_000) + "\"}";
        Assert.Single(Read(Encoding.UTF8.GetBytes(element), FileSourceFormat.JsonLines, 60_000, max: element.Length));
        Assert.Single(Read(Encoding.UTF8.GetBytes($"{{\"features\":[{element}]}}"), FileSourceFormat.GeoJsonFeatures, 60_000, max: element.Length));
        Assert.Throws<SourceFailedException>(() => Read(Encoding.UTF8.GetBytes(element), FileSourceFormat.JsonLines, 60_000, max: element.Length - 1));
        Assert.Throws<SourceFailedException>(() => Read(Encoding.UTF8.GetBytes($"{{\"features\":[{element}]}}"), FileSourceFormat.GeoJsonFeatures, 60_000, max: element.Length - 1));
    }

    [Fact]
    public void Empty_files_of_lines_and_empty_collections_have_no_elements()
    {
        Assert.Empty(Read([], FileSourceFormat.JsonLines, 9));
        Assert.Empty(Read("\n \r\n"u8.ToArray(), FileSourceFormat.JsonLines, 9));
        Assert.Empty(Read("""{"features":[]}"""u8.ToArray(), FileSourceFormat.GeoJsonFeatures, 9));
    }

    public static TheoryData<string, string, int, string> Malformed => new()
    {
        { "geo", "", 0, "is no JSON: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true (line 1, byte 0)" },
        { "geo", "[]", 0, "is no JSON object; a FeatureCollection is needed (line 1, byte 0)" },
        { "geo", "\n 5", 0, "is no JSON object; a FeatureCollection is needed (line 2, byte 2)" },
        { "geo", "{\"type\":\"Feature\"}", 0, "has another 'type' than FeatureCollection (line 1, byte 8)" },
        { "geo", "{\"type\":\"FeatureCollection\"}\n", 0, "has no member 'features'; a FeatureCollection is needed (line 2, byte 29)" },
        { "geo", "{\"features\":{}}", 0, "has a member 'features' that is no array (line 1, byte 12)" },
        { "geo", "{\"features\":[],\n\"features\":[]}", 0, "has two members 'features' (line 2, byte 27)" },
        { "geo", "{\"features\":[{\"id\":1},\n 2]}", 1, "has an element 2 in 'features' that is no object (line 2, byte 24)" },
        { "geo", "{\"features\":[{\"id\":1},\n {\"ID\":2}]}", 1, "has an element 2 without 'id'; give each element an id, or name the place of its id (line 2, byte 24)" },
        { "geo", "{\"features\":[{\"id\":null}]}", 0, "has an element 1 without 'id'; give each element an id, or name the place of its id (line 1, byte 13)" },
        { "geo", "{\"features\":[{\"id\":true}]}", 0, "has an element 1 whose 'id' is neither a string nor a number; name the place of its id (line 1, byte 13)" },
        { "geo", "{\"features\":[{\"id\":\"\"}]}", 0, "has an element 1 whose 'id' is empty; give each element an id of its own (line 1, byte 13)" },
        { "geo", "{\"features\":[{\"id\":\"\\ud800\"}]}", 0, "has an element 1 whose 'id' is no Unicode text; correct its escapes (line 1, byte 13)" },
        { "geo", "{\"features\":[{\"id\":1}\n,\n{\"id\":2,}]}", 1, "is no JSON: The JSON object contains a trailing comma at the end which is not supported in this mode. Change the reader options (line 3, byte 32)" },
        { "geo", "{\"features\":[{\"id\":1}", 1, "is no JSON: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed (line 1, byte 21)" },
        { "geo", "{\"features\":[{\"id\":1}]}}", 1, "is no JSON: '}' is invalid after a single JSON value. Expected end of data (line 1, byte 23)" },
        { "geo", "{\"features\":[{\"id\":1,\"x\":\"" + "0123456789012345678901234567890123456789" + "\"}]}", 0, "has an element 1 of more than 40 bytes; raise max-element-bytes or divide it (line 1, byte 13)" },
        { "lines", "{\"id\":1}\n{\"id\":}\n", 1, "has a line that is no JSON value: '}' is an invalid start of a value (line 2, byte 15)" },
        { "lines", "{\"id\":1} {\"id\":2}", 0, "has a line that is no JSON value: '{' is invalid after a single JSON value. Expected end of data (line 1, byte 9)" },
        { "lines", "5\n", 0, "has an element 1 without 'id'; give each element an id, or name the place of its id (line 1, byte 0)" },
        { "lines", "\n\n {\"x\":1}", 0, "has an element 1 without 'id'; give each element an id, or name the place of its id (line 3, byte 3)" },
        { "lines", "{\"id\":1}\n{\"id\":\"\u0001\"}", 1, "has a line that is no JSON value: '0x01' is invalid within a JSON string. The string should be correctly escaped (line 2, byte 16)" },
        { "lines", "{\"id\":1,\"x\":\"0123456789012345678901234567890123456789\"}", 0, "has an element 1 of more than 40 bytes; raise max-element-bytes or divide it (line 1, byte 0)" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_file_is_named_with_line_and_byte_after_the_elements_before_the_flaw(string format, string file, int before, string what)
    {
        for (var most = 1; most < 70; most += 17)
        {
            var elements = new List<SourceElement>();
            var failure = Assert.Throws<SourceFailedException>(() => ReadInto(elements, Encoding.UTF8.GetBytes(file), format == "geo" ? FileSourceFormat.GeoJsonFeatures : FileSourceFormat.JsonLines, most, 1, "id", 40));
            Assert.Equal($"'made-up.json' {what}.", failure.Message);
            Assert.False(failure.RetryHelps);
            Assert.Equal(before, elements.Count);
        }
    }

    [Fact]
    public void An_element_that_is_not_utf8_is_refused()
    {
        var failure = Assert.Throws<SourceFailedException>(() => Read([.. "{\"id\":1,\"x\":\""u8, 0xC3, 0x28, .. "\"}"u8], FileSourceFormat.JsonLines, 100));
        Assert.Equal("'made-up.json' has an element 1 that is not UTF-8; write the file in UTF-8 (line 1, byte 0).", failure.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_may_be_there_the_next_time()
    {
        var failure = Assert.Throws<SourceFailedException>(() => ElementReader.Open(Options(FileSourceFormat.JsonLines) with { Path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()) }));
        Assert.True(failure.RetryHelps);
        Assert.Contains("cannot be opened", failure.Message, StringComparison.Ordinal);
    }

    private static FileSourceOptions Options(FileSourceFormat format) => new() { Name = "made-up", Path = "made-up.json", Format = format, Topic = "t" };

    private static List<SourceElement> Read(byte[] bytes, FileSourceFormat format, int most, int seed = 1, string idPath = "id", int max = 1 << 20)
    {
        var elements = new List<SourceElement>();
        ReadInto(elements, bytes, format, most, seed, idPath, max);
        return elements;
    }

    private static void ReadInto(List<SourceElement> elements, byte[] bytes, FileSourceFormat format, int most, int seed, string idPath, int max)
    {
        using var reader = ElementReader.Over(new Trickle(bytes, seed, most), Options(format) with { IdPath = idPath, MaxElementBytes = max });
        while (reader.Next() is { } element) elements.Add(element);
    }
}
