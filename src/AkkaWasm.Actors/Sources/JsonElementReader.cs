using System.Text;
using System.Text.Json;

namespace AkkaWasm.Actors.Sources;

/// <summary>One element of a file.</summary>
/// <param name="Data">Its bytes as they stand there.</param>
/// <param name="Id">Its id.</param>
/// <param name="End">Offset in the file of the byte after it.</param>
internal readonly record struct FileElement(byte[] Data, string Id, long End);

/// <summary>Reads a file element by element, with no more of it in memory than one buffer, which grows to the longest element.</summary>
internal abstract class JsonElementReader(Stream stream, FileSourceOptions options) : IDisposable
{
    private const int InitialBuffer = 64 << 10;

    private byte[] buffer = new byte[InitialBuffer];
    private int start;
    private int length;
    private long line = 1;

    /// <summary>Offset in the file of the first byte that was not consumed yet.</summary>
    public long Consumed { get; private set; }

    protected FileSourceOptions Options => options;

    /// <summary>What is buffered and not consumed.</summary>
    protected ReadOnlySpan<byte> Pending => buffer.AsSpan(start, length);

    /// <summary>Whether the stream has no more than what is buffered.</summary>
    protected bool AtEnd { get; private set; }

    public static JsonElementReader Open(FileSourceOptions options) => options.Format switch
    {
        FileSourceFormat.GeoJsonFeatures => new GeoJsonReader(OpenFile(options), options),
        FileSourceFormat.JsonLines => new JsonLinesReader(OpenFile(options), options),
        var unknown => throw new SourceFailedException($"The source '{options.Name}' has the unknown format {unknown}."),
    };

    /// <summary>The next element, or null at the end.</summary>
    /// <exception cref="SourceFailedException">It is malformed, too long, or has no id.</exception>
    public abstract FileElement? Next();

    public void Dispose() => stream.Dispose();

    /// <summary>Reads more; the buffer grows if it is full.</summary>
    protected void ReadMore()
    {
        if (start > 0)
        {
            Pending.CopyTo(buffer);
            start = 0;
        }
        if (length == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        var count = stream.Read(buffer, length, buffer.Length - length);
        length += count;
        AtEnd = count == 0;
    }

    protected void Consume(int count)
    {
        line += Pending[..count].Count((byte)'\n');
        start += count;
        length -= count;
        Consumed += count;
    }

    /// <summary>Passes over a byte-order mark at the beginning of the file.</summary>
    protected void SkipByteOrderMark()
    {
        if (Consumed > 0) return;
        while (length < 3 && !AtEnd) ReadMore();
        if (Pending.StartsWith(Encoding.UTF8.Preamble)) Consume(3);
    }

    protected void CheckLength(long bytes)
    {
        if (bytes > options.MaxElementBytes)
            throw Failure(0, $"an element has more than {options.MaxElementBytes} bytes (max-element-bytes); raise the limit or divide the file");
    }

    /// <summary>Finds the id of an element by the path of the options.</summary>
    protected string IdOf(ReadOnlySpan<byte> element)
    {
        var reader = new Utf8JsonReader(element);
        reader.Read();
        foreach (var name in options.IdPath.Split('.'))
            if (!MoveTo(ref reader, name)) throw Failure(0, $"the element has no '{options.IdPath}', which is to be its id (id-path)");
        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            var other => throw Failure(0, $"the '{options.IdPath}' of the element is {other}; an id is a string or a number"),
        };
    }

    /// <summary>Says what is wrong and where: file, line, byte in the file.</summary>
    /// <param name="offset">Bytes after the last consumed one.</param>
    /// <param name="what">What is wrong.</param>
    /// <param name="inner">The cause.</param>
    protected SourceFailedException Failure(int offset, string what, Exception? inner = null)
    {
        var before = Pending[..Math.Clamp(offset, 0, length)];
        return new($"{options.Path}, line {line + before.Count((byte)'\n')}, byte {Consumed + before.Length}: {what}.", inner);
    }

    private static bool MoveTo(ref Utf8JsonReader reader, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject) return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt) return true;
            reader.Skip();
        }
        return false;
    }

    private static FileStream OpenFile(FileSourceOptions options)
    {
        try
        {
            return new FileStream(options.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SourceFailedException($"The file '{options.Path}' of source '{options.Name}' cannot be opened: {e.Message}", e);
        }
    }
}
