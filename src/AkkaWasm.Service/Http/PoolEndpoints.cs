using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Http;

/// <summary>What operators see of pools and do to them: <c>GET /v1/pools</c>, <c>GET /v1/pools/NAME</c>, <c>POST /v1/pools/NAME/resize?members=N&amp;reason=TEXT</c>.</summary>
internal static class PoolEndpoints
{
    /// <summary>The path under which pools are.</summary>
    public const string Path = "/v1/pools";

    /// <summary>All pools, by name.</summary>
    public static async Task ListAsync(HttpContext http, IMeshNode node)
    {
        var pools = await node.PoolsAsync(http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteList("pools", pools, pool => Write(json, pool));
            json.WriteEndObject();
        });
    }

    /// <summary>One pool, 404 without such a one.</summary>
    public static async Task ShowAsync(HttpContext http, IMeshNode node)
    {
        if (await FindAsync(http, node) is { } pool) await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => Write(json, pool));
        else await NotThere(http).WriteAsync(http);
    }

    /// <summary>204 when it is done and committed, 400 where the number is none, 404 without such a pool, otherwise 409 with the reason.</summary>
    public static async Task ResizeAsync(HttpContext http, IMeshNode node)
    {
        var query = http.Request.Query;
        if (!int.TryParse(query["members"], NumberStyles.None, CultureInfo.InvariantCulture, out var members))
            await new Problem(StatusCodes.Status400BadRequest, $"'members' must be the number of members that the pool is to have, but is '{query["members"]}'.").WriteAsync(http);
        else if (await FindAsync(http, node) is not { } pool) await NotThere(http).WriteAsync(http);
        else if (await node.ResizePoolAsync(pool.Name, members, query["reason"].FirstOrDefault() ?? "", http.RequestAborted) is { } problem)
            await new Problem(StatusCodes.Status409Conflict, problem).WriteAsync(http);
        else http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<PoolStatus?> FindAsync(HttpContext http, IMeshNode node) =>
        (await node.PoolsAsync(http.RequestAborted)).FirstOrDefault(pool => pool.Name == (string)http.GetRouteValue("name")!);

    private static Problem NotThere(HttpContext http) => new(StatusCodes.Status404NotFound, $"There is no pool '{http.GetRouteValue("name")}'; see {Path} for those that are there.");

    private static void Write(Utf8JsonWriter json, PoolStatus pool)
    {
        json.WriteStartObject();
        json.WriteString("name", pool.Name);
        json.WriteNumber("size", pool.Size);
        json.WriteNumber("min", pool.Policy.Min);
        json.WriteNumber("max", pool.Policy.Max);
        json.WriteNumber("partitions", pool.Policy.Partitions);
        json.WriteNumber("moving", pool.Moving);
        json.WriteNumber("pending", pool.Pending);
        json.WriteNumber("held", pool.Held);
        json.WriteNumber("age_ms", pool.AgeNs / 1_000_000);
        json.WriteString("changed", DateTime.UnixEpoch.AddTicks(pool.ChangedNs / 100));
        json.WriteString("cause", pool.Cause.ToString().ToLowerInvariant());
        json.WriteString("reason", pool.Reason);
        if (pool.WhyKept is { } kept) json.WriteString("kept", kept);
        json.WriteList("members", pool.Members, member => Write(json, member));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PoolMemberStatus member)
    {
        json.WriteStartObject();
        json.WriteString("name", member.Name);
        json.WriteString("role", member.Role.ToString().ToLowerInvariant());
        json.WriteString("state", AgentJson.NameOf(member.State));
        json.WriteNumber("partitions", member.Partitions);
        json.WriteNumber("pending", member.Pending);
        json.WriteNumber("held", member.Held);
        json.WriteNumber("turns", member.Turns);
        json.WriteEndObject();
    }
}
