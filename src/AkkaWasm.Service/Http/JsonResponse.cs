using System.Text.Encodings.Web;
using System.Text.Json;

namespace AkkaWasm.Service.Http;

/// <summary>Answers with JSON.</summary>
internal static class JsonResponse
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return WriteBodyAsync(http, write);
    }

    public static async Task WriteBodyAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(http.Response.BodyWriter, Compact)) write(json);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
