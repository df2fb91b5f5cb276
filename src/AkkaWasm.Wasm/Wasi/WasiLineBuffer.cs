namespace AkkaWasm.Wasm.Wasi;

/// <summary>Takes one line without its line feed (and without the carriage return before it).</summary>
/// <param name="line">The line; valid during the call.</param>
public delegate void WasiLineSink(ReadOnlySpan<byte> line);

/// <summary>Cuts what a program writes into lines.</summary>
/// <param name="maxBytes">Longest line; see <see cref="WasiLimits.LineBytes"/>.</param>
/// <param name="divides">Whether a longer line is divided; otherwise it is refused.</param>
/// <param name="sink">Takes the lines.</param>
public sealed class WasiLineBuffer(int maxBytes, bool divides, WasiLineSink sink)
{
    private byte[] _pending = [];
    private int _length;

    /// <summary>Takes bytes.</summary>
    /// <exception cref="InvalidDataException">A line is longer than the limit and is not divided.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            Add(bytes[..end]);
            Emit();
            bytes = bytes[(end + 1)..];
        }
        Add(bytes);
    }

    /// <summary>Gives the last line out if it did not end with a line feed.</summary>
    public void Flush()
    {
        if (_length > 0) Emit();
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > maxBytes - _length)
        {
            if (!divides) throw new InvalidDataException($"a line of standard output is longer than {maxBytes} bytes");
            var room = maxBytes - _length;
            Append(bytes[..room]);
            bytes = bytes[room..];
            Emit();
        }
        Append(bytes);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_pending.Length - _length < bytes.Length) Array.Resize(ref _pending, Math.Max(_pending.Length * 2, _length + bytes.Length));
        bytes.CopyTo(_pending.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Emit()
    {
        var line = _pending.AsSpan(0, _length);
        _length = 0;
        sink(line is [.. var rest, (byte)'\r'] ? rest : line);
    }
}
