using AkkaWasm.Actors;
using Microsoft.AspNetCore.Http.Features;

namespace AkkaWasm.Service.Http;

/// <summary>
/// <c>/v1/agents</c>: all agents; one of them with the hash of its state; the events put aside for it, which can be released (with other data
/// if the request has a body) or dropped.
/// </summary>
internal static class AgentEndpoints
{
    private static readonly Dictionary<(string Method, AgentResource Resource), Func<HttpContext, IMeshNode, AgentPath, Task>> Handlers = new()
    {
        [("GET", AgentResource.Agent)] = GetAsync,
        [("POST", AgentResource.Operation)] = OperatorEndpoints.HandleAsync,
        [("GET", AgentResource.QuarantinedEvent)] = ShowAsync,
        [("GET", AgentResource.Quarantine)] = QuarantineAsync,
        [("POST", AgentResource.Release)] = ReleaseAsync,
        [("DELETE", AgentResource.QuarantinedEvent)] = DropAsync,
        [("POST", AgentResource.Fork)] = TimeTravelEndpoints.ForkAsync,
    };

    private static readonly Dictionary<AgentResource, Func<HistoryEndpoints, HttpContext, string, Task>> Past = new()
    {
        [AgentResource.State] = (history, http, agent) => history.StateAsync(http, agent),
        [AgentResource.Turns] = (history, http, agent) => history.TurnsAsync(http, agent),
        [AgentResource.Difference] = (history, http, agent) => history.DifferenceAsync(http, agent),
    };

    public static async Task ListAsync(HttpContext http, IMeshNode node)
    {
        if (TopEndpoint.IsMeant(http.Request))
        {
            await TopEndpoint.HandleAsync(http, node);
            return;
        }
        var agents = await node.AgentsAsync(http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("agents");
            foreach (var agent in agents.OrderBy(agent => agent.Name, StringComparer.Ordinal)) AgentJson.Write(json, agent);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public static Task HandleAsync(HttpContext http, IMeshNode node, HistoryEndpoints history)
    {
        if (AgentPath.Parse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, http.Request.Method == "POST") is not { } path)
            return new Problem(StatusCodes.Status404NotFound, $"There is nothing at {http.Request.Path}.").WriteAsync(http);
        if (http.Request.Method == "GET" && Past.TryGetValue(path.Resource, out var look)) return look(history, http, path.Name);
        return Handlers.TryGetValue((http.Request.Method, path.Resource), out var handle)
            ? handle(http, node, path)
            : new Problem(StatusCodes.Status405MethodNotAllowed, $"{http.Request.Method} is not possible there.").WriteAsync(http);
    }

    private static async Task GetAsync(HttpContext http, IMeshNode node, AgentPath path)
    {
        if (await node.AgentAsync(path.Name, http.RequestAborted) is not { } agent)
        {
            await NoAgent(path).WriteAsync(http);
            return;
        }
        var hash = await node.StateHashAsync(path.Name, http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => AgentJson.Write(json, agent, hash));
    }

    private static async Task QuarantineAsync(HttpContext http, IMeshNode node, AgentPath path)
    {
        if (await node.AgentAsync(path.Name, http.RequestAborted) is null)
        {
            await NoAgent(path).WriteAsync(http);
            return;
        }
        var quarantined = await node.QuarantineAsync(path.Name, http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("events");
            foreach (var e in quarantined) AgentJson.Write(json, e);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>One event that was put aside, whole, with the reason.</summary>
    private static async Task ShowAsync(HttpContext http, IMeshNode node, AgentPath path)
    {
        var quarantined = (await node.QuarantineAsync(path.Name, http.RequestAborted)).FirstOrDefault(e => e.Input == path.Offset);
        if (quarantined is null || await node.EventAsync(path.Offset, http.RequestAborted) is not { } found)
        {
            await new Problem(StatusCodes.Status404NotFound, $"The agent '{path.Name}' has no event at offset {path.Offset} in quarantine.").WriteAsync(http);
            return;
        }
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => AgentJson.Write(json, quarantined, found));
    }

    private static async Task ReleaseAsync(HttpContext http, IMeshNode node, AgentPath path)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        ReadOnlyMemory<byte>? edited = body.Length > 0 ? body.ToArray() : default(ReadOnlyMemory<byte>?);
        await AnswerAsync(http, await node.ReleaseAsync(path.Name, path.Offset, edited, http.RequestAborted));
    }

    private static async Task DropAsync(HttpContext http, IMeshNode node, AgentPath path) =>
        await AnswerAsync(http, await node.DropAsync(path.Name, path.Offset, http.RequestAborted));

    private static Task AnswerAsync(HttpContext http, string? problem)
    {
        if (problem is not null) return new Problem(StatusCodes.Status404NotFound, problem).WriteAsync(http);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static Problem NoAgent(AgentPath path) =>
        new(StatusCodes.Status404NotFound, $"There is no agent '{path.Name}'; see {AgentPath.Prefix.TrimEnd('/')} for those that are there.");
}
