using System.Collections.Immutable;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Http;

/// <summary><c>POST /v1/events</c>: appends events, all of them or none, and answers once they are committed.</summary>
internal sealed class PublishEndpoint(HttpOptions options, Metrics metrics)
{
    private const string Unsupported =
        $"The request carries no CloudEvent: send {CloudEventJson.ContentType}, {CloudEventJson.BatchContentType}, or the attributes as ce- headers (ce-specversion, ce-id, ce-source, ce-type).";

    private static readonly Dictionary<PublishRefusal, int> Statuses = new()
    {
        [PublishRefusal.Illegal] = StatusCodes.Status400BadRequest,
        [PublishRefusal.TooBig] = StatusCodes.Status413PayloadTooLarge,
        [PublishRefusal.Conflict] = StatusCodes.Status409Conflict,
        [PublishRefusal.Overloaded] = StatusCodes.Status429TooManyRequests,
    };

    public async Task HandleAsync(HttpContext http, IMeshNode node)
    {
        var (events, problem) = await ReadAsync(http.Request);
        if (problem is null)
        {
            var reply = await node.PublishAsync(new PublishBatch(events), http.RequestAborted);
            if (reply.Problem is { } refused) problem = Of(refused, reply.RetryAfter);
            else
            {
                metrics.Accepted(events.Length, reply.Duplicates);
                await JsonResponse.WriteAsync(http, StatusCodes.Status200OK, json => WriteAccepted(json, events, reply));
                return;
            }
        }
        metrics.Refused(problem.Status);
        await problem.WriteAsync(http);
    }

    private async Task<(ImmutableArray<MeshEvent> Events, Problem? Problem)> ReadAsync(HttpRequest request)
    {
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            var events = CloudEventBinding.Read(request.Headers, body.GetBuffer().AsMemory(0, (int)body.Length));
            return events is { } read ? (read, null) : ([], new Problem(StatusCodes.Status415UnsupportedMediaType, Unsupported));
        }
        catch (CloudEventException e)
        {
            return ([], new Problem(StatusCodes.Status400BadRequest, e.Message) { Attribute = e.Attribute, Index = e.Index });
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return ([], new Problem(e.StatusCode, $"The body is larger than {options.MaxRequestBytes} bytes (akka-wasm.http.max-request-bytes); send the events in parts."));
        }
    }

    private Problem Of(PublishProblem refused, TimeSpan? retryAfter) => new(Statuses[refused.Reason], refused.Message)
    {
        Index = refused.Index,
        RetryAfter = refused.Reason == PublishRefusal.Overloaded ? retryAfter ?? options.RetryAfter : null,
    };

    private static void WriteAccepted(Utf8JsonWriter json, ImmutableArray<MeshEvent> events, PublishReply reply)
    {
        var isNew = NewOnes(reply);
        json.WriteStartObject();
        json.WriteStartArray("accepted");
        for (var i = 0; i < events.Length; i++)
        {
            json.WriteStartObject();
            json.WriteString("id", events[i].Id);
            json.WriteString("position", reply.Positions[i].ToString());
            json.WriteBoolean("duplicate", !isNew[i]);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>
    /// Which events of a batch were appended now. What is appended stands behind all that was there before, so these are the last positions, as
    /// many as were no duplicates, each where it comes first.
    /// </summary>
    private static bool[] NewOnes(PublishReply reply)
    {
        var count = reply.Positions.Length - reply.Duplicates;
        var appended = reply.Positions.Distinct().OrderByDescending(position => position.Offset).Take(count).ToHashSet();
        return [.. reply.Positions.Select(appended.Remove)];
    }
}
