using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Http;

/// <summary>
/// <c>GET /v1/topics/{pattern}/stream</c>: committed events as server-sent events, CloudEvents JSON as data and the position as id, so that
/// <c>Last-Event-ID</c> goes on behind the last one seen.
/// </summary>
internal sealed class StreamEndpoint(HttpOptions options, Metrics metrics, TimeProvider time, CancellationToken stopping)
{
    private static readonly byte[] Heartbeat = ":\n\n"u8.ToArray();
    private int open;

    public async Task HandleAsync(HttpContext http, IMeshNode node)
    {
        if (Check(http, out var pattern, out var from) is { } problem)
        {
            await problem.WriteAsync(http);
            return;
        }
        if (Interlocked.Increment(ref open) > options.MaxStreams)
        {
            Interlocked.Decrement(ref open);
            var full = $"{options.MaxStreams} streams are open (akka-wasm.http.max-streams); close one or try again later.";
            await new Problem(StatusCodes.Status429TooManyRequests, full) { RetryAfter = options.RetryAfter }.WriteAsync(http);
            return;
        }
        metrics.StreamOpened();
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
            await SendAsync(http.Response, node.StreamAsync(pattern, from, ended.Token), ended.Token);
        }
        catch (OperationCanceledException)
        {
            // The reader has gone, or the node ends: either way the stream is over.
        }
        finally
        {
            metrics.StreamClosed();
            Interlocked.Decrement(ref open);
        }
    }

    private async Task SendAsync(HttpResponse response, IAsyncEnumerable<CommittedEvent> events, CancellationToken ended)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        await response.Body.WriteAsync(Heartbeat, ended);
        var reader = events.GetAsyncEnumerator(ended);
        Task<bool> next = reader.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                if (!next.IsCompleted) await response.Body.FlushAsync(ended);
                if (!await ArrivesAsync(next, ended)) await response.Body.WriteAsync(Heartbeat, ended);
                else if (!await next) return;
                else
                {
                    await WriteAsync(response, reader.Current, ended);
                    next = reader.MoveNextAsync().AsTask();
                }
            }
        }
        finally
        {
            await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await reader.DisposeAsync();
        }
    }

    /// <summary>Waits for the next event, at most until a heartbeat is due.</summary>
    private async Task<bool> ArrivesAsync(Task next, CancellationToken ended)
    {
        try
        {
            await next.WaitAsync(options.StreamHeartbeat, time, ended);
            return true;
        }
        catch (TimeoutException) when (!next.IsCompleted)
        {
            return false;
        }
    }

    private static async Task WriteAsync(HttpResponse response, CommittedEvent committed, CancellationToken ended)
    {
        await response.Body.WriteAsync(Encoding.ASCII.GetBytes($"id: {committed.Position}\ndata: "), ended);
        await response.Body.WriteAsync(CloudEventJson.Write(committed), ended);
        await response.Body.WriteAsync("\n\n"u8.ToArray(), ended);
    }

    private static Problem? Check(HttpContext http, out TopicPattern pattern, out long? from)
    {
        from = null;
        pattern = null!;
        var text = (string)http.Request.RouteValues["pattern"]!;
        if (TopicPattern.Check(text) is { } illegal) return new Problem(StatusCodes.Status400BadRequest, char.ToUpperInvariant(illegal[0]) + illegal[1..] + ".");
        pattern = TopicPattern.Parse(text);
        var (last, asked) = (http.Request.Headers["Last-Event-ID"].ToString(), http.Request.Query["from"].ToString());
        if (last.Length == 0 && asked.Length == 0) return null;
        if (!Position.TryParse(last.Length > 0 ? last : asked, out var position))
            return new Problem(StatusCodes.Status400BadRequest, $"'{(last.Length > 0 ? last : asked)}' is no position; write one as 0-1-1707, or an offset, 0 for the beginning.");
        from = last.Length > 0 ? position.Offset + 1 : position.Offset;
        return null;
    }
}
