using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaWasm.Service.Tests.Http;

/// <summary>The HTTP interface on a port of its own, before a node that does as it is told.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly HttpServer server;

    private TestServer(HttpServer server, FakeNode node)
    {
        this.server = server;
        Node = node;
        Client = new HttpClient { BaseAddress = server.Url };
    }

    public static HttpOptions Options { get; } = new() { Address = IPAddress.Loopback, Port = 0 };

    public FakeNode Node { get; }

    public HttpClient Client { get; }

    public Uri Url => server.Url;

    public static async Task<TestServer> StartAsync(HttpOptions? options = null, bool isOpen = true, TimeProvider? time = null, AkkaWasm.Actors.IOfflineLog? log = null)
    {
        var (access, node) = (new NodeAccess(), new FakeNode());
        if (isOpen) access.Open(node);
        return new TestServer(await HttpServer.StartAsync(options ?? Options, access, NullLoggerFactory.Instance, time ?? TimeProvider.System, log is null ? null : () => log), node);
    }

    public static ByteArrayContent Body(string text, string? contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        if (contentType is not null) content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }

    public Task<HttpResponseMessage> PublishAsync(string json, string contentType = "application/cloudevents+json") => Client.PostAsync("/v1/events", Body(json, contentType));

    public ValueTask StopAsync() => server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await server.DisposeAsync();
    }
}
