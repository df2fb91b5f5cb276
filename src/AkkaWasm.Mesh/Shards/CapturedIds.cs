namespace AkkaWasm.Mesh.Shards;

/// <summary>The ids of published events as they were at one time: some chunks of the ring, of which the first may begin with forgotten ones and the last is filled later on.</summary>
internal sealed class CapturedIds(IdChunk[] chunks, int skipped, int count)
{
    /// <summary>How many ids.</summary>
    public int Count => count;

    /// <summary>Bytes of all.</summary>
    public long Bytes => (long)count * IdEntry.Size;

    /// <summary>Bytes at the beginning of what the chunks hold that belong to forgotten ids.</summary>
    public int SkippedBytes => skipped * IdEntry.Size;

    /// <summary>The chunks that will not change any more.</summary>
    public ReadOnlyMemory<IdChunk> Full => chunks.AsMemory(0, (skipped + count) / IdChunk.Length);

    /// <summary>What stands in the chunk that is still being filled.</summary>
    public ReadOnlySpan<byte> Rest => (skipped + count) % IdChunk.Length is > 0 and var rest ? chunks[Full.Length].Bytes[..(rest * IdEntry.Size)] : [];

    /// <summary>Writes all of them.</summary>
    /// <param name="into">As long as <see cref="Bytes"/> says.</param>
    public void WriteTo(Span<byte> into)
    {
        var skip = SkippedBytes;
        foreach (var chunk in Full.Span) Put(chunk.Bytes, ref into, ref skip);
        Put(Rest, ref into, ref skip);
    }

    private static void Put(ReadOnlySpan<byte> bytes, ref Span<byte> into, ref int skip)
    {
        var wanted = bytes[Math.Min(skip, bytes.Length)..];
        skip -= bytes.Length - wanted.Length;
        wanted.CopyTo(into);
        into = into[wanted.Length..];
    }
}
