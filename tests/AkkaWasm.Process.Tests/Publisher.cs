using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace AkkaWasm.Process.Tests;

/// <summary>Posts events to a node over HTTP.</summary>
internal static class Publisher
{
    /// <summary>Posts events of a topic of this name, one after the other, until the end; those that were acknowledged are noted. What was not may be there or not.</summary>
    public static Task PostAsync(Uri url, string name, List<string> acknowledged, CancellationToken end) => PostAsync(url, name, name, acknowledged, end);

    /// <summary>The same with ids that begin otherwise. The list may be shared.</summary>
    public static async Task PostAsync(Uri url, string name, string idPrefix, List<string> acknowledged, CancellationToken end)
    {
        using var client = new HttpClient { BaseAddress = url };
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            if (await TryPostAsync(client, name, $"{idPrefix}-{number}", end) is not (>= HttpStatusCode.OK and < HttpStatusCode.Ambiguous)) continue;
            lock (acknowledged) acknowledged.Add($"{idPrefix}-{number}");
        }
    }

    /// <summary>Posts an event.</summary>
    /// <returns>The answer's status, or null if there was no answer.</returns>
    public static async Task<HttpStatusCode?> TryPostAsync(HttpClient client, string name, string id, CancellationToken end)
    {
        var content = new StringContent($$$"""{"specversion":"1.0","id":"{{{id}}}","source":"/probe","type":"probe.{{{name}}}","data":{"id":"{{{id}}}"}}""", Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        try
        {
            using var answer = await client.PostAsync("/v1/events", content, end);
            return answer.StatusCode;
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or SocketException)
        {
            return null;
        }
    }
}
