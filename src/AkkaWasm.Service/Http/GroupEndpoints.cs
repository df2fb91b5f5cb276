using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Http;

/// <summary>What operators see of groups and do to them: <c>GET /v1/groups</c>, <c>POST /v1/groups/NAME/pause</c> and <c>resume</c>.</summary>
internal static class GroupEndpoints
{
    /// <summary>The path under which groups are.</summary>
    public const string Path = "/v1/groups";

    /// <summary>All groups, in the order of the topology.</summary>
    public static async Task ListAsync(HttpContext http, IMeshNode node)
    {
        var groups = await node.GroupsAsync(http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteList("groups", groups, group =>
            {
                json.WriteStartObject();
                json.WriteString("name", group.Name);
                json.WriteString("parent", group.Parent);
                json.WriteString("state", group.Paused ? "paused" : "running");
                json.WriteNumber("agents", group.Agents);
                json.WriteEndObject();
            });
            json.WriteEndObject();
        });
    }

    /// <summary>204 when it is done and committed, 404 without such a group, otherwise 409 with the reason.</summary>
    public static async Task OperateAsync(HttpContext http, IMeshNode node)
    {
        var (name, verb) = ((string)http.GetRouteValue("name")!, (string)http.GetRouteValue("verb")!);
        var known = (await node.GroupsAsync(http.RequestAborted)).Select(g => g.Name).ToArray();
        var problem = verb switch
        {
            "pause" => await node.PauseGroupAsync(name, http.RequestAborted),
            "resume" => await node.ResumeGroupAsync(name, http.RequestAborted),
            _ => $"A group can be paused (pause) and go on (resume), but not '{verb}'.",
        };
        if (problem is null) http.Response.StatusCode = StatusCodes.Status204NoContent;
        else await new Problem(known.Contains(name) && verb is "pause" or "resume" ? StatusCodes.Status409Conflict : StatusCodes.Status404NotFound, problem).WriteAsync(http);
    }
}
