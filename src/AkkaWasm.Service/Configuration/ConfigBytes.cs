using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>What a guest reads as its config: text as it is, anything else as compact JSON in the order of the file.</summary>
internal static class ConfigBytes
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Of(HoconValue value)
    {
        if (value is HoconScalar { Kind: HoconKind.String } text) return Encoding.UTF8.GetBytes(text.Text);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Compact)) Write(json, value);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, HoconValue value)
    {
        switch (value)
        {
            case HoconObject fields:
                json.WriteStartObject();
                foreach (var field in fields.Fields)
                {
                    json.WritePropertyName(field.Key);
                    Write(json, field.Value);
                }
                json.WriteEndObject();
                break;
            case HoconList list:
                json.WriteStartArray();
                foreach (var item in list.Items) Write(json, item);
                json.WriteEndArray();
                break;
            case HoconScalar scalar:
                WriteScalar(json, scalar);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter json, HoconScalar scalar)
    {
        switch (scalar.Kind)
        {
            case HoconKind.Null: json.WriteNullValue(); break;
            case HoconKind.Boolean: json.WriteBooleanValue(scalar.Text is "true" or "yes" or "on"); break;
            case HoconKind.Number: WriteNumber(json, scalar.Text); break;
            default: json.WriteStringValue(scalar.Text); break;
        }
    }

    /// <summary>A number keeps its digits where JSON writes numbers so.</summary>
    private static void WriteNumber(Utf8JsonWriter json, string digits)
    {
        if (IsJsonNumber(digits)) json.WriteRawValue(digits);
        else if (decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) json.WriteNumberValue(number);
        else json.WriteStringValue(digits);
    }

    private static bool IsJsonNumber(string digits)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(digits));
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
