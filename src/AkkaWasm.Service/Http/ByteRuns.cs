using AkkaWasm.Mesh.Inspection;

namespace AkkaWasm.Service.Http;

/// <summary>Bytes in a row of which the first and the last changed.</summary>
/// <param name="Address">Where they begin.</param>
/// <param name="Before">What they were.</param>
/// <param name="After">What they are.</param>
internal readonly record struct ByteRun(long Address, ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After);

/// <summary>The changed bytes of pages.</summary>
internal static class ByteRuns
{
    /// <summary>Changed bytes with fewer than so many unchanged ones between them belong together.</summary>
    private const int Gap = 8;

    public static IEnumerable<ByteRun> Of(PageChange page)
    {
        var (before, after) = Both(page);
        for (var at = 0; at < before.Length;)
        {
            if (before[at] == after[at])
            {
                at++;
                continue;
            }
            var end = EndOf(before, after, at);
            yield return new ByteRun(page.Address + at, before.AsMemory(at..end), after.AsMemory(at..end));
            at = end;
        }
    }

    /// <summary>Both versions of a page in their full length, zeros where nothing was.</summary>
    public static (byte[] Before, byte[] After) Both(PageChange page)
    {
        var length = Math.Max(page.Before.Length, page.After.Length);
        var (before, after) = (new byte[length], new byte[length]);
        page.Before.CopyTo(before);
        page.After.CopyTo(after);
        return (before, after);
    }

    private static int EndOf(byte[] before, byte[] after, int at)
    {
        var end = at + 1;
        for (var next = end; next < before.Length && next - end < Gap; next++)
            if (before[next] != after[next]) end = next + 1;
        return end;
    }
}
