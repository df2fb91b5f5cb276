using AkkaWasm.Service.Hocon.Loading;

namespace AkkaWasm.Service.Hocon;

/// <summary>
/// Reads HOCON (a superset of JSON) and Java properties files into documents. Every failure is a
/// <see cref="HoconException"/> with file, line and column; whatever the input, it ends.
/// </summary>
internal static class HoconReader
{
    /// <summary>
    /// Reads a file and what it includes. <c>.properties</c> is read as Java properties, anything else as HOCON.
    /// Files must be UTF-8.
    /// </summary>
    /// <exception cref="HoconException">The file cannot be read, is not valid, includes itself, or passes a limit.</exception>
    public static HoconDocument ReadFile(string path, HoconReaderOptions? options = null)
    {
        options ??= HoconReaderOptions.Default;
        return new HoconDocument(new Loader(options).LoadRoot(path), options);
    }

    /// <summary>
    /// Reads HOCON text. <paramref name="originName"/> stands for the file in messages and origins;
    /// <paramref name="folder"/> is where relative includes are looked for (nowhere when null).
    /// </summary>
    /// <exception cref="HoconException">The text is not valid, or passes a limit.</exception>
    public static HoconDocument ReadText(string text, string originName, HoconReaderOptions? options = null, string? folder = null)
    {
        options ??= HoconReaderOptions.Default;
        return new HoconDocument(new Loader(options).LoadText(text, originName, folder), options);
    }
}
