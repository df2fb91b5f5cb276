using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Service.Http;

/// <summary>
/// <c>/livez</c>: whether the process is to be left alone; <c>/readyz</c>: whether it serves; <c>/healthz</c>: the same with all details.
/// </summary>
internal static class HealthEndpoints
{
    public static Task LiveAsync(HttpContext http, NodeStatus status) => WriteAsync(http, status, status.State is not (NodeState.Failed or NodeState.Stopped));

    public static Task ReadyAsync(HttpContext http, NodeStatus status) => WriteAsync(http, status, status.IsReady);

    /// <summary>200 with <c>ok</c> or <c>degraded</c> while it serves, 503 with <c>unavailable</c> while it does not.</summary>
    public static async Task HealthAsync(HttpContext http, NodeAccess nodes)
    {
        var status = nodes.Status;
        var health = nodes.Current is { } node ? await node.HealthAsync(http.RequestAborted) : new MeshHealth { Level = HealthLevel.Failing, Reasons = [status.Problem!] };
        http.Response.Headers.CacheControl = "no-store";
        await JsonResponse.WriteAsync(http, health.Level == HealthLevel.Failing ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", health.Level switch { HealthLevel.Ok => "ok", HealthLevel.Degraded => "degraded", _ => "unavailable" });
            WriteState(json, status);
            if (health.Level == HealthLevel.Failing) json.WriteString("detail", string.Join(' ', health.Reasons));
            json.WriteStartArray("reasons");
            foreach (var reason in health.Reasons) json.WriteStringValue(reason);
            json.WriteEndArray();
            WriteDetails(json, status, health);
            json.WriteEndObject();
        });
    }

    private static Task WriteAsync(HttpContext http, NodeStatus status, bool good)
    {
        http.Response.Headers.CacheControl = "no-store";
        return JsonResponse.WriteAsync(http, good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", good ? "ok" : "unavailable");
            WriteState(json, status);
            json.WriteEndObject();
        });
    }

    private static void WriteState(Utf8JsonWriter json, NodeStatus status)
    {
        json.WriteString("state", status.State.ToString().ToLowerInvariant());
        if (status.Problem is { } problem) json.WriteString("reason", problem);
    }

    private static void WriteDetails(Utf8JsonWriter json, NodeStatus status, MeshHealth health)
    {
        json.WriteNumber("epoch", status.Epoch);
        json.WriteNumber("committed_offset", status.CommittedOffset);
        WriteLoad(json, status.Load, health);
        json.WriteNumber("agents_with_quarantine", health.AgentsWithQuarantine);
        json.WriteNumber("quarantined", health.Quarantined);
        json.WriteStartArray("circuits");
        foreach (var (family, state, untilNs) in health.Circuits)
        {
            json.WriteStartObject();
            json.WriteString("family", family);
            json.WriteString("state", state == CircuitState.Open ? "open" : "half-open");
            if (untilNs > 0) json.WriteString("until", DateTime.UnixEpoch.AddTicks(untilNs / 100));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteParts(json, "components", status.Components, c => (c.Name, c.State.ToString(), "restarts", c.Restarts, c.Problem));
        WriteParts(json, "sources", status.Sources, s => (s.Name, s.State.ToString(), "elements", s.Elements, s.Problem));
    }

    private static void WriteParts<T>(Utf8JsonWriter json, string name, IEnumerable<T> parts, Func<T, (string Name, string State, string Counted, long Count, string? Problem)> read)
    {
        json.WriteStartArray(name);
        foreach (var part in parts.Select(read))
        {
            json.WriteStartObject();
            json.WriteString("name", part.Name);
            json.WriteString("state", part.State.ToLowerInvariant());
            json.WriteNumber(part.Counted, part.Count);
            if (part.Problem is not null) json.WriteString("reason", part.Problem);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteLoad(Utf8JsonWriter json, NodeLoad load, MeshHealth health)
    {
        json.WriteStartObject("agents");
        json.WriteNumber("awake", load.Awake);
        json.WriteNumber("asleep", load.Asleep);
        json.WriteNumber("queued", load.Queued);
        json.WriteNumber("max_awake", load.MaxAwake);
        json.WriteNumber("unsaved_images", load.UnsavedImages);
        if (health.Agents is { } byState)
        {
            json.WriteStartObject("by_state");
            foreach (var (state, count) in byState.OrderBy(s => s.Key)) json.WriteNumber(AgentJson.NameOf(state), count);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        json.WriteNumber("resident_bytes", load.ResidentBytes);
    }
}
