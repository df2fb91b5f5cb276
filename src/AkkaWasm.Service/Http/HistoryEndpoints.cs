using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Http;

/// <summary>
/// Any moment of the log: an agent's state and turns, the mesh at a cut, causes and effects. Replays run beside the node, on what is committed, a few at a
/// time; one that nobody waits for any more ends.
/// </summary>
internal sealed partial class HistoryEndpoints(HttpOptions options, Func<IOfflineLog>? open) : IDisposable
{
    private const int DefaultSteps = 20;
    private const int MaxDepth = 64;
    private const int MaxEffects = 1_000;

    private readonly SemaphoreSlim replays = new(options.MaxReplays);
    private readonly Lazy<IOfflineLog>? log = open is null ? null : new Lazy<IOfflineLog>(open);

    public void Dispose()
    {
        if (log is { IsValueCreated: true }) log.Value.Dispose();
        replays.Dispose();
    }

    /// <summary><c>GET /v1/agents/NAME/state?at=POSITION</c>.</summary>
    public Task StateAsync(HttpContext http, string agent) => WithQuery(http, query => ReplayAsync(http,
        (past, cancellation) => past.AgentAt(agent, query.Position("at"), cancellation), MomentJson.Write, NoAgent(agent)));

    /// <summary><c>GET /v1/agents/NAME/difference?from=POSITION&amp;to=POSITION</c>.</summary>
    public Task DifferenceAsync(HttpContext http, string agent) => WithQuery(http, query =>
    {
        var (from, to) = (query.Position("from") ?? 0, query.Position("to") ?? long.MaxValue);
        return ReplayAsync(http, (past, cancellation) => past.Compare(agent, from, to, cancellation: cancellation), MomentJson.Write, NoAgent(agent));
    });

    /// <summary><c>GET /v1/agents/NAME/turns?from=POSITION&amp;to=POSITION&amp;limit=COUNT</c>: turns run again; <c>next</c> says where to go on.</summary>
    public Task TurnsAsync(HttpContext http, string agent) => WithQuery(http, query =>
    {
        var (from, to, limit) = (query.Position("from") ?? 0, query.Position("to") ?? long.MaxValue, query.Number("limit", Math.Min(DefaultSteps, options.MaxReplaySteps), 1, options.MaxReplaySteps));
        return ReplayAsync(http, (past, cancellation) => past.Steps(agent, from, to, cancellation: cancellation)?.Take(limit + 1).ToList(), (json, steps) =>
        {
            json.WriteStartObject();
            json.WriteList("turns", steps.Take(limit), step => MomentJson.Write(json, step));
            if (steps.Count > limit) json.WriteString("next", steps[limit].Input.Position.ToString());
            json.WriteEndObject();
        }, NoAgent(agent));
    });

    /// <summary><c>GET /v1/log</c>: what is in the log, where it begins, what could be removed and what holds it.</summary>
    public Task LogAsync(HttpContext http) => ReplayAsync(http, (past, cancellation) => past.Count(cancellation), LogStatisticsJson.Write, "");

    /// <summary><c>GET /v1/log/why/POSITION?forward=true&amp;depth=COUNT&amp;limit=COUNT</c>.</summary>
    public Task WhyAsync(HttpContext http) => WithQuery(http, query =>
    {
        var text = (string)http.Request.RouteValues["position"]!;
        if (!Position.TryParse(text, out var position)) throw new BadHttpRequestException($"The path must end with a position but ends with '{text}'; write one as 0-1-1707, or an offset.");
        var (forward, depth, limit) = (query.Flag("forward"), query.Number("depth", 16, 1, MaxDepth), query.Number("limit", 200, 1, MaxEffects));
        return ReplayAsync(http, (past, cancellation) => past.Why(position.Offset, forward, depth, limit, cancellation), MeshMomentJson.Write, $"The log has no record at {text}.");
    });

    /// <summary><c>GET /v1/mesh/state?at=POSITION&amp;hashes=true</c>.</summary>
    public Task MeshAsync(HttpContext http) => WithQuery(http, query =>
    {
        var (at, hashes) = (query.Position("at"), query.Flag("hashes"));
        return ReplayAsync(http, (past, cancellation) => past.MeshAt(at, hashes, 1, cancellation), MeshMomentJson.Write, "");
    });

    private async Task ReplayAsync<T>(HttpContext http, Func<IOfflineLog, CancellationToken, T?> replay, Action<Utf8JsonWriter, T> write, string missing) where T : class
    {
        if (log is null)
        {
            await new Problem(StatusCodes.Status404NotFound, "This node serves no history.").WriteAsync(http);
            return;
        }
        if (!await replays.WaitAsync(TimeSpan.Zero, http.RequestAborted))
        {
            var why = $"{options.MaxReplays} replays run, no more are allowed at a time (http.max-replays); ask again later.";
            await new Problem(StatusCodes.Status429TooManyRequests, why) { RetryAfter = options.RetryAfter }.WriteAsync(http);
            return;
        }
        try
        {
            var found = await Task.Run(() => replay(log.Value, http.RequestAborted), http.RequestAborted);
            if (found is null) await new Problem(StatusCodes.Status404NotFound, missing).WriteAsync(http);
            else await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => write(json, found));
        }
        catch (Exception e) when (e is ReplayDivergedException or LogCorruptException or MeshNodeException { Failure: NodeFailure.ModuleRefused } && !http.Response.HasStarted)
        {
            await new Problem(StatusCodes.Status500InternalServerError, e.Message).WriteAsync(http);
        }
        catch (MeshNodeException e) when (e.Failure == NodeFailure.Configuration && !http.Response.HasStarted)
        {
            await new Problem(StatusCodes.Status404NotFound, e.Message).WriteAsync(http);
        }
        finally
        {
            replays.Release();
        }
    }

    /// <summary>What of a query is wrong is a refusal that names it.</summary>
    private static Task WithQuery(HttpContext http, Func<HistoryQuery, Task> use) => use(new HistoryQuery(http.Request.Query));

    private static string NoAgent(string agent) => $"The log has no agent '{agent}'; see {AgentPath.Prefix.TrimEnd('/')} for those that are there.";

    /// <summary>Reads the parameters of a query.</summary>
    private readonly struct HistoryQuery(IQueryCollection query)
    {
        public long? Position(string name)
        {
            if (query[name].FirstOrDefault() is not { Length: > 0 } text) return null;
            return Mesh.Events.Position.TryParse(text, out var position)
                ? position.Offset
                : throw new BadHttpRequestException($"The parameter '{name}' must be a position but is '{text}'; write one as 0-1-1707, or an offset.");
        }

        public int Number(string name, int otherwise, int min, int max)
        {
            if (query[name].FirstOrDefault() is not { Length: > 0 } text) return otherwise;
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
                ? number
                : throw new BadHttpRequestException($"The parameter '{name}' must be a number from {min} to {max} but is '{text}'.");
        }

        public bool Flag(string name) => query[name].FirstOrDefault() switch
        {
            null or "false" => false,
            "true" or "" => true,
            var text => throw new BadHttpRequestException($"The parameter '{name}' must be true or false but is '{text}'."),
        };
    }
}
