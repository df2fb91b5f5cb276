using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Service.Tests.Http;

public sealed class PublishTests
{
    private const string Batch = "application/cloudevents-batch+json";

    [Fact]
    public async Task A_structured_event_is_acknowledged_with_its_position()
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.PublishAsync("""
            {"specversion":"1.0","id":"1","source":"/s","type":"quake.alaska","subject":"x","time":"2026-01-31T12:00:00Z","traceparent":"00-a-b-01",
             "datacontenttype":"application/json","more":"text","count":7,"flag":true,"unset":null,"data":{"mag": 2.50}}
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"accepted":[{"id":"1","position":"0-1-0","duplicate":false}]}""", await response.Content.ReadAsStringAsync());
        var e = Assert.Single(server.Node.Published);
        Assert.Equal(("quake.alaska", "1", "/s", "x"), (e.Topic, e.Id, e.Source, e.Subject));
        Assert.Equal(("2026-01-31T12:00:00Z", "00-a-b-01", "application/json"), (e.Time, e.TraceParent, e.ContentType));
        Assert.Equal("more=text count=7 flag=true", string.Join(' ', e.Extensions.Select(x => $"{x.Key}={x.Value}")));
        Assert.Equal("""{"mag": 2.50}""", Encoding.UTF8.GetString(e.Data.Span));
    }

    [Theory]
    [InlineData("\"data\":[1, 2]", "[1, 2]")]
    [InlineData("\"data\":\"text\"", "\"text\"")]
    [InlineData("\"data\":null", "")]
    [InlineData("\"datacontenttype\":\"text/plain\",\"data\":\"a\\u00fc\\n\"", "aü\n")]
    [InlineData("\"data\":\"a\\u00fc\",\"datacontenttype\":\"text/plain; charset=utf-8\"", "aü")]
    [InlineData("\"data\":5,\"datacontenttype\":\"application/vnd.x+json\"", "5")]
    [InlineData("\"data_base64\":\"aGVsbG8=\",\"datacontenttype\":\"application/octet-stream\"", "hello")]
    [InlineData("\"dataschema\":\"https://x/y\"", "")]
    public async Task Data_is_taken_as_its_media_type_says(string members, string data)
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.PublishAsync($$"""{"specversion":"1.0","id":"1","source":"/s","type":"t",{{members}}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(data, Encoding.UTF8.GetString(Assert.Single(server.Node.Published).Data.Span));
    }

    public static TheoryData<string, string> NoEvents => new()
    {
        { """{"id":"1","source":"/s","type":"t"}""", "The event '1' (number 1) has no specversion; CloudEvents needs specversion, id, source, type." },
        { """{"specversion":"1.0","source":"/s","type":"t"}""", "The event number 1 has no id; CloudEvents needs specversion, id, source, type." },
        { """{"specversion":"0.3","id":"1","source":"/s","type":"t"}""", "The event number 1 has the specversion '0.3', which must be 1.0, the only version that is served." },
        { """{"specversion":"1.0","id":"","source":"/s","type":"t"}""", "The event number 1 has the id '', which must not be empty." },
        { """{"specversion":"1.0","id":"1","source":"a b","type":"t"}""", "The event '1' (number 1) has the source 'a b', which must be a URI or a relative reference, as /sensors/7." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":""}""", "The event '1' (number 1) has the subject '', which must not be empty; leave it out instead." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"yesterday"}""", "The event '1' (number 1) has the time 'yesterday', which must be a time of RFC 3339, as 2026-01-31T12:00:00Z." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","dataschema":"/x"}""", "The event '1' (number 1) has the dataschema '/x', which must be an absolute URI." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"json"}""", "The event '1' (number 1) has the datacontenttype 'json', which must be a media type, as application/json." },
        { """{"specversion":"1.0","id":7,"source":"/s","type":"t"}""", "The event number 1 has no string as id." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","myExt":"x"}""", "The event '1' (number 1) has the attribute 'myExt'; names of attributes are lower-case letters and digits." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","x":1.5}""", "The event '1' (number 1) has the number 1.5 as x; extension attributes may be whole numbers of 32 bits, or strings." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","x":{}}""", "The event '1' (number 1) has an object or array as x; attributes are strings, booleans or whole numbers, so put it into the data." },
        { """{"specversion":"1.0","id":"1","id":"2","source":"/s","type":"t"}""", "The event '1' (number 1) has the attribute id twice; keep one of them." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","x":"a\nb"}""", "The event '1' (number 1) has control characters in the attribute x; put such content into the data." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":"AA=="}""", "The event '1' (number 1) has both data and data_base64; send one of them." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"?"}""", "The event '1' (number 1) has a data_base64 that is no Base64 string." },
        { """{"specversion":"1.0","id":"1","source":"/s","type":"t","x":"\ud800"}""", "The event '1' (number 1) has broken text (half a surrogate pair) as x." },
        { "[]", "The event number 1 is no JSON object." },
        { "{} {}", "The event number 1 has no specversion; CloudEvents needs specversion, id, source, type." },
        { "{\"specversion\":\n  oops", "The body is no JSON at line 2, byte 3; correct it." },
        { "", "The body is no JSON at line 1, byte 1; correct it." },
    };

    [Theory]
    [MemberData(nameof(NoEvents))]
    public async Task What_is_no_event_is_refused_with_the_attribute_by_name(string body, string sentence)
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.PublishAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(sentence, problem.RootElement.GetProperty("detail").GetString());
        Assert.Empty(server.Node.Published);
    }

    [Fact]
    public async Task A_batch_is_published_as_one_and_may_be_empty()
    {
        await using var server = await TestServer.StartAsync();

        var two = await server.PublishAsync("""[{"specversion":"1.0","id":"1","source":"/s","type":"t"},{"specversion":"1.0","id":"2","source":"/s","type":"t"}]""", Batch);
        var none = await server.PublishAsync("[]", Batch);

        Assert.Equal("""{"accepted":[{"id":"1","position":"0-1-0","duplicate":false},{"id":"2","position":"0-1-1","duplicate":false}]}""", await two.Content.ReadAsStringAsync());
        Assert.Equal("""{"accepted":[]}""", await none.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_problem_in_a_batch_names_the_element()
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.PublishAsync("""[{"specversion":"1.0","id":"1","source":"/s","type":"t"},{"specversion":"1.0","id":"2","type":"t"}]""", Batch);

        Assert.Equal(
            """{"type":"about:blank","title":"Bad Request","status":400,"detail":"The event '2' (number 2) has no source; CloudEvents needs specversion, id, source, type.","attribute":"source","index":1}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_binary_event_comes_from_headers_that_are_percent_decoded()
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = TestServer.Body("<a/>", "application/xml") };
        foreach (var (name, value) in new[] { ("specversion", "1.0"), ("id", "1"), ("source", "/s"), ("type", "t"), ("Subject", "Euro%20%E2%82%AC"), ("ext", "\"a \\\"b\\\"\"") })
            request.Headers.TryAddWithoutValidation($"ce-{name}", value);

        var response = await server.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var e = Assert.Single(server.Node.Published);
        Assert.Equal(("Euro €", "application/xml", "<a/>"), (e.Subject, e.ContentType, Encoding.UTF8.GetString(e.Data.Span)));
        Assert.Equal("ext=a \"b\"", string.Join(" ", e.Extensions.Select(x => $"{x.Key}={x.Value}")));
    }

    [Theory]
    [InlineData("ce-subject", "%4", "The event '1' (number 1) has a '%' in the header of subject that is not followed by two hexadecimal digits; write %25 for the sign itself.")]
    [InlineData("ce-subject", "%ff", "The event '1' (number 1) has percent-encoded bytes in the header of subject that are not UTF-8.")]
    [InlineData("ce-datacontenttype", "text/plain", "The event '1' (number 1) has the header ce-datacontenttype; the media type goes into Content-Type and the data into the body.")]
    public async Task A_header_that_cannot_be_read_is_refused(string header, string value, string sentence)
    {
        await using var server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events");
        foreach (var (name, text) in new[] { ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/s"), ("ce-type", "t"), (header, value) })
            request.Headers.TryAddWithoutValidation(name, text);

        var response = await server.Client.SendAsync(request);

        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(sentence, problem.RootElement.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/cloudevents+xml")]
    [InlineData("text/plain")]
    public async Task What_does_not_say_that_it_is_an_event_is_415(string contentType)
    {
        await using var server = await TestServer.StartAsync();

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await server.PublishAsync("{}", contentType)).StatusCode);
    }

    [Theory]
    [InlineData(PublishRefusal.Illegal, 400)]
    [InlineData(PublishRefusal.TooBig, 413)]
    [InlineData(PublishRefusal.Conflict, 409)]
    [InlineData(PublishRefusal.Overloaded, 429)]
    public async Task A_refusal_of_the_mesh_becomes_its_status(PublishRefusal refusal, int status)
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Answer = _ => new PublishReply([], 0, new PublishProblem(refusal, 3, "It is so."), TimeSpan.FromSeconds(2.2));

        var response = await server.PublishAsync("""{"specversion":"1.0","id":"1","source":"/s","type":"t"}""");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(status == 429 ? "3" : null, response.Headers.RetryAfter?.ToString());
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(("It is so.", 3), (problem.RootElement.GetProperty("detail").GetString(), problem.RootElement.GetProperty("index").GetInt32()));
    }

    [Fact]
    public async Task Duplicates_are_told_apart_by_position()
    {
        await using var server = await TestServer.StartAsync();
        ImmutableArray<Position> positions = [new(0, 2, 50), new(0, 1, 7), new(0, 2, 51), new(0, 2, 50)];
        server.Node.Answer = _ => new PublishReply(positions, 2, null, null);
        var batch = string.Join(',', new[] { "a", "b", "c", "a" }.Select(id => $$"""{"specversion":"1.0","id":"{{id}}","source":"/s","type":"t"}"""));

        using var reply = JsonDocument.Parse(await (await server.PublishAsync($"[{batch}]", Batch)).Content.ReadAsStringAsync());

        Assert.Equal([false, true, false, true], reply.RootElement.GetProperty("accepted").EnumerateArray().Select(e => e.GetProperty("duplicate").GetBoolean()));
    }

    [Fact]
    public async Task A_body_past_the_limit_is_413()
    {
        await using var server = await TestServer.StartAsync(TestServer.Options with { MaxRequestBytes = 1_024 });

        var response = await server.PublishAsync($$"""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":"{{new string('x', 2_000)}}"}""");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("larger than 1024 bytes (akka-wasm.http.max-request-bytes)", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_ends_answers_503()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Answer = _ => throw new MeshNodeException(NodeFailure.Ended, "The node is ending.");

        var response = await server.PublishAsync("""{"specversion":"1.0","id":"1","source":"/s","type":"t"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }
}
