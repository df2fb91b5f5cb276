using System.Net;
using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaWasm.Service.Tests.Http;

public sealed class HttpSupervisorTests
{
    [Fact]
    public async Task An_interface_that_stopped_begins_again_on_the_same_address()
    {
        var nodes = new NodeAccess();
        nodes.Open(new FakeNode());
        await using var http = await StartAsync(nodes, options => HttpServer.StartAsync(options, nodes, NullLoggerFactory.Instance, TimeProvider.System));
        using var client = new HttpClient { BaseAddress = http.Url };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez")).StatusCode);
        await http.LookAsync();
        Assert.Equal((ComponentState.Running, 0), (Part(nodes).State, Part(nodes).Restarts));

        await http.Server!.DisposeAsync();
        await http.LookAsync();

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez")).StatusCode);
        Assert.Equal((ComponentState.Running, 1), (Part(nodes).State, Part(nodes).Restarts));
        Assert.Contains("\"name\":\"http\"", await client.GetStringAsync("/healthz"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_cannot_be_had_is_tried_again_with_every_look()
    {
        var (nodes, isTaken) = (new NodeAccess(), false);
        await using var http = await StartAsync(nodes, options => isTaken
            ? throw new ListenException("the address is taken", new IOException())
            : HttpServer.StartAsync(options, nodes, NullLoggerFactory.Instance, TimeProvider.System));
        isTaken = true;

        await http.Server!.DisposeAsync();
        await http.LookAsync();
        Assert.Equal((ComponentState.Restarting, "the address is taken.", null), (Part(nodes).State, Part(nodes).Problem, http.Server));
        isTaken = false;
        await http.LookAsync();

        Assert.Equal((ComponentState.Running, 1), (Part(nodes).State, Part(nodes).Restarts));
    }

    [Fact]
    public async Task Whatever_goes_wrong_with_beginning_again_is_shown_and_tried_again_with_longer_and_longer_waits()
    {
        var (nodes, isBroken) = (new NodeAccess(), false);
        await using var http = await StartAsync(nodes, options => isBroken
            ? throw new InvalidOperationException("the certificate is gone")
            : HttpServer.StartAsync(options, nodes, NullLoggerFactory.Instance, TimeProvider.System));
        Assert.Equal(TimeSpan.FromSeconds(5), await http.LookAsync());
        isBroken = true;

        await http.Server!.DisposeAsync();
        var waits = new List<TimeSpan>();
        for (var i = 0; i < 5; i++) waits.Add(await http.LookAsync());
        Assert.Equal([10, 20, 40, 60, 60], waits.Select(w => (int)w.TotalSeconds));
        Assert.Equal((ComponentState.Restarting, "The HTTP interface could not be looked after: the certificate is gone"), (Part(nodes).State, Part(nodes).Problem));
        isBroken = false;

        Assert.Equal(TimeSpan.FromSeconds(5), await http.LookAsync());
        Assert.Equal((ComponentState.Running, 1), (Part(nodes).State, Part(nodes).Restarts));
    }

    private static ComponentStatus Part(NodeAccess nodes) => nodes.Status.Components.Single(c => c.Name == "http");

    private static Task<HttpSupervisor> StartAsync(NodeAccess nodes, Func<HttpOptions, Task<HttpServer>> start) =>
        HttpSupervisor.StartAsync(TestServer.Options, start, nodes, TimeProvider.System, NullLogger.Instance);
}
