using AkkaWasm.Actors;
using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Http;

/// <summary>Changed definitions that are watched: <c>GET /v1/topology/canaries</c>, <c>POST /v1/topology/canaries/NAME/promote</c> and <c>abort</c>.</summary>
internal static class CanaryEndpoints
{
    /// <summary>The path under which they are.</summary>
    public const string Path = "/v1/topology/canaries";

    /// <summary>Those that are watched now, by name.</summary>
    public static async Task ListAsync(HttpContext http, IMeshNode node)
    {
        var running = await node.TopologyAsync(http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteList("canaries", running.Canaries, canary => PlanJson.WriteCanary(json, canary));
            json.WriteEndObject();
        });
    }

    /// <summary>204 when it is done and committed, 404 where no such definition is watched, otherwise 409 with the reason.</summary>
    public static async Task DecideAsync(HttpContext http, IMeshNode node)
    {
        var (name, verb) = ((string)http.GetRouteValue("name")!, (string)http.GetRouteValue("verb")!);
        var isWatched = (await node.TopologyAsync(http.RequestAborted)).Canaries.Any(c => c.Definition == name);
        var problem = verb switch
        {
            "promote" => await node.PromoteCanaryAsync(name, http.RequestAborted),
            "abort" => await node.AbortCanaryAsync(name, http.RequestAborted),
            _ => $"A change that is watched can be kept (promote) or taken back (abort), but not '{verb}'.",
        };
        if (problem is null) http.Response.StatusCode = StatusCodes.Status204NoContent;
        else await new Problem(isWatched && verb is "promote" or "abort" ? StatusCodes.Status409Conflict : StatusCodes.Status404NotFound, problem).WriteAsync(http);
    }
}
