using System.Globalization;
using System.Text.Json;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Service.Http;

/// <summary>Reads one event of the JSON format, member by member; data is taken as it stands.</summary>
internal static class CloudEventJsonReader
{
    private const string Data = "data";
    private const string Base64Data = "data_base64";

    /// <summary>Reads the object at which the reader stands and stops at its end.</summary>
    public static MeshEvent Read(ref Utf8JsonReader json, ReadOnlyMemory<byte> all, int index)
    {
        var builder = new CloudEventBuilder(index);
        if (json.TokenType != JsonTokenType.StartObject) throw builder.Refused(null, "is no JSON object");
        (JsonTokenType Kind, ReadOnlyMemory<byte> Json, string? Text)? data = null;
        ReadOnlyMemory<byte>? bytes = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            json.Read();
            if (name == Base64Data && json.TokenType != JsonTokenType.Null)
            {
                if (bytes is not null) throw builder.Refused(name, "has data_base64 twice; keep one of them");
                bytes = ReadBase64(ref json, builder);
            }
            else if (name == Data)
            {
                if (data is not null) throw builder.Refused(name, "has data twice; keep one of them");
                data = (json.TokenType, Take(ref json, all), json.TokenType == JsonTokenType.String ? json.GetString() : null);
            }
            else if (json.TokenType != JsonTokenType.Null) builder.Set(name, ReadAttribute(ref json, name, builder));
        }
        return builder.Build(Decide(builder, data, bytes));
    }

    private static ReadOnlyMemory<byte> Decide(CloudEventBuilder builder, (JsonTokenType Kind, ReadOnlyMemory<byte> Json, string? Text)? data, ReadOnlyMemory<byte>? bytes)
    {
        if (data is not { Kind: not JsonTokenType.Null } given) return bytes ?? default;
        if (bytes is not null) throw builder.Refused(Data, "has both data and data_base64; send one of them");
        if (CloudEventJson.IsJson(builder.ContentType)) return given.Json;
        return given.Text is { } text
            ? System.Text.Encoding.UTF8.GetBytes(text)
            : throw builder.Refused(Data, $"has data that is no string, though its datacontenttype is {builder.ContentType}; send a string or data_base64");
    }

    private static ReadOnlyMemory<byte> Take(ref Utf8JsonReader json, ReadOnlyMemory<byte> all)
    {
        var start = (int)json.TokenStartIndex;
        json.Skip();
        return all[start..(int)json.BytesConsumed].ToArray();
    }

    private static ReadOnlyMemory<byte> ReadBase64(ref Utf8JsonReader json, CloudEventBuilder builder) =>
        json.TokenType == JsonTokenType.String && json.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : throw builder.Refused(Base64Data, "has a data_base64 that is no Base64 string");

    private static string ReadAttribute(ref Utf8JsonReader json, string name, CloudEventBuilder builder)
    {
        if (json.TokenType == JsonTokenType.String) return Text(ref json, name, builder);
        if (CloudEventBuilder.IsCore(name)) throw builder.Refused(name, $"has no string as {name}");
        return json.TokenType switch
        {
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Number when json.TryGetInt32(out var number) => number.ToString(CultureInfo.InvariantCulture),
            JsonTokenType.Number => throw builder.Refused(
                name, $"has the number {System.Text.Encoding.UTF8.GetString(json.ValueSpan)} as {name}; extension attributes may be whole numbers of 32 bits, or strings"),
            _ => throw builder.Refused(name, $"has an object or array as {name}; attributes are strings, booleans or whole numbers, so put it into the data"),
        };
    }

    private static string Text(ref Utf8JsonReader json, string name, CloudEventBuilder builder)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw builder.Refused(name, $"has broken text (half a surrogate pair) as {name}");
        }
    }
}
