using System.Text.Json;

namespace AkkaWasm.Actors.Sources;

/// <summary>One JSON value a line; blank lines are passed over.</summary>
internal sealed class JsonLinesReader(Stream stream, FileSourceOptions options) : JsonElementReader(stream, options)
{
    public override FileElement? Next()
    {
        SkipByteOrderMark();
        while (TryLine(out var lineLength, out var skip))
        {
            var text = Pending[..lineLength].Trim(" \t\r"u8);
            if (text.IsEmpty)
            {
                Consume(skip);
                continue;
            }
            CheckLength(text.Length);
            CheckJson(text);
            var element = new FileElement(text.ToArray(), IdOf(text), Consumed + skip);
            Consume(skip);
            return element;
        }
        return null;
    }

    private bool TryLine(out int lineLength, out int skip)
    {
        var searched = 0;
        while (true)
        {
            var end = Pending[searched..].IndexOf((byte)'\n');
            if (end >= 0)
            {
                (lineLength, skip) = (searched + end, searched + end + 1);
                return true;
            }
            searched = Pending.Length;
            CheckLength(searched);
            if (AtEnd)
            {
                (lineLength, skip) = (searched, searched);
                return searched > 0;
            }
            ReadMore();
        }
    }

    private void CheckJson(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read()) { }
        }
        catch (JsonException e)
        {
            throw Failure((int)reader.BytesConsumed, $"the line is no JSON value: {e.Message}", e);
        }
    }
}
