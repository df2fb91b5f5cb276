using System.Text;

namespace AkkaWasm.Actors.Sources;

/// <summary>
/// The stretch of a file that is in memory, moved forward by <see cref="Fill"/> and <see cref="Drop"/>. It knows where it stands, so that a flaw
/// can be placed by line and byte.
/// </summary>
internal sealed class FileWindow(Stream stream, string path) : IDisposable
{
    private const int ChunkBytes = 64 << 10;

    private byte[] buffer = new byte[ChunkBytes];
    private int start;
    private int end;
    private long droppedLines;
    private long lineStart;

    public ReadOnlySpan<byte> Bytes => buffer.AsSpan(start, end - start);

    public int Length => end - start;

    /// <summary>Offset in the file of the first byte in memory.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether the file ends with the bytes in memory.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Reads what the stream gives at once, at least a byte unless the file ends.</summary>
    /// <exception cref="SourceFailedException">The file cannot be read.</exception>
    public void Fill()
    {
        if (end == buffer.Length) MakeRoom();
        try
        {
            var count = stream.Read(buffer, end, buffer.Length - end);
            end += count;
            AtEnd = count == 0;
        }
        catch (IOException e)
        {
            throw new SourceFailedException($"'{path}' cannot be read at byte {Offset + Length}: {e.Message}", true, e);
        }
    }

    /// <summary>Leaves the first bytes behind.</summary>
    public void Drop(int count)
    {
        var dropped = Bytes[..count];
        droppedLines += dropped.Count((byte)'\n');
        if (dropped.LastIndexOf((byte)'\n') is >= 0 and var last) lineStart = Offset + last + 1;
        start += count;
        Offset += count;
    }

    /// <summary>Leaves a byte-order mark at the beginning of the file behind.</summary>
    public void DropByteOrderMark()
    {
        while (Length < Encoding.UTF8.Preamble.Length && !AtEnd) Fill();
        if (!Bytes.StartsWith(Encoding.UTF8.Preamble)) return;
        Drop(Encoding.UTF8.Preamble.Length);
        lineStart = Offset;
    }

    /// <summary>Says what is wrong at a byte in memory.</summary>
    /// <param name="at">Index in <see cref="Bytes"/>.</param>
    /// <param name="what">What is wrong, beginning with a verb, and what to do, without a full stop.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public SourceFailedException Flaw(int at, string what, Exception? inner = null) =>
        new($"'{path}' {what} (line {droppedLines + Bytes[..at].Count((byte)'\n') + 1}, byte {Offset + at}).", false, inner);

    /// <summary>The index in <see cref="Bytes"/> of a place that is given by the number of its line in the file, from 0, and of its byte in the line.</summary>
    public int IndexOf(long line, long byteInLine)
    {
        var lineAt = lineStart - Offset;
        for (var (i, left) = (0, line - droppedLines); left > 0 && i < Length; i++)
        {
            if (Bytes[i] != (byte)'\n') continue;
            lineAt = i + 1;
            left--;
        }
        return (int)Math.Clamp(lineAt + byteInLine, 0, Length);
    }

    public void Dispose() => stream.Dispose();

    private void MakeRoom()
    {
        var room = start > buffer.Length / 2 ? buffer : new byte[Math.Max(buffer.Length, 2 * Length)];
        Bytes.CopyTo(room);
        (buffer, start, end) = (room, 0, Length);
    }
}
