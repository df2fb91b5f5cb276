using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AkkaWasm.Service.Cli;

/// <summary>Writes JSON to a stream of text.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Pages = Lines with { Indented = true };

    /// <summary>One value on a line of its own.</summary>
    public static void WriteLine(TextWriter to, Action<Utf8JsonWriter> write) => Write(to, write, Lines);

    /// <summary>One value over several lines.</summary>
    public static void WritePage(TextWriter to, Action<Utf8JsonWriter> write) => Write(to, write, Pages);

    /// <summary>A property with a list.</summary>
    public static void WriteList<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items) write(item);
        json.WriteEndArray();
    }

    /// <summary>A property with an object; it is left out where there is none.</summary>
    public static void WriteObject<T>(this Utf8JsonWriter json, string name, T? value, Action<Utf8JsonWriter, T> write) where T : class
    {
        if (value is null) return;
        json.WritePropertyName(name);
        write(json, value);
    }

    private static void Write(TextWriter to, Action<Utf8JsonWriter> write, JsonWriterOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, options)) write(json);
        to.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
