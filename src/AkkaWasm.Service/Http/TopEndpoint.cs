using System.Globalization;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Service.Http;

/// <summary>
/// <c>GET /v1/agents?sort=lag&amp;limit=50&amp;names=PATTERN</c>: the first agents in an order. The node puts them in order and cuts, at the cost of those that have
/// something to do: however many agents are known, no more than the limit go over the wire.
/// </summary>
internal static class TopEndpoint
{
    /// <summary>How many where nothing is said.</summary>
    public const int DefaultLimit = 50;

    private static readonly string[] Words = [.. Enum.GetNames<AgentOrder>().Select(name => name.ToLowerInvariant())];

    /// <summary>The orders that there are, as they are said.</summary>
    public static IReadOnlyList<string> Orders => Words;

    /// <summary>Whether a request asks for that, and not for all agents.</summary>
    public static bool IsMeant(HttpRequest request) => request.Query.ContainsKey("sort") || request.Query.ContainsKey("limit") || request.Query.ContainsKey("names");

    public static async Task HandleAsync(HttpContext http, IMeshNode node)
    {
        var query = http.Request.Query;
        if (Read(query["sort"].FirstOrDefault(), query["limit"].FirstOrDefault(), query["names"].FirstOrDefault(), out var order, out var limit, out var names) is { } problem)
        {
            await new Problem(StatusCodes.Status400BadRequest, problem).WriteAsync(http);
            return;
        }
        var top = await node.TopAsync(order, limit, names, http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("sort", Words[(int)order]);
            json.WriteNumber("active", top.Active);
            json.WriteNumber("known", top.Known);
            json.WriteStartArray("agents");
            foreach (var agent in top.Agents) AgentJson.Write(json, agent);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <returns>One sentence that says what is wrong, or null.</returns>
    private static string? Read(string? sort, string? most, string? pattern, out AgentOrder order, out int limit, out TopicPattern? names)
    {
        (order, limit, names) = (AgentOrder.Lag, DefaultLimit, null);
        if (!string.IsNullOrEmpty(sort))
        {
            var found = Array.IndexOf(Words, sort);
            if (found < 0) return $"'sort' must be one of {string.Join(", ", Words)} but is '{sort}'.";
            order = (AgentOrder)found;
        }
        if (!string.IsNullOrEmpty(most) && !(int.TryParse(most, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit > 0)) return $"'limit' must be a number from 1 up but is '{most}'.";
        if (string.IsNullOrEmpty(pattern)) return null;
        pattern = pattern.Replace('/', '.');
        if (TopicPattern.Check(pattern) is { } problem) return $"'names' must be a pattern over names of agents, as monitors/*: {problem}.";
        names = TopicPattern.Parse(pattern);
        return null;
    }
}
