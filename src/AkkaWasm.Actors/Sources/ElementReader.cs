using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace AkkaWasm.Actors.Sources;

/// <summary>An element of a file.</summary>
/// <param name="Number">Which one it is, from 1.</param>
/// <param name="Id">Its id.</param>
/// <param name="Data">Its bytes as they stand in the file.</param>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="End">Where in the file reading went on after it.</param>
internal sealed record SourceElement(long Number, string Id, ReadOnlyMemory<byte> Data, long Offset, long End);

/// <summary>Reads a file element by element; no more of it is in memory than an element and what the file gave at once.</summary>
internal abstract class ElementReader : IDisposable
{
    /// <summary>How deep objects and arrays may be nested.</summary>
    protected const int MaxDepth = 64;

    private readonly FileSourceOptions options;
    private readonly byte[][] idNames;
    private long count;

    protected ElementReader(Stream stream, FileSourceOptions options)
    {
        this.options = options;
        idNames = [.. options.IdPath.Split('.').Select(Encoding.UTF8.GetBytes)];
        Window = new FileWindow(stream, options.Path);
    }

    protected FileWindow Window { get; }

    protected long NextNumber => count + 1;

    /// <summary>Opens the file of a source.</summary>
    /// <exception cref="SourceFailedException">It cannot be opened.</exception>
    public static ElementReader Open(FileSourceOptions options) => Over(OpenFile(options.Path), options);

    public static ElementReader Over(Stream stream, FileSourceOptions options) => options.Format switch
    {
        FileSourceFormat.GeoJsonFeatures => new GeoJsonReader(stream, options),
        FileSourceFormat.JsonLines => new JsonLinesReader(stream, options),
        var other => throw new ArgumentOutOfRangeException(nameof(options), other, "There is no such format."),
    };

    public static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceFailedException($"'{path}' cannot be opened: {e.Message}", true, e);
        }
    }

    /// <summary>The next element, or null at the end of the file.</summary>
    /// <exception cref="SourceFailedException">The file is malformed or cannot be read; the message says where.</exception>
    public abstract SourceElement? Next();

    public void Dispose() => Window.Dispose();

    /// <summary>Makes an element of a stretch of the window.</summary>
    /// <param name="at">Where it begins in the window.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="next">Where in the window reading goes on.</param>
    protected SourceElement Element(int at, int length, int next)
    {
        CheckLength(at, length);
        var bytes = Window.Bytes.Slice(at, length);
        if (!Utf8.IsValid(bytes)) throw Window.Flaw(at, $"has an element {NextNumber} that is not UTF-8; write the file in UTF-8");
        return new SourceElement(++count, IdOf(bytes, at), bytes.ToArray(), Window.Offset + at, Window.Offset + next);
    }

    protected void CheckLength(int at, int length)
    {
        if (length > options.MaxElementBytes)
            throw Window.Flaw(at, $"has an element {NextNumber} of more than {options.MaxElementBytes} bytes; raise max-element-bytes or divide it");
    }

    /// <summary>What the reader of JSON says is wrong, without the place, which it counts in a way of its own.</summary>
    protected static string ReasonOf(JsonException e)
    {
        var place = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (place < 0 ? e.Message : e.Message[..place]).TrimEnd('.');
    }

    private string IdOf(ReadOnlySpan<byte> element, int at)
    {
        var reader = new Utf8JsonReader(element, new JsonReaderOptions { MaxDepth = MaxDepth });
        reader.Read();
        foreach (var name in idNames)
            if (!Enter(ref reader, name)) throw NoId(at);
        if (reader.TokenType == JsonTokenType.Null) throw NoId(at);
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number))
            throw Window.Flaw(at, $"has an element {count} whose '{options.IdPath}' is neither a string nor a number; name the place of its id");
        var id = reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan) : TextOf(ref reader, at);
        return id.Length > 0 ? id : throw Window.Flaw(at, $"has an element {count} whose '{options.IdPath}' is empty; give each element an id of its own");
    }

    private string TextOf(ref Utf8JsonReader reader, int at)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Window.Flaw(at, $"has an element {count} whose '{options.IdPath}' is no Unicode text; correct its escapes", e);
        }
    }

    /// <summary>Goes from the beginning of an object to the value of a member.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found) return true;
            reader.Skip();
        }
        return false;
    }

    private SourceFailedException NoId(int at) => Window.Flaw(at, $"has an element {count} without '{options.IdPath}'; give each element an id, or name the place of its id");
}
