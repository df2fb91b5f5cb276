using System.Globalization;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Service.Http;

/// <summary>
/// <c>/v1/quarantine</c>: what was put aside, of all agents; found by <c>agent</c>, <c>code</c>, <c>from</c> and <c>before</c>. <c>POST …/release</c> and
/// <c>DELETE</c> do so with all that are found in one append, or with none and 409; without any condition they want <c>all=true</c>.
/// </summary>
internal static class QuarantineEndpoints
{
    public const string Path = "/v1/quarantine";

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

    public static Task ReleaseAsync(HttpContext http, IMeshNode node) => EmptyAsync(http, "released", filter => node.ReleaseAsync(filter, http.RequestAborted));

    public static Task DropAsync(HttpContext http, IMeshNode node) => EmptyAsync(http, "dropped", filter => node.DropAsync(filter, http.RequestAborted));

    private static async Task EmptyAsync(HttpContext http, string done, Func<QuarantineFilter, Task<(int Count, string? Problem)>> act)
    {
        if (await FilterAsync(http, isList: false) is not { } filter) return;
        var (count, problem) = await act(filter);
        if (problem is not null)
        {
            await new Problem(StatusCodes.Status409Conflict, problem).WriteAsync(http);
            return;
        }
        await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber(done, count);
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
