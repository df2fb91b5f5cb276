using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Service.Http;

/// <summary>The JSON event format of CloudEvents 1.0.</summary>
internal static class CloudEventJson
{
    public const string ContentType = "application/cloudevents+json";
    public const string BatchContentType = "application/cloudevents-batch+json";

    private const int MaxDepth = 256;
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = MaxDepth };
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads one event.</summary>
    /// <exception cref="CloudEventException">It is none.</exception>
    public static MeshEvent Read(ReadOnlyMemory<byte> body) => Parse(body, static (ref Utf8JsonReader json, ReadOnlyMemory<byte> all) =>
    {
        var read = CloudEventJsonReader.Read(ref json, all, 0);
        return json.Read() ? throw new CloudEventException("The body goes on after the event; send several events as a batch.") : read;
    });

    /// <summary>Reads a batch, which may be empty.</summary>
    /// <exception cref="CloudEventException">An element is no event.</exception>
    public static ImmutableArray<MeshEvent> ReadBatch(ReadOnlyMemory<byte> body) => Parse(body, static (ref Utf8JsonReader json, ReadOnlyMemory<byte> all) =>
    {
        if (json.TokenType != JsonTokenType.StartArray) throw new CloudEventException($"The body is no array; a batch ({BatchContentType}) is an array of events.");
        var events = ImmutableArray.CreateBuilder<MeshEvent>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray) events.Add(CloudEventJsonReader.Read(ref json, all, events.Count));
        return json.Read() ? throw new CloudEventException("The body goes on after the batch; send one array.") : events.ToImmutable();
    });

    /// <summary>Writes a committed event; its place in the log is the extension attribute <c>position</c>.</summary>
    public static ReadOnlyMemory<byte> Write(CommittedEvent committed)
    {
        var e = committed.Event;
        return Write(e with { Id = committed.Id, Source = committed.Source, Time = e.Time ?? TimeOf(e.AppendedAtNs) }, committed.Position.ToString());
    }

    /// <summary>Writes an event.</summary>
    /// <param name="e">The event; it has an id and a source.</param>
    /// <param name="position">Its place in the log, or null.</param>
    public static ReadOnlyMemory<byte> Write(MeshEvent e, string? position)
    {
        var buffer = new ArrayBufferWriter<byte>(e.Data.Length + 512);
        using (var json = new Utf8JsonWriter(buffer, Compact))
        {
            json.WriteStartObject();
            json.WriteString("specversion", "1.0");
            json.WriteString("id", e.Id);
            json.WriteString("source", e.Source);
            json.WriteString("type", e.Topic);
            WriteIfGiven(json, "subject", e.Subject);
            WriteIfGiven(json, "time", e.Time);
            WriteIfGiven(json, "datacontenttype", e.ContentType);
            WriteIfGiven(json, "traceparent", e.TraceParent);
            foreach (var extension in e.Extensions) json.WriteString(extension.Key, extension.Value);
            if (!e.Extensions.Any(extension => extension.Key == "position")) WriteIfGiven(json, "position", position);
            WriteData(json, e);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>Whether data of that media type is JSON; data without one is.</summary>
    public static bool IsJson(string? contentType)
    {
        if (contentType is null) return true;
        var type = contentType.AsSpan(0, contentType.IndexOf(';', StringComparison.Ordinal) is >= 0 and var end ? end : contentType.Length).Trim();
        return type.EndsWith("/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether bytes are one JSON value.</summary>
    public static bool IsJsonValue(ReadOnlySpan<byte> data)
    {
        var json = new Utf8JsonReader(data, Strict);
        try
        {
            if (!json.Read()) return false;
            json.Skip();
            return !json.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private delegate T Body<T>(ref Utf8JsonReader json, ReadOnlyMemory<byte> all);

    private static T Parse<T>(ReadOnlyMemory<byte> body, Body<T> read)
    {
        try
        {
            if (!Utf8.IsValid(body.Span)) throw new CloudEventException("The body is not UTF-8; send it as UTF-8.");
            var json = new Utf8JsonReader(body.Span, Strict);
            json.Read();
            return read(ref json, body);
        }
        catch (JsonException e)
        {
            throw new CloudEventException(string.Create(CultureInfo.InvariantCulture, $"The body is no JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}; correct it."));
        }
    }

    private static void WriteData(Utf8JsonWriter json, MeshEvent e)
    {
        if (e.Data.IsEmpty) return;
        var data = e.Data.Span;
        if (!IsJson(e.ContentType) && Utf8.IsValid(data)) json.WriteString("data", data);
        else if (IsJson(e.ContentType) && IsJsonValue(data))
        {
            json.WritePropertyName("data");
            json.WriteRawValue(OneLine(data), skipInputValidation: true);
        }
        else json.WriteBase64String("data_base64", data);
    }

    /// <summary>JSON without the line breaks between its tokens, so that it fits a line of a stream; inside strings there are none.</summary>
    private static ReadOnlySpan<byte> OneLine(ReadOnlySpan<byte> data)
    {
        if (data.IndexOfAny((byte)'\n', (byte)'\r') < 0) return data;
        var line = data.ToArray();
        line.AsSpan().ReplaceAny(LineBreaks, (byte)' ');
        return line;
    }

    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n"u8);

    private static void WriteIfGiven(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null) json.WriteString(name, value);
    }

    private static string TimeOf(long ns) =>
        DateTime.UnixEpoch.AddTicks(ns / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
