using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Http;

namespace AkkaWasm.Service.Cli;

/// <summary>Talks to a running node over HTTP.</summary>
internal sealed class NodeClient : IDisposable
{
    private static readonly Dictionary<HttpStatusCode, ExitCode> Codes = new()
    {
        [HttpStatusCode.Unauthorized] = ExitCode.BadInput,
        [HttpStatusCode.Forbidden] = ExitCode.BadInput,
        [HttpStatusCode.BadRequest] = ExitCode.BadInput,
        [HttpStatusCode.TooManyRequests] = ExitCode.NoAnswer,
        [HttpStatusCode.ServiceUnavailable] = ExitCode.NoAnswer,
    };

    private readonly HttpClient http;

    public NodeClient(Uri url, string? token)
    {
        http = new HttpClient { BaseAddress = url };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public void Dispose() => http.Dispose();

    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<JsonDocument> GetAsync(string path, CancellationToken cancellation) =>
        await ReadAsync(await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseContentRead, cancellation), cancellation);

    /// <summary>Asks for something to be done.</summary>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<JsonDocument> PostAsync(string path, Action<Utf8JsonWriter> write, CancellationToken cancellation)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        var content = new ReadOnlyMemoryContent(buffer.WrittenMemory) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await ReadAsync(await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, HttpCompletionOption.ResponseContentRead, cancellation), cancellation);
    }

    /// <summary>Asks for a change that is made only if what it rests on is still so.</summary>
    /// <param name="path">The address.</param>
    /// <param name="basedOn">The entity tag, without quotes, of what it rests on.</param>
    /// <param name="body">JSON, or null for nothing.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<JsonDocument> ChangeAsync(string path, string basedOn, ReadOnlyMemory<byte>? body, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{basedOn}\""));
        if (body is { } bytes) request.Content = new ReadOnlyMemoryContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await ReadAsync(await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation), cancellation);
    }

    /// <summary>Brings bytes to the node that it does not have.</summary>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task KeepAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            using var known = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), cancellation);
            if (known.IsSuccessStatusCode) return;
        }
        catch (HttpRequestException)
        {
            // what is wrong is told by the request that follows
        }
        (await RequestAsync(HttpMethod.Put, path, bytes, cancellation))?.Dispose();
    }

    /// <summary>What a module is called and what it is made of, or null if the node has none.</summary>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<ResolvedModule?> ResolveAsync(ModuleReference reference, CancellationToken cancellation)
    {
        using var list = await GetAsync($"/v1/modules?only={Uri.EscapeDataString(reference.Text)}", cancellation);
        return list.RootElement.GetProperty("modules").EnumerateArray().Select(m => new ResolvedModule(m.GetProperty("resolved").GetString()!, m.GetProperty("sha256").GetString()!)).FirstOrDefault();
    }

    /// <summary>The bytes of a module.</summary>
    /// <exception cref="CliException">No node answers, or it has none such.</exception>
    public Task<byte[]> ContentAsync(ModuleReference reference, CancellationToken cancellation) => BytesAsync($"/v1/modules/{Uri.EscapeDataString(reference.Text)}/content", cancellation);

    /// <summary>The bytes at an address.</summary>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<byte[]> BytesAsync(string path, CancellationToken cancellation)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseContentRead, cancellation);
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    /// <summary>Brings signatures of a module to the node that has it.</summary>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task SignAsync(string hash, string signatures, CancellationToken cancellation) =>
        (await RequestAsync(HttpMethod.Put, $"/v1/modules/{hash}/signatures", System.Text.Encoding.UTF8.GetBytes(signatures), cancellation))?.Dispose();

    /// <summary>Asks for something to be done.</summary>
    /// <returns>What the node answers, or null where it says only that it is done.</returns>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<JsonDocument?> RequestAsync(HttpMethod method, string path, ReadOnlyMemory<byte>? body, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is { } bytes ? new ReadOnlyMemoryContent(bytes) : null };
        var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
        if (response.StatusCode != HttpStatusCode.NoContent) return await ReadAsync(response, cancellation);
        response.Dispose();
        return null;
    }

    /// <summary>Sends bytes with a header, which is left out if it is empty.</summary>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<JsonDocument> SendBytesAsync(HttpMethod method, string path, ReadOnlyMemory<byte> body, (string Name, string Value) header, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(method, path) { Content = new ReadOnlyMemoryContent(body) };
        if (header.Value.Length > 0) request.Headers.Add(header.Name, header.Value);
        return await ReadAsync(await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation), cancellation);
    }

    /// <summary>Publishes one event in structured mode.</summary>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<JsonDocument> PublishAsync(ReadOnlyMemory<byte> cloudEvent, CancellationToken cancellation)
    {
        var content = new ReadOnlyMemoryContent(cloudEvent) { Headers = { ContentType = new MediaTypeHeaderValue(CloudEventJson.ContentType) } };
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = content };
        return await ReadAsync(await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation), cancellation);
    }

    /// <summary>Publishes a batch of events.</summary>
    /// <exception cref="CliException">No node answers, or it refuses.</exception>
    public async Task<JsonDocument> PublishBatchAsync(ReadOnlyMemory<byte> cloudEvents, CancellationToken cancellation)
    {
        var content = new ReadOnlyMemoryContent(cloudEvents) { Headers = { ContentType = new MediaTypeHeaderValue(CloudEventJson.BatchContentType) } };
        return await ReadAsync(await SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = content }, HttpCompletionOption.ResponseContentRead, cancellation), cancellation);
    }

    /// <summary>The events of a stream: position and CloudEvents JSON.</summary>
    /// <exception cref="CliException">No node answers, it refuses, or it goes away.</exception>
    public async IAsyncEnumerable<(string Position, string Json)> StreamAsync(
        string pattern, string? from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var path = $"/v1/topics/{Uri.EscapeDataString(pattern)}/stream{(from is null ? "" : $"?from={Uri.EscapeDataString(from)}")}";
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseHeadersRead, cancellation);
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var items = SseParser.Create(body).EnumerateAsync(cancellation).GetAsyncEnumerator(cancellation);
        while (await NextAsync(items))
            yield return (items.Current.EventId ?? "", items.Current.Data);
    }

    private async Task<bool> NextAsync(IAsyncEnumerator<SseItem<string>> items)
    {
        try
        {
            if (await items.MoveNextAsync()) return true;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Gone(e);
        }
        throw Gone(null);
    }

    private CliException Gone(Exception? cause) =>
        new(ExitCode.NoAnswer, $"the node at {http.BaseAddress} has ended the stream; start it again and say --from the position after the last one seen", cause);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, completion, cancellation);
        }
        catch (HttpRequestException e)
        {
            throw new CliException(ExitCode.NoAnswer, $"no node answers at {http.BaseAddress} ({e.Message}); start one with akkawasm serve, or say where it is with --url", e);
        }
        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            var detail = DetailOf(await response.Content.ReadAsStringAsync(cancellation)) ?? $"the node answered {(int)response.StatusCode} {response.ReasonPhrase}";
            throw new CliException(Codes.GetValueOrDefault(response.StatusCode, ExitCode.Failed), ErrorReport.AsClause(detail));
        }
    }

    private static async Task<JsonDocument> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using (response) return await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellation), default, cancellation);
    }

    private static string? DetailOf(string problem)
    {
        try
        {
            using var json = JsonDocument.Parse(problem);
            return json.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
