using System.Text.Json;
using AkkaWasm.Actors.Tests.Support;

namespace AkkaWasm.Actors.Tests.Sources;

/// <summary>The recorded USGS week, and what a plain reader of JSON finds in it.</summary>
internal static class RecordedWeek
{
    public static string Path { get; } = System.IO.Path.Combine(Repository.Root, "config", "earthquakes", "usgs-all-week-2018-02.geojson");

    public static byte[] Bytes { get; } = File.ReadAllBytes(Path);

    public static IReadOnlyList<(string Id, byte[] Data)> Features { get; } = Read();

    private static List<(string, byte[])> Read()
    {
        using var document = JsonDocument.Parse(Bytes);
        return [.. document.RootElement.GetProperty("features").EnumerateArray().Select(f => (f.GetProperty("id").GetString()!, System.Text.Encoding.UTF8.GetBytes(f.GetRawText())))];
    }
}
