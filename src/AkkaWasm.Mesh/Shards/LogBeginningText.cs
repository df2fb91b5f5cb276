using System.Globalization;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Says where a log begins.</summary>
public static class LogBeginningText
{
    /// <summary>As a half sentence: "the log begins at offset 120034, since 2026-11-22T10:00:00Z".</summary>
    public static string Of(LogBeginning beginning) => string.Create(
        CultureInfo.InvariantCulture, $"the log begins at offset {beginning.Offset}, since {DateTime.UnixEpoch.AddTicks(beginning.AtNs / 100):yyyy-MM-ddTHH:mm:ss}Z");
}
