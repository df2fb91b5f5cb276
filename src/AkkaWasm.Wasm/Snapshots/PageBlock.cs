using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// The pages that are not all zeros among <see cref="PageCount"/> neighbours of a memory, with a hash for each. Immutable, and shared by all images
/// between which none of these pages changed.
/// </summary>
internal sealed class PageBlock
{
    /// <summary>How many pages a block spans.</summary>
    public const int PageCount = 64;

    /// <summary>The unit in which memory is saved and hashed, whatever the machine's own page size.</summary>
    public const int PageBytes = SnapshotPage.SizeBytes;

    /// <summary>The bytes of memory a block spans.</summary>
    public const int Bytes = PageCount * PageBytes;

    private readonly ReadOnlyMemory<byte>[] _contents;
    private UInt128[]? _hashes;
    private object? _hash;

    /// <param name="present">Bit <c>i</c> says that page <c>i</c> is not all zeros.</param>
    /// <param name="contents">The contents of these pages, in order; empty for one of which only the hash is known.</param>
    /// <param name="hashes">Their hashes, or null to make them of the contents when they are asked for.</param>
    public PageBlock(ulong present, ReadOnlyMemory<byte>[] contents, UInt128[]? hashes)
    {
        Present = present;
        _contents = contents;
        _hashes = hashes;
        IsWhole = !Array.Exists(contents, c => c.IsEmpty);
    }

    /// <summary>Bit <c>i</c> says that page <c>i</c> is not all zeros.</summary>
    public ulong Present { get; }

    /// <summary>How many pages are not all zeros.</summary>
    public int Count => _contents.Length;

    /// <summary>Whether the contents of all its pages are known.</summary>
    public bool IsWhole { get; }

    /// <summary>Whether hashes were made or given already.</summary>
    public bool HasHashes => Volatile.Read(ref _hashes) is not null;

    /// <summary>The hash of each page that is not all zeros, in order.</summary>
    public ReadOnlySpan<UInt128> Hashes => Volatile.Read(ref _hashes) ?? HashAll();

    /// <summary>The hash over <see cref="Present"/> and the pages' hashes.</summary>
    public UInt128 Hash => (UInt128)(Volatile.Read(ref _hash) ?? HashHashes());

    /// <summary>The hash of one page's contents: XXH3-128.</summary>
    public static UInt128 HashOf(ReadOnlySpan<byte> page) => XxHash128.HashToUInt128(page);

    /// <summary>Where the page of that number within the block stands among those that are not all zeros, or -1.</summary>
    public int PositionOf(int page)
    {
        var bit = 1UL << page;
        return (Present & bit) == 0 ? -1 : BitOperations.PopCount(Present & (bit - 1));
    }

    /// <summary>The contents at a position, empty if only the hash is known.</summary>
    public ReadOnlyMemory<byte> ContentsAt(int position) => _contents[position];

    private UInt128[] HashAll()
    {
        var hashes = new UInt128[_contents.Length];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = HashOf(_contents[i].Span);
        Volatile.Write(ref _hashes, hashes);
        return hashes;
    }

    private object HashHashes()
    {
        Span<byte> bytes = stackalloc byte[8 + (PageCount * 16)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Present);
        var length = 8;
        foreach (var hash in Hashes)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(bytes[length..], hash);
            length += 16;
        }
        object made = XxHash128.HashToUInt128(bytes[..length]);
        Volatile.Write(ref _hash, made);
        return made;
    }
}
