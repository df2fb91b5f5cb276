using System.Text.Json;

namespace AkkaWasm.Actors.Sources;

/// <summary>One JSON value a line. Blank lines are passed over; lines end with LF or CR LF, the last one with the file.</summary>
internal sealed class JsonLinesReader(Stream stream, FileSourceOptions options) : ElementReader(stream, options)
{
    private bool begun;
    private int scanned;

    public override SourceElement? Next()
    {
        if (!begun) Window.DropByteOrderMark();
        begun = true;
        while (NextLine(out var lineLength, out var next))
        {
            var line = Window.Bytes[..lineLength];
            var value = line.Trim(" \t\r"u8);
            var at = lineLength - line.TrimStart(" \t\r"u8).Length;
            if (value.Length > 0) Check(value, at);
            var element = value.Length > 0 ? Element(at, value.Length, next) : null;
            Window.Drop(next);
            scanned = 0;
            if (element is not null) return element;
        }
        return null;
    }

    /// <summary>Gets a line whole into the window, at its beginning.</summary>
    private bool NextLine(out int length, out int next)
    {
        while (true)
        {
            var found = Window.Bytes[scanned..].IndexOf((byte)'\n');
            (length, next) = found >= 0 ? (scanned + found, scanned + found + 1) : (Window.Length, Window.Length);
            if (found >= 0) return true;
            if (Window.AtEnd) return length > 0;
            scanned = Window.Length;
            CheckLength(0, scanned);
            Window.Fill();
        }
    }

    private void Check(ReadOnlySpan<byte> value, int at)
    {
        var reader = new Utf8JsonReader(value, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read()) { }
        }
        catch (JsonException e)
        {
            throw Window.Flaw(at + (int)(e.BytePositionInLine ?? 0), $"has a line that is no JSON value: {ReasonOf(e)}", e);
        }
    }
}
