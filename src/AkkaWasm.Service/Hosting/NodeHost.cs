using AkkaWasm.Actors;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Hosting;

/// <summary>A node as a process: HTTP interface, logs, signals, and the order in which they begin and end.</summary>
internal static class NodeHost
{
    /// <summary>Serves until a signal comes or, if wanted, until nothing is left to do; then drains.</summary>
    /// <returns>What the mesh has done, if it was to end when idle; otherwise null.</returns>
    /// <exception cref="MeshNodeException">The node cannot start or go on.</exception>
    /// <exception cref="ListenException">The address or port cannot be had.</exception>
    /// <exception cref="CliException">A signal came before the mesh was idle.</exception>
    public static async Task<MeshSummary?> RunAsync(ServiceConfiguration configuration, bool untilIdle, CliContext context, CancellationToken cancellation)
    {
        using var signals = new StopSignals(cancellation);
        using var logging = new Logging(configuration.Log, context.Error);
        var log = logging.Factory.CreateLogger("AkkaWasm.Service");
        var options = configuration.Node with { Logs = logging.Factory };
        var nodes = new NodeAccess();
        IOfflineLog OpenLog() => context.OpenLog(new LogLocation(options.DataFolder, options.Journal, options.Snapshots)
        {
            Retention = options.Retention, Limits = options.Shard, MaxReplayTurns = configuration.MaxReplayTurns, Trials = configuration.Trials,
        });
        Task<HttpServer> StartHttpAsync(HttpOptions where) => HttpServer.StartAsync(where, nodes, logging.Factory, options.Time, OpenLog, signals.Token);
        await using var http = (await HttpSupervisor.StartAsync(configuration.Http, StartHttpAsync, nodes, options.Time, log)).Watch();
        if (await StartAsync(context, options, signals, log) is not { } node) return null;
        await using (node)
        {
            nodes.Open(node);
            var file = Announce(configuration, http.Url, context, log);
            try
            {
                return await ServeAsync(node, untilIdle, context, logging, signals, log);
            }
            catch (MeshNodeException e)
            {
                log.Failed(e);
                throw;
            }
            finally
            {
                file?.Remove(options.DataFolder);
                await http.DisposeAsync();
                await DrainAsync(node, log);
            }
        }
    }

    private static async Task<IMeshNode?> StartAsync(CliContext context, MeshNodeOptions options, StopSignals signals, ILogger log)
    {
        try
        {
            return await context.StartNode(options, signals.Token);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            log.Draining(signals.Name);
            return null;
        }
    }

    private static async Task<MeshSummary?> ServeAsync(IMeshNode node, bool untilIdle, CliContext context, Logging logging, StopSignals signals, ILogger log)
    {
        var work = untilIdle ? ProgressBar.ShowAsync(context, node, logging, node.WhenIdleAsync(signals.Token)) : WaitAsync(signals.Token);
        try
        {
            await await Task.WhenAny(work, node.Completion);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            log.Draining(signals.Name);
            if (untilIdle) throw new CliException(ExitCode.Failed, $"{ErrorReport.AsClause(signals.Name)} came before the mesh was idle; serve it again to go on where it is");
            return null;
        }
        if (!untilIdle) return null;
        log.Idle();
        return await node.SummaryAsync(CancellationToken.None);
    }

    private static Task WaitAsync(CancellationToken cancellation) => Task.Delay(Timeout.Infinite, cancellation);

    private static NodeFile? Announce(ServiceConfiguration configuration, Uri url, CliContext context, ILogger log)
    {
        var folder = configuration.Node.DataFolder;
        log.Serving(configuration.Node.Topology.Name, url.ToString(), folder, Environment.ProcessId);
        context.Error.WriteLine($"listening on {url}");
        var file = new NodeFile(Environment.ProcessId, url);
        try
        {
            file.Write(folder);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NoNodeFile(NodeFile.PathIn(folder), e.Message);
            return null;
        }
    }

    private static async Task DrainAsync(IMeshNode node, ILogger log)
    {
        if (node.Completion.IsCompleted) return;
        await node.DrainAsync(CancellationToken.None);
        log.Drained();
    }
}
