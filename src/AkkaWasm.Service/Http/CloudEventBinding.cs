using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Service.Http;

/// <summary>The HTTP binding of CloudEvents 1.0: tells structured, batched and binary mode apart and reads each.</summary>
internal static class CloudEventBinding
{
    private const string HeaderPrefix = "ce-";
    private const string FormatPrefix = "application/cloudevents";
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads the events of a request.</summary>
    /// <returns>The events, or null if the request says in no way that it carries events.</returns>
    /// <exception cref="CloudEventException">It says so and does not.</exception>
    public static ImmutableArray<MeshEvent>? Read(IHeaderDictionary headers, ReadOnlyMemory<byte> body)
    {
        var contentType = headers.ContentType.Count > 0 ? headers.ContentType.ToString() : null;
        MediaTypeHeaderValue.TryParse(contentType, out var media);
        if (media?.MediaType?.StartsWith(FormatPrefix, StringComparison.OrdinalIgnoreCase) == true)
        {
            if (media.CharSet is { } charset && !charset.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))
                throw new CloudEventException($"The body is said to be {charset}; send it as UTF-8.");
            if (media.MediaType.Equals(CloudEventJson.ContentType, StringComparison.OrdinalIgnoreCase)) return [CloudEventJson.Read(body)];
            if (media.MediaType.Equals(CloudEventJson.BatchContentType, StringComparison.OrdinalIgnoreCase)) return CloudEventJson.ReadBatch(body);
            return null;
        }
        return headers.Keys.Any(IsAttribute) ? [ReadBinary(headers, contentType, body)] : null;
    }

    private static bool IsAttribute(string header) => header.StartsWith(HeaderPrefix, StringComparison.OrdinalIgnoreCase);

    private static MeshEvent ReadBinary(IHeaderDictionary headers, string? contentType, ReadOnlyMemory<byte> body)
    {
        var builder = new CloudEventBuilder(0);
        foreach (var header in headers.Where(header => IsAttribute(header.Key)))
        {
            var name = header.Key[HeaderPrefix.Length..].ToLowerInvariant();
            if (name is "datacontenttype" or "data") throw builder.Refused(name, $"has the header {header.Key}; the media type goes into Content-Type and the data into the body");
            if (header.Value.Count != 1) throw builder.Refused(name, $"has the header {header.Key} {header.Value.Count} times; keep one of them");
            builder.Set(name, Decode(header.Value.ToString(), name, builder));
        }
        if (contentType is not null) builder.Set("datacontenttype", contentType);
        return builder.Build(body);
    }

    /// <summary>Takes quotes off, then percent-encoding.</summary>
    private static string Decode(string value, string name, CloudEventBuilder builder)
    {
        if (value is ['"', .. var quoted, '"']) value = Unescape(quoted);
        if (!value.Contains('%', StringComparison.Ordinal)) return value;
        var bytes = new List<byte>(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] != '%') bytes.AddRange(Encoding.UTF8.GetBytes(value[i].ToString()));
            else if (i + 2 < value.Length && byte.TryParse(value.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var b))
            {
                bytes.Add(b);
                i += 2;
            }
            else throw builder.Refused(name, $"has a '%' in the header of {name} that is not followed by two hexadecimal digits; write %25 for the sign itself");
        }
        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw builder.Refused(name, $"has percent-encoded bytes in the header of {name} that are not UTF-8");
        }
    }

    private static string Unescape(string quoted)
    {
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length) i++;
            text.Append(quoted[i]);
        }
        return text.ToString();
    }
}
