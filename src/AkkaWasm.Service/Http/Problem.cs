using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace AkkaWasm.Service.Http;

/// <summary>A refusal as <c>application/problem+json</c> (RFC 9457).</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">One sentence: what, where, what to do.</param>
internal sealed record Problem(int Status, string Detail)
{
    /// <summary>The CloudEvents attribute that is wrong.</summary>
    public string? Attribute { get; init; }

    /// <summary>Which event of a batch, from 0.</summary>
    public int? Index { get; init; }

    /// <summary>When the same request may be sent again, if that can help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public async Task WriteAsync(HttpContext http)
    {
        var response = http.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        if (RetryAfter is { } wait) response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        if (Status == StatusCodes.Status401Unauthorized) response.Headers.WWWAuthenticate = "Bearer";
        await JsonResponse.WriteBodyAsync(http, WriteJson);
    }

    private void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", "about:blank");
        json.WriteString("title", ReasonPhrases.GetReasonPhrase(Status));
        json.WriteNumber("status", Status);
        json.WriteString("detail", Detail);
        if (Attribute is not null) json.WriteString("attribute", Attribute);
        if (Index is { } index) json.WriteNumber("index", index);
        json.WriteEndObject();
    }
}
