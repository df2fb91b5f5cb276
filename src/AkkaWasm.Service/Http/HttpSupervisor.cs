using System.Net;
using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hosting;

namespace AkkaWasm.Service.Http;

/// <summary>
/// Supervises the HTTP interface: asks it now and then whether it is alive, and where it is not, begins it again on the same address. An address that
/// cannot be had is tried again with every look; the mesh goes on meanwhile.
/// </summary>
internal sealed class HttpSupervisor : IAsyncDisposable
{
    private const string Component = "http";

    /// <summary>So many looks in a row without an answer, and the interface is begun again.</summary>
    private const int SilentLooks = 3;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>After looks that failed the next one waits twice as long each time, up to this.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly Func<int?, Task<HttpServer>> start;
    private readonly NodeAccess nodes;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly HttpClient client = new() { Timeout = LookEvery };
    private readonly CancellationTokenSource stopping = new();
    private HttpServer? server;
    private Task watching = Task.CompletedTask;
    private int silentLooks;
    private int failedLooks;
    private int restarts;
    private string? lastProblem;

    private HttpSupervisor(Func<int?, Task<HttpServer>> start, HttpServer server, NodeAccess nodes, TimeProvider time, ILogger log)
    {
        this.start = start;
        this.server = server;
        this.nodes = nodes;
        this.time = time;
        this.log = log;
        Url = server.Url;
        Show(ComponentState.Running, null);
    }

    /// <summary>Where it listens, with the port that was found if any was wanted; stays the same.</summary>
    public Uri Url { get; }

    /// <summary>The interface that runs now, or null while none does.</summary>
    public HttpServer? Server => server;

    /// <summary>Begins the interface.</summary>
    /// <param name="options">Where it listens.</param>
    /// <param name="start">Begins one with these options.</param>
    /// <param name="nodes">Is told how it is.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log.</param>
    /// <exception cref="ListenException">The address or port cannot be had.</exception>
    public static async Task<HttpSupervisor> StartAsync(HttpOptions options, Func<HttpOptions, Task<HttpServer>> start, NodeAccess nodes, TimeProvider time, ILogger log) =>
        new(port => start(port is { } found ? options with { Port = found } : options), await start(options), nodes, time, log);

    /// <summary>Looks after it from now on.</summary>
    public HttpSupervisor Watch()
    {
        watching = WatchAsync();
        return this;
    }

    /// <summary>One look: whether it answers; if it has not for a few looks, it is begun again. Whatever goes wrong with that is shown, and tried again.</summary>
    /// <returns>How long to wait before the next look.</returns>
    /// <exception cref="OperationCanceledException">The supervisor ends.</exception>
    public async Task<TimeSpan> LookAsync()
    {
        try
        {
            await LookOnceAsync();
            if (failedLooks > 0) Show(server is null ? ComponentState.Restarting : ComponentState.Running, lastProblem);
            failedLooks = 0;
            return LookEvery;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            failedLooks++;
            log.HttpLookFailed(Url.ToString(), e);
            Show(server is null ? ComponentState.Restarting : ComponentState.Running, $"The HTTP interface could not be looked after: {e.Message}");
            var doubled = LookEvery * Math.Pow(2, Math.Min(failedLooks, 10));
            return doubled < LongestWait ? doubled : LongestWait;
        }
    }

    private async Task LookOnceAsync()
    {
        if (server is not null && await AnswersAsync())
        {
            silentLooks = 0;
            return;
        }
        if (server is not null && !server.HasStopped && ++silentLooks < SilentLooks) return;
        await BeginAgainAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await watching;
        if (server is not null) await server.DisposeAsync();
        client.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            for (var wait = LookEvery; ; wait = await LookAsync()) await Task.Delay(wait, time, stopping.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The node ends.
        }
    }

    /// <summary>Any answer will do: what the node has to say is not the interface's business.</summary>
    private async Task<bool> AnswersAsync()
    {
        var any = IPAddress.TryParse(Url.Host.Trim('[', ']'), out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        var here = any ? new UriBuilder(Url) { Host = "localhost" }.Uri : Url;
        try
        {
            using var answer = await client.GetAsync(new Uri(here, "/livez"), stopping.Token);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !stopping.IsCancellationRequested))
        {
            return false;
        }
    }

    private async Task BeginAgainAsync()
    {
        const string Why = "The HTTP interface did not answer any more.";
        if (server is not null)
        {
            log.HttpIsSilent(Url.ToString());
            Show(ComponentState.Restarting, Why);
            var silent = server;
            server = null;
            await silent.DisposeAsync();
        }
        try
        {
            server = await start(Url.Port);
            restarts++;
            silentLooks = 0;
            Show(ComponentState.Running, Why);
        }
        catch (ListenException e)
        {
            Show(ComponentState.Restarting, $"{e.Message}.");
        }
    }

    private void Show(ComponentState state, string? problem)
    {
        lastProblem = problem;
        nodes.Http = new ComponentStatus(Component, state, restarts, problem, problem is null ? null : time.GetUtcNow());
    }
}
