using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Http;

/// <summary><c>POST /v1/agents/NAME/fork</c> and <c>POST /v1/mesh/rewind</c>: what changes the running mesh by what it was.</summary>
internal static class TimeTravelEndpoints
{
    private const int MaxBodyBytes = 4_096;

    /// <summary>Makes an agent with the state that another one had: <c>{ "name": …, "at": POSITION }</c>.</summary>
    public static async Task ForkAsync(HttpContext http, IMeshNode node, AgentPath path)
    {
        using var body = await ReadAsync(http, "name", "at");
        if (Text(body, "name") is not { } name) throw new BadHttpRequestException("The body must say a name for the fork, as {\"name\":\"what-if\"}.");
        var problem = await node.ForkAsync(path.Name, name, At(body, "at"), http.RequestAborted);
        if (problem is not null) await new Problem(StatusCodes.Status409Conflict, problem).WriteAsync(http);
        else
        {
            await JsonResponse.WriteAsync(http, StatusCodes.Status201Created, json =>
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("origin", path.Name);
                json.WriteEndObject();
            });
        }
    }

    /// <summary>Takes the mesh back: <c>{ "to": POSITION, "sources": false, "dry_run": false }</c>.</summary>
    public static async Task RewindAsync(HttpContext http, IMeshNode node)
    {
        using var body = await ReadAsync(http, "to", "sources", "dry_run");
        if (At(body, "to") is not { } to) throw new BadHttpRequestException("The body must say where to, as {\"to\":\"0-1-1707\"}.");
        var dryRun = Flag(body, "dry_run");
        var (outlook, problem) = await node.RewindAsync(to, Flag(body, "sources"), dryRun, http.RequestAborted);
        if (outlook is null) await new Problem(StatusCodes.Status409Conflict, problem!).WriteAsync(http);
        else await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => Write(json, outlook, dryRun));
    }

    private static void Write(Utf8JsonWriter json, MeshRewindOutlook outlook, bool dryRun)
    {
        json.WriteStartObject();
        json.WriteNumber("to", outlook.To);
        json.WriteBoolean("dry_run", dryRun);
        json.WriteNumber("undone_records", outlook.UndoneRecords);
        json.WriteNumber("timers", outlook.Timers);
        json.WriteList("agents", outlook.Agents, step =>
        {
            json.WriteStartObject();
            json.WriteString("name", step.Name);
            json.WriteString("action", step.Action.ToString().ToLowerInvariant());
            json.WriteNumber("incarnation", step.Incarnation);
            json.WriteNumber("last_input", step.LastInput);
            json.WriteNumber("to_last_input", step.ToLastInput);
            json.WriteNumber("undone_turns", step.UndoneTurns);
            json.WriteNumber("pending", step.Pending);
            json.WriteNumber("quarantined", step.Quarantine);
            json.WriteEndObject();
        });
        json.WriteEndObject();
    }

    private static async Task<JsonDocument> ReadAsync(HttpContext http, params string[] known)
    {
        if (http.Request.ContentLength > MaxBodyBytes)
            throw new BadHttpRequestException($"The body has {http.Request.ContentLength} bytes, at most {MaxBodyBytes} are allowed.", StatusCodes.Status413PayloadTooLarge);
        JsonDocument body;
        try
        {
            body = await JsonDocument.ParseAsync(http.Request.Body, new JsonDocumentOptions { MaxDepth = 4 }, http.RequestAborted);
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException($"The body is no JSON: {e.Message}");
        }
        if (body.RootElement.ValueKind != JsonValueKind.Object) throw new BadHttpRequestException("The body must be a JSON object.");
        foreach (var field in body.RootElement.EnumerateObject())
            if (!known.Contains(field.Name)) throw new BadHttpRequestException($"The field '{field.Name}' is not known; known are {string.Join(", ", known)}.");
        return body;
    }

    private static string? Text(JsonDocument body, string name) => body.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonDocument body, string name) => body.RootElement.TryGetProperty(name, out var value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new BadHttpRequestException($"The field '{name}' must be true or false."),
    };

    private static long? At(JsonDocument body, string name)
    {
        if (!body.RootElement.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var offset) && offset >= 0) return offset;
        return value.ValueKind == JsonValueKind.String && Position.TryParse(value.GetString()!, out var position)
            ? position.Offset
            : throw new BadHttpRequestException($"The field '{name}' must be a position; write one as \"0-1-1707\", or an offset.");
    }
}
