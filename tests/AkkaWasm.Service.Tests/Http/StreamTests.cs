using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Service.Tests.Http;

public sealed class StreamTests
{
    private static CommittedEvent Event(long offset, string topic, string? data = null, string? contentType = null) =>
        new(new Position(0, 1, offset), $"id-{offset}", "/s", new MeshEvent { Topic = topic, Data = Encoding.UTF8.GetBytes(data ?? ""), ContentType = contentType });

    private static async Task<List<SseItem<string>>> ReadAsync(TestServer server, string target, int count)
    {
        using var response = await server.Client.GetAsync(target, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var items = new List<SseItem<string>>();
        await foreach (var item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            items.Add(item);
            if (items.Count == count) break;
        }
        return items;
    }

    [Fact]
    public async Task Matching_events_come_as_cloud_events_with_the_position_as_id()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Commit(Event(1, "quake.alaska", """{"mag":1}"""));
        server.Node.Commit(Event(2, "other"));
        server.Node.Commit(Event(3, "quake.japan", "text", "text/plain"));

        var items = await ReadAsync(server, "/v1/topics/quake.%3E/stream", 2);

        Assert.Equal(["0-1-1", "0-1-3"], items.Select(item => item.EventId));
        Assert.Equal(
            """{"specversion":"1.0","id":"id-1","source":"/s","type":"quake.alaska","time":"1970-01-01T00:00:00.0000000Z","position":"0-1-1","data":{"mag":1}}""", items[0].Data);
        using var second = JsonDocument.Parse(items[1].Data);
        Assert.Equal("text", second.RootElement.GetProperty("data").GetString());
        Assert.Null(server.Node.StreamedFrom);
    }

    [Theory]
    [InlineData("{\n \"a\": 1\r\n}", null, "data", "{  \"a\": 1  }")]
    [InlineData("no json", null, "data_base64", "\"bm8ganNvbg==\"")]
    [InlineData("no json", "application/json", "data_base64", "\"bm8ganNvbg==\"")]
    public async Task Data_stays_on_one_line_whatever_it_is(string data, string? contentType, string member, string value)
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Commit(Event(1, "t", data, contentType));

        var item = Assert.Single(await ReadAsync(server, "/v1/topics/t/stream", 1));

        using var json = JsonDocument.Parse(item.Data);
        Assert.Equal(value, json.RootElement.GetProperty(member).GetRawText());
    }

    [Theory]
    [InlineData("?from=0", null, 0L)]
    [InlineData("?from=0-2-17", null, 17L)]
    [InlineData("", "0-2-17", 18L)]
    [InlineData("?from=3", "0-2-17", 18L)]
    public async Task A_stream_begins_where_it_is_told_to(string query, string? lastEventId, long from)
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Commit(Event(1, "t"));
        if (lastEventId is not null) server.Client.DefaultRequestHeaders.Add("Last-Event-ID", lastEventId);

        await ReadAsync(server, $"/v1/topics/t/stream{query}", 1);

        Assert.Equal(from, server.Node.StreamedFrom);
    }

    [Theory]
    [InlineData("/v1/topics/a..b/stream", "The pattern 'a..b' has an illegal token ''; a token is a name, '*' or a final '>'.")]
    [InlineData("/v1/topics/t/stream?from=soon", "'soon' is no position; write one as 0-1-1707, or an offset, 0 for the beginning.")]
    public async Task A_bad_request_is_one_sentence(string target, string sentence)
    {
        await using var server = await TestServer.StartAsync();

        var response = await server.Client.GetAsync(target);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(sentence, problem.RootElement.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_quiet_stream_sends_heartbeats()
    {
        await using var server = await TestServer.StartAsync(TestServer.Options with { StreamHeartbeat = TimeSpan.FromMilliseconds(1) });

        using var response = await server.Client.GetAsync("/v1/topics/t/stream", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        for (var i = 0; i < 10; i++) Assert.Equal(i % 2 == 0 ? ":" : "", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task More_streams_than_may_be_open_are_refused()
    {
        await using var server = await TestServer.StartAsync(TestServer.Options with { MaxStreams = 1 });
        using var first = await server.Client.GetAsync("/v1/topics/t/stream", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await server.Client.GetAsync("/v1/topics/t/stream")).StatusCode);
    }

    [Fact]
    public async Task Streams_end_when_the_server_does()
    {
        var server = await TestServer.StartAsync();
        using var response = await server.Client.GetAsync("/v1/topics/t/stream", HttpCompletionOption.ResponseHeadersRead);
        var rest = response.Content.ReadAsStringAsync();

        await server.StopAsync();

        Assert.Equal(":\n\n", await rest);
        await server.DisposeAsync();
    }
}
