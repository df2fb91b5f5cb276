using System.Buffers.Binary;
using System.IO.Hashing;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// A saved state of a shard as it lies in the store: whole, or as a manifest that begins with a byte which no version of a state has. A manifest holds the
/// lengths of what follows (before the ids, ids that are forgotten, number of parts, ids in no part, after the ids; 4 bytes each), the names of the parts
/// (16 bytes each), those three pieces, and an XxHash64 of all that; numbers are little-endian.
/// </summary>
public static class SavedState
{
    /// <summary>The first byte of a manifest.</summary>
    public const byte Mark = 0xff;

    internal const int HeaderBytes = 1 + 5 * sizeof(int);

    /// <summary>The names of the parts of a saved state; none for one that is whole.</summary>
    /// <exception cref="LogCorruptException">It is damaged.</exception>
    public static UInt128[] PartsOf(ReadOnlySpan<byte> saved)
    {
        if (!IsManifest(saved)) return [];
        var parts = new UInt128[ReadHeader(saved).Parts];
        for (var i = 0; i < parts.Length; i++) parts[i] = BinaryPrimitives.ReadUInt128LittleEndian(saved[(HeaderBytes + i * 16)..]);
        return parts;
    }

    /// <summary>The whole state.</summary>
    /// <param name="saved">What was saved.</param>
    /// <param name="part">Finds a part by its name; null where there is none.</param>
    /// <exception cref="LogCorruptException">It is damaged, or a part is missing.</exception>
    public static ReadOnlyMemory<byte> Whole(ReadOnlyMemory<byte> saved, Func<UInt128, ReadOnlyMemory<byte>?> part)
    {
        var bytes = saved.Span;
        if (!IsManifest(bytes)) return saved;
        var (before, skipped, parts, loose, after) = ReadHeader(bytes);
        var found = new List<ReadOnlyMemory<byte>>(parts);
        var length = (long)before - skipped + loose + after + sizeof(ulong);
        foreach (var name in PartsOf(bytes))
        {
            found.Add(part(name) is { Length: IdChunk.Length * IdEntry.Size } piece ? piece : throw Damaged($"its part {name:x32} is missing or damaged"));
            length += found[^1].Length;
        }
        if (length is < sizeof(ulong) or > int.MaxValue) throw Damaged($"its parts make {length} bytes");
        var pieces = bytes[(HeaderBytes + parts * 16)..];
        var whole = GC.AllocateUninitializedArray<byte>((int)length);
        pieces[..before].CopyTo(whole);
        var at = before;
        foreach (var piece in found) Put(piece.Span, whole, ref at, ref skipped);
        Put(pieces.Slice(before, loose), whole, ref at, ref skipped);
        pieces.Slice(before + loose, after).CopyTo(whole.AsSpan(at));
        CapturedState.Seal(whole);
        return whole;
    }

    internal static void WriteHeader(Span<byte> into, params ReadOnlySpan<int> lengths)
    {
        into[0] = Mark;
        for (var i = 0; i < lengths.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(into[(1 + i * sizeof(int))..], lengths[i]);
    }

    private static bool IsManifest(ReadOnlySpan<byte> saved) => !saved.IsEmpty && saved[0] == Mark;

    private static void Put(ReadOnlySpan<byte> piece, Span<byte> into, ref int at, ref int skipped)
    {
        var wanted = piece[Math.Min(skipped, piece.Length)..];
        skipped -= piece.Length - wanted.Length;
        wanted.CopyTo(into[at..]);
        at += wanted.Length;
    }

    private static (int Before, int Skipped, int Parts, int Loose, int After) ReadHeader(ReadOnlySpan<byte> saved)
    {
        if (saved.Length < HeaderBytes + sizeof(ulong)) throw Damaged($"{saved.Length} bytes are too few");
        if (BinaryPrimitives.ReadUInt64LittleEndian(saved[^sizeof(ulong)..]) != XxHash64.HashToUInt64(saved[..^sizeof(ulong)])) throw Damaged("the checksum does not fit");
        Span<int> lengths = stackalloc int[5];
        for (var i = 0; i < lengths.Length; i++) lengths[i] = BinaryPrimitives.ReadInt32LittleEndian(saved[(1 + i * sizeof(int))..]);
        var expected = HeaderBytes + (long)lengths[0] + 16L * lengths[2] + lengths[3] + lengths[4] + sizeof(ulong);
        if (lengths.IndexOfAnyInRange(int.MinValue, -1) >= 0 || expected != saved.Length) throw Damaged("its lengths do not fit");
        return (lengths[0], lengths[1], lengths[2], lengths[3], lengths[4]);
    }

    private static LogCorruptException Damaged(string how) => new($"The saved state of the shard is damaged: {how}; put it back from a copy, or delete it so that an older one or the log is read.", Position.None);
}
