using System.Net;
using System.Net.Sockets;
using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace AkkaWasm.Service.Http;

/// <summary>The address or port of the HTTP interface cannot be had.</summary>
/// <param name="message">One sentence: which, why, what to do.</param>
/// <param name="inner">The cause.</param>
internal sealed class ListenException(string message, Exception inner) : Exception(message, inner);

/// <summary>The HTTP interface: what is served where. It listens before the node is ready and says so.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Metrics metrics;
    private readonly HistoryEndpoints history;
    private Task? stopped;

    private HttpServer(WebApplication app, Metrics metrics, HistoryEndpoints history)
    {
        this.history = history;
        this.app = app;
        this.metrics = metrics;
    }

    /// <summary>Where it listens, with the port that was found if any was wanted.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Listens on exactly what is configured.</summary>
    /// <exception cref="ListenException">The address or port cannot be had.</exception>
    public static async Task<HttpServer> StartAsync(
        HttpOptions options, NodeAccess nodes, ILoggerFactory logs, TimeProvider time, Func<IOfflineLog>? openLog = null, CancellationToken cancellation = default)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs).AddSingleton<IHostLifetime, NoLifetime>().AddRoutingCore();
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("akkawasm")).WithMetrics(metrics => metrics
            .AddMeter(Metrics.MeterName, "Microsoft.AspNetCore.Hosting", "System.Runtime").AddPrometheusExporter());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.Address, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        });
        var server = new HttpServer(builder.Build(), new Metrics(nodes), new HistoryEndpoints(options, openLog));
        server.Map(options, nodes, time);
        try
        {
            await server.app.StartAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await server.DisposeAsync();
            var address = new IPEndPoint(options.Address, options.Port);
            throw new ListenException($"the address {address} cannot be listened on: {Reason(e)}; choose another with --set akka-wasm.http.port=…, or 0 for any that is free", e);
        }
        server.Url = new Uri(server.app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
        return server;
    }

    /// <summary>Whether it was stopped, or stopped by itself.</summary>
    public bool HasStopped => stopped is not null || app.Lifetime.ApplicationStopped.IsCancellationRequested;

    /// <summary>Ends open streams, lets running requests finish and stops to listen.</summary>
    public ValueTask DisposeAsync() => new(stopped ??= StopAsync());

    private async Task StopAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        history.Dispose();
        metrics.Dispose();
    }

    private static readonly (string Method, string Path, Func<HttpContext, IMeshNode, Task> Handle)[] Topology =
    [
        (HttpMethods.Get, "/v1/topology", TopologyEndpoints.ShowAsync),
        (HttpMethods.Get, "/v1/topology/history", TopologyEndpoints.HistoryAsync),
        (HttpMethods.Get, CanaryEndpoints.Path, CanaryEndpoints.ListAsync),
        (HttpMethods.Post, CanaryEndpoints.Path + "/{name}/{verb}", CanaryEndpoints.DecideAsync),
        (HttpMethods.Post, "/v1/topology/plan", TopologyEndpoints.PlanAsync),
        (HttpMethods.Post, "/v1/topology/apply", TopologyEndpoints.ApplyAsync),
        (HttpMethods.Post, "/v1/topology/rollback", TopologyEndpoints.RollbackAsync),
        (HttpMethods.Get, GroupEndpoints.Path, GroupEndpoints.ListAsync),
        (HttpMethods.Post, GroupEndpoints.Path + "/{name}/{verb}", GroupEndpoints.OperateAsync),
        (HttpMethods.Get, RuleEndpoints.Path, RuleEndpoints.ListAsync),
        (HttpMethods.Get, RuleEndpoints.Path + "/{name}", RuleEndpoints.ShowAsync),
        (HttpMethods.Get, PoolEndpoints.Path, PoolEndpoints.ListAsync),
        (HttpMethods.Get, PoolEndpoints.Path + "/{name}", PoolEndpoints.ShowAsync),
        (HttpMethods.Post, PoolEndpoints.Path + "/{name}/resize", PoolEndpoints.ResizeAsync),
        (HttpMethods.Get, "/v1/modules", ModuleEndpoints.ListAsync),
        (HttpMethods.Post, "/v1/modules", ModuleEndpoints.PushAsync),
        (HttpMethods.Post, "/v1/modules/verify", ModuleEndpoints.VerifyAsync),
        (HttpMethods.Post, "/v1/modules/gc", ModuleEndpoints.CollectAsync),
        (HttpMethods.Get, "/v1/modules/{hash}", ModuleEndpoints.ShowAsync),
        (HttpMethods.Get, "/v1/modules/{hash}/content", ModuleEndpoints.ContentAsync),
        (HttpMethods.Put, "/v1/modules/{hash}/signatures", ModuleEndpoints.SignAsync),
        (HttpMethods.Head, "/v1/modules/{hash}", ArtefactEndpoints.ModuleAsync),
        (HttpMethods.Put, "/v1/modules/{hash}", ArtefactEndpoints.ModuleAsync),
        (HttpMethods.Head, "/v1/folders/{hash}", ArtefactEndpoints.FolderAsync),
        (HttpMethods.Put, "/v1/folders/{hash}", ArtefactEndpoints.FolderAsync),
    ];

    private void Map(HttpOptions options, NodeAccess nodes, TimeProvider time)
    {
        var gatekeeper = new Gatekeeper(options);
        var publish = new PublishEndpoint(options, metrics);
        var stream = new StreamEndpoint(options, metrics, time, app.Lifetime.ApplicationStopping);
        app.Use((http, next) => gatekeeper.Check(http) is { } refused ? refused.WriteAsync(http) : Guard(http, next, options));
        app.MapGet("/livez", http => HealthEndpoints.LiveAsync(http, nodes.Status));
        app.MapGet("/readyz", http => HealthEndpoints.ReadyAsync(http, nodes.Status));
        app.MapGet("/healthz", http => HealthEndpoints.HealthAsync(http, nodes));
        app.MapPost("/v1/events", http => WithNode(http, publish.HandleAsync));
        app.MapGet("/v1/topics/{pattern}/stream", http => WithNode(http, stream.HandleAsync));
        app.MapGet("/v1/agents", http => WithNode(http, AgentEndpoints.ListAsync));
        app.MapMethods("/v1/agents/{**path}", ["GET", "POST", "DELETE"], http => WithNode(http, (context, node) => AgentEndpoints.HandleAsync(context, node, history)));
        app.MapGet("/v1/log", history.LogAsync);
        app.MapGet("/v1/log/why/{position}", history.WhyAsync);
        app.MapGet("/v1/mesh/state", history.MeshAsync);
        app.MapPost("/v1/mesh/rewind", http => WithNode(http, TimeTravelEndpoints.RewindAsync));
        app.MapPost("/v1/topology/trial", http => WithNode(http, history.TrialAsync));
        foreach (var (method, path, handle) in Topology) app.MapMethods(path, [method], http => WithNode(http, handle));
        app.MapGet(QuarantineEndpoints.Path, http => WithNode(http, QuarantineEndpoints.ListAsync));
        app.MapDelete(QuarantineEndpoints.Path, http => WithNode(http, QuarantineEndpoints.DropAsync));
        app.MapPost(QuarantineEndpoints.Path + "/release", http => WithNode(http, QuarantineEndpoints.ReleaseAsync));
        app.UseWhen(http => http.Request.Path == "/metrics", branch => branch.Use(async (http, next) =>
        {
            await metrics.RefreshAsync(http.RequestAborted);
            await next(http);
        }));
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapFallback(http =>
            new Problem(StatusCodes.Status404NotFound, $"There is nothing at {http.Request.Path}; see /v1/events, /v1/topics/…/stream, /v1/agents, /v1/topology, /v1/modules, /v1/log, /healthz, /metrics.").WriteAsync(http));

        Task WithNode(HttpContext http, Func<HttpContext, IMeshNode, Task> handle) => nodes.Current is { } node
            ? handle(http, node)
            : new Problem(StatusCodes.Status503ServiceUnavailable, $"{nodes.Status.Problem} Try again later.") { RetryAfter = options.RetryAfter }.WriteAsync(http);
    }

    /// <summary>What goes wrong below becomes a problem document, unless the answer has begun.</summary>
    private static async Task Guard(HttpContext http, RequestDelegate next, HttpOptions options)
    {
        try
        {
            await next(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (LogBeginsLaterException e) when (!http.Response.HasStarted)
        {
            await new Problem(StatusCodes.Status410Gone, e.Message).WriteAsync(http);
        }
        catch (MeshNodeException e) when (!http.Response.HasStarted)
        {
            await new Problem(StatusCodes.Status503ServiceUnavailable, $"The node cannot answer: {e.Message}") { RetryAfter = options.RetryAfter }.WriteAsync(http);
        }
        catch (BadHttpRequestException e) when (!http.Response.HasStarted)
        {
            await new Problem(e.StatusCode, e.Message).WriteAsync(http);
        }
    }

    private static string Reason(Exception e) => e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException ? "another process listens there" : e.Message.TrimEnd('.');

    /// <summary>Signals are the host's business, not the web server's.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
