using System.Globalization;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Service.Http;

/// <summary>
/// <c>/v1/quarantine</c>: what was put aside, of all agents; found by <c>agent</c>, <c>code</c>, <c>from</c> and <c>before</c>. <c>POST …/release</c> and
/// <c>DELETE</c> do so with all that are found, one after the other; without any condition they want <c>all=true</c>.
/// </summary>
internal static class QuarantineEndpoints
{
    public const string Path = "/v1/quarantine";

    /// <summary>Most problems that an answer tells of.</summary>
    private const int MaxProblems = 20;

    public static async Task ListAsync(HttpContext http, IMeshNode node)
    {
        if (await FilterAsync(http, isList: true) is not { } filter) return;
        var found = await node.QuarantineAsync(filter, http.RequestAborted);
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("events");
            foreach (var e in found) AgentJson.Write(json, e);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public static Task ReleaseAsync(HttpContext http, IMeshNode node) => ForEachAsync(http, node, "released", e => node.ReleaseAsync(e.Agent, e.Input, null, http.RequestAborted));

    public static Task DropAsync(HttpContext http, IMeshNode node) => ForEachAsync(http, node, "dropped", e => node.DropAsync(e.Agent, e.Input, http.RequestAborted));

    private static async Task ForEachAsync(HttpContext http, IMeshNode node, string done, Func<QuarantinedEvent, Task<string?>> act)
    {
        if (await FilterAsync(http, isList: false) is not { } filter) return;
        var (count, problems) = (0, new List<string>());
        foreach (var e in await node.QuarantineAsync(filter, http.RequestAborted))
        {
            if (await act(e) is { } problem) problems.Add(problem);
            else count++;
        }
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber(done, count);
            json.WriteNumber("refused", problems.Count);
            json.WriteStartArray("problems");
            foreach (var problem in problems.Take(MaxProblems)) json.WriteStringValue(problem);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <returns>The filter, or null if it was refused, which then is the answer.</returns>
    private static async Task<QuarantineFilter?> FilterAsync(HttpContext http, bool isList)
    {
        var query = http.Request.Query;
        string? Text(string name) => query[name].FirstOrDefault() is { Length: > 0 } text ? text : null;
        foreach (var name in new[] { "from", "before" })
        {
            if (Text(name) is not { } text || TimeNs(text) is not null) continue;
            await new Problem(StatusCodes.Status400BadRequest, $"'{name}' must be a time as 2026-01-31T12:00:00Z but is '{text}'.").WriteAsync(http);
            return null;
        }
        var filter = new QuarantineFilter { Agent = Text("agent"), Code = Text("code"), FromNs = TimeNs(Text("from")), BeforeNs = TimeNs(Text("before")) };
        if (isList || filter != QuarantineFilter.All || Text("all") == "true") return filter;
        await new Problem(StatusCodes.Status400BadRequest, "Say which events are meant: by agent, code, from or before; or all=true for all of them.").WriteAsync(http);
        return null;
    }

    private static long? TimeNs(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? (time - DateTimeOffset.UnixEpoch).Ticks * 100 : null;
}
