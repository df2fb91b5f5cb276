using System.Buffers;
using System.Text;

namespace AkkaWasm.Service.Wast.Syntax;

/// <summary>The bytes of a script, and which line and column each lies in.</summary>
internal sealed class ScriptText
{
    private readonly int[] lineStarts;

    /// <exception cref="ScriptException">It is longer than a script may be, or not UTF-8.</exception>
    public ScriptText(byte[] bytes, string file)
    {
        (Bytes, File) = (bytes, file);
        if (bytes.Length > ScriptLimits.MaxScriptBytes)
        {
            throw new ScriptException(new ScriptPlace(file, 1, 1),
                $"the script has {bytes.Length} bytes, more than the limit of {ScriptLimits.MaxScriptBytes}; split it");
        }
        lineStarts = [0, .. Enumerable.Range(1, bytes.Length).Where(i => bytes[i - 1] == '\n')];
        if (FirstOutsideUtf8(bytes) is { } bad) throw Error(bad, "the bytes are not UTF-8; save the script as UTF-8, and write other bytes as \\hh in strings");
    }

    public string File { get; }

    public byte[] Bytes { get; }

    public ScriptPlace PlaceOf(int offset)
    {
        var found = Array.BinarySearch(lineStarts, offset);
        var line = found >= 0 ? found : ~found - 1;
        return new ScriptPlace(File, line + 1, offset - lineStarts[line] + 1);
    }

    public ScriptException Error(int offset, string reason) => new(PlaceOf(offset), reason);

    private static int? FirstOutsideUtf8(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[i..], out _, out var consumed) != OperationStatus.Done) return i;
            i += consumed;
        }
        return null;
    }
}
