using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Http;

/// <summary>
/// <c>/v1/topology</c>, <c>/plan</c>, <c>/apply</c>, <c>/rollback</c>, <c>/history</c>. The entity tag of a topology is the position where it came into
/// force; a change that says <c>If-Match</c> is made only if that topology is still in force.
/// </summary>
internal static class TopologyEndpoints
{
    /// <summary>What the author of a change is called.</summary>
    private const string Author = TopologyAuthor.Operator;

    /// <summary>The topology in force, or with <c>?at=POSITION</c> that of then, as a configuration that can be applied again.</summary>
    public static async Task ShowAsync(HttpContext http, IMeshNode node)
    {
        var running = await node.TopologyAsync(http.RequestAborted);
        var topology = running.Topology;
        if (PositionOf(http, "at") is { } at)
        {
            var (then, problem) = await node.TopologyAtAsync(at, cancellation: http.RequestAborted);
            if (then is null)
            {
                await new Problem(StatusCodes.Status404NotFound, problem!).WriteAsync(http);
                return;
            }
            topology = then;
        }
        else http.Response.Headers.ETag = Tag(running.At);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => TopologyJson.Write(json, topology));
    }

    /// <summary>The last changes, oldest first.</summary>
    public static async Task HistoryAsync(HttpContext http, IMeshNode node)
    {
        var running = await node.TopologyAsync(http.RequestAborted);
        http.Response.Headers.ETag = Tag(running.At);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("position", running.At.ToString());
            PlanJson.WriteChanges(json, "changes", running.Changes, offset => offset == running.At.Offset ? running.At.ToString() : $"{offset}");
            json.WriteList("watched", running.Canaries, canary => PlanJson.WriteCanary(json, canary));
            json.WriteEndObject();
        });
    }

    /// <summary>What it takes to change the topology; nothing is changed.</summary>
    public static async Task PlanAsync(HttpContext http, IMeshNode node)
    {
        if (await ReadAsync(http, node) is not { } target) return;
        await WriteAsync(http, await node.PlanTopologyAsync(target with { Moves = MovesOf(http), Canary = CanaryQuery.Read(http.Request.Query) }, http.RequestAborted));
    }

    /// <summary>Changes the topology to that in the body.</summary>
    public static async Task ApplyAsync(HttpContext http, IMeshNode node)
    {
        if (await ReadAsync(http, node) is { } target) await ApplyAsync(http, node, target with { Moves = MovesOf(http) }, http.Request.Query["reason"].FirstOrDefault() ?? "");
    }

    /// <summary>Changes the topology to that which was in force at <c>?to=POSITION</c>; with <c>?dry_run=true</c> it only says what that takes.</summary>
    public static async Task RollbackAsync(HttpContext http, IMeshNode node)
    {
        if (PositionOf(http, "to") is not { } to) throw new BadHttpRequestException("Say where to, as ?to=0-1-1707.");
        var (then, problem) = await node.TopologyAtAsync(to, asTarget: true, http.RequestAborted);
        if (then is null) await new Problem(StatusCodes.Status404NotFound, problem!).WriteAsync(http);
        else if (http.Request.Query["dry_run"] == "true")
            await WriteAsync(http, await node.PlanTopologyAsync(new TopologyTarget(then) { Moves = MovesOf(http), Canary = CanaryQuery.Read(http.Request.Query) }, http.RequestAborted));
        else await ApplyAsync(http, node, new TopologyTarget(then) { Moves = MovesOf(http) }, http.Request.Query["reason"].FirstOrDefault() ?? $"back to {to}");
    }

    private static async Task ApplyAsync(HttpContext http, IMeshNode node, TopologyTarget target, string reason)
    {
        if (reason.Length > TopologyChangeRecord.MaxText) throw new BadHttpRequestException($"The reason has {reason.Length} characters, at most {TopologyChangeRecord.MaxText} are possible.");
        var answer = await node.ApplyTopologyAsync(target with { Canary = CanaryQuery.Read(http.Request.Query) }, BasedOn(http), Author, reason, DrainOf(http), http.RequestAborted);
        http.Response.Headers.ETag = Tag(answer.At);
        if (answer.Outcome is TopologyOutcome.Applied or TopologyOutcome.Unchanged) await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => WriteAnswer(json, answer));
        else await RefuseAsync(http, answer);
    }

    /// <summary>How long agents that go may take to handle what waits for them: <c>?drain=30s</c>.</summary>
    private static TimeSpan? DrainOf(HttpContext http)
    {
        if (http.Request.Query["drain"].FirstOrDefault() is not { } text) return null;
        return HoconUnits.TryParseDuration(text, out var time) && time >= TimeSpan.Zero
            ? time
            : throw new BadHttpRequestException($"'drain' must be a time as 30s or 5 minutes but is '{text}'.");
    }

    private static void WriteAnswer(Utf8JsonWriter json, TopologyAnswer answer)
    {
        json.WriteStartObject();
        json.WriteString("outcome", HoconCursor.KebabCase(answer.Outcome.ToString()));
        json.WriteString("position", answer.At.ToString());
        PlanJson.WriteFields(json, answer.Plan);
        json.WriteEndObject();
    }

    private static Task WriteAsync(HttpContext http, PlannedTopology planned)
    {
        http.Response.Headers.ETag = Tag(planned.BasedOn);
        return JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("based_on", planned.BasedOn.ToString());
            PlanJson.WriteFields(json, planned.Plan);
            json.WriteEndObject();
        });
    }

    /// <summary>412 with what changed meanwhile, or 422 with what is wrong.</summary>
    private static Task RefuseAsync(HttpContext http, TopologyAnswer answer)
    {
        var isStale = answer.Outcome == TopologyOutcome.Stale;
        http.Response.StatusCode = isStale ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status422UnprocessableEntity;
        http.Response.ContentType = "application/problem+json";
        return JsonResponse.WriteBodyAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "about:blank");
            json.WriteString("title", isStale ? "Precondition Failed" : "Unprocessable Entity");
            json.WriteNumber("status", http.Response.StatusCode);
            json.WriteString("detail", isStale ? Stale(answer) : $"{answer.Plan.Problems[0].Path}: {answer.Plan.Problems[0].Message}");
            json.WriteString("position", answer.At.ToString());
            if (isStale) PlanJson.WriteChanges(json, "since", answer.Since, offset => $"{offset}");
            PlanJson.WriteFields(json, answer.Plan);
            json.WriteEndObject();
        });
    }

    private static string Stale(TopologyAnswer answer)
    {
        var since = answer.Since is [.., var last] ? $" (the last change, by {last.Author}: {last.Summary})" : "";
        return $"The topology changed meanwhile: in force is that of {answer.At}{since}; plan again and apply what you then see.";
    }

    /// <summary>The topology of the body; if it is none, that is answered and null returned.</summary>
    public static async Task<TopologyTarget?> ReadAsync(HttpContext http, IMeshNode node)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        string problem;
        try
        {
            return TopologyText.Read(text, new ModuleNamesInUse("the store of this node", reference => node.ModuleRegistry.Resolve(reference)));
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException($"The body is no JSON: {e.Message}");
        }
        catch (HoconException e)
        {
            problem = e.Message;
        }
        catch (ConfigurationException e)
        {
            problem = e.Problems[0];
        }
        await new Problem(StatusCodes.Status400BadRequest, problem.EndsWith('.') ? problem : problem + ".").WriteAsync(http);
        return null;
    }

    /// <summary>How states are to be moved: <c>?state=WAY</c> or <c>?state=NAME=WAY,NAME=WAY</c>.</summary>
    public static IReadOnlyDictionary<string, MoveRequest> MovesOf(HttpContext http)
    {
        var (moves, problem) = MoveText.Read(http.Request.Query["state"].FirstOrDefault() ?? "");
        return moves ?? throw new BadHttpRequestException(problem!);
    }

    /// <summary>Offset of the topology that <c>If-Match</c> names; null where it names none.</summary>
    public static long? BasedOn(HttpContext http)
    {
        if (http.Request.Headers.IfMatch.FirstOrDefault() is not { } tag || tag == "*") return null;
        return Position.TryParse(tag.Trim('"'), out var position)
            ? position.Offset
            : throw new BadHttpRequestException($"If-Match must be the entity tag of a topology but is '{tag}'; take it from the answer to GET /v1/topology or to a plan.");
    }

    private static long? PositionOf(HttpContext http, string name)
    {
        if (http.Request.Query[name].FirstOrDefault() is not { } text) return null;
        return Position.TryParse(text, out var position)
            ? position.Offset
            : throw new BadHttpRequestException($"The parameter '{name}' must be a position but is '{text}'; write one as 0-1-1707, or an offset.");
    }

    private static string Tag(Position position) => $"\"{position}\"";
}
