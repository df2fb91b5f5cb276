using System.Text.Json;
using AkkaWasm.Actors;

namespace AkkaWasm.Service.Http;

/// <summary>
/// <c>/livez</c>: whether the process is to be left alone; <c>/readyz</c>: whether it serves; <c>/healthz</c>: the same with all details.
/// </summary>
internal static class HealthEndpoints
{
    public static Task LiveAsync(HttpContext http, NodeStatus status) => WriteAsync(http, status, status.State is not (NodeState.Failed or NodeState.Stopped), details: false);

    public static Task ReadyAsync(HttpContext http, NodeStatus status) => WriteAsync(http, status, status.IsReady, details: false);

    public static Task HealthAsync(HttpContext http, NodeStatus status) => WriteAsync(http, status, status.IsReady, details: true);

    private static Task WriteAsync(HttpContext http, NodeStatus status, bool good, bool details)
    {
        http.Response.Headers.CacheControl = "no-store";
        return JsonResponse.WriteAsync(http, good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", good ? "ok" : "unavailable");
            json.WriteString("state", status.State.ToString().ToLowerInvariant());
            if (status.Problem is { } problem) json.WriteString("reason", problem);
            if (details) WriteDetails(json, status);
            json.WriteEndObject();
        });
    }

    private static void WriteDetails(Utf8JsonWriter json, NodeStatus status)
    {
        json.WriteNumber("epoch", status.Epoch);
        json.WriteNumber("committed_offset", status.CommittedOffset);
        WriteLoad(json, status.Load);
        json.WriteStartArray("sources");
        foreach (var source in status.Sources)
        {
            json.WriteStartObject();
            json.WriteString("name", source.Name);
            json.WriteString("state", source.State.ToString().ToLowerInvariant());
            json.WriteNumber("elements", source.Elements);
            if (source.Problem is { } problem) json.WriteString("reason", problem);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteLoad(Utf8JsonWriter json, NodeLoad load)
    {
        json.WriteStartObject("agents");
        json.WriteNumber("awake", load.Awake);
        json.WriteNumber("asleep", load.Asleep);
        json.WriteNumber("queued", load.Queued);
        json.WriteNumber("max_awake", load.MaxAwake);
        json.WriteEndObject();
        json.WriteNumber("resident_bytes", load.ResidentBytes);
    }
}
