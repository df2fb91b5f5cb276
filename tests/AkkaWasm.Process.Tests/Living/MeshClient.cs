using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace AkkaWasm.Process.Tests.Living;

/// <summary>Talks to a node that may be killed at any moment.</summary>
internal sealed class MeshClient(Uri url, LivingMesh mesh) : IDisposable
{
    /// <summary>How long anything that has to happen may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private const string Tried = "tried";

    private readonly HttpClient client = new() { BaseAddress = url, Timeout = Patience };

    public LivingMesh Mesh => mesh;

    public Uri Url => url;

    /// <returns>The answer; null if there was none.</returns>
    public async Task<(HttpStatusCode Status, string Body)?> SendAsync(HttpMethod method, string path, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(contentType));
        try
        {
            using var answer = await client.SendAsync(request);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException or SocketException)
        {
            return null;
        }
    }

    /// <summary>Posts where nothing may be refused.</summary>
    /// <returns>Whether it was acknowledged; otherwise the node has ended.</returns>
    public async Task<bool> PostAsync(string path, string? body = null, string contentType = "application/json")
    {
        var answer = await SendAsync(HttpMethod.Post, path, body, contentType);
        Assert.True(answer is null or { Status: >= HttpStatusCode.OK and < HttpStatusCode.Ambiguous }, $"POST {path} was answered {answer?.Status}: {answer?.Body}");
        return answer is not null;
    }

    /// <summary>Publishes an event.</summary>
    /// <returns>Whether it was acknowledged.</returns>
    public async Task<bool> PublishAsync(string name, string id, string data = "1")
    {
        if (!await PostAsync("/v1/events", $$"""{"specversion":"1.0","id":"{{id}}","source":"/probe","type":"probe.{{name}}","data":{{data}}}""", "application/cloudevents+json")) return false;
        lock (mesh.Acknowledged) mesh.Acknowledged.Add(id);
        return true;
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        var answer = await SendAsync(HttpMethod.Get, path);
        Assert.True(answer is { Status: HttpStatusCode.OK }, $"GET {path} was answered {answer?.Status}: {answer?.Body}");
        return JsonNode.Parse(answer!.Value.Body)!;
    }

    /// <summary>The topology as a configuration; what is tried on a share of a family stands in it as that of all.</summary>
    public async Task<JsonNode> TopologyAsync()
    {
        var topology = await GetAsync("/v1/topology");
        topology.AsObject().Remove(Tried);
        return topology;
    }

    /// <summary>Whether a version is tried on a share of a family.</summary>
    public async Task<bool> TriesAsync(string family) => (await GetAsync("/v1/topology"))[Tried]?[family] is not null;

    public Task<JsonNode> AgentAsync(string name) => GetAsync($"/v1/agents/{name}");

    /// <summary>Looks again and again until something is so.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await isSo())
        {
            Assert.False(limit.IsCancellationRequested, $"after {Patience} it is not so that {what}");
            await Task.Delay(20, CancellationToken.None);
        }
    }

    public void Dispose() => client.Dispose();
}
