using System.Buffers.Binary;
using System.IO.Hashing;
using AkkaWasm.Wasm.Wasi.Codec;

namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>
/// The bytes of a file in chunks. A chunk that came from an image or a folder is shared and copied by the first write to it; the digest of one
/// that did not change is not computed again; chunks that were never written take no room.
/// </summary>
internal sealed class FileContent
{
    /// <summary>Bytes of a chunk.</summary>
    public const int ChunkBytes = 16 << 10;

    /// <summary>Largest file that an image may have, bytes; limits are checked when files grow, not when they come back.</summary>
    private const ulong MaxBytes = 1UL << 40;

    private readonly List<Chunk?> _chunks = [];

    public FileContent()
    {
    }

    /// <summary>Shares bytes that nobody changes.</summary>
    public FileContent(ReadOnlyMemory<byte> bytes)
    {
        Size = bytes.Length;
        for (var at = 0; at < bytes.Length; at += ChunkBytes) _chunks.Add(new Chunk(bytes.Slice(at, Math.Min(ChunkBytes, bytes.Length - at))));
    }

    /// <summary>The file's size, bytes.</summary>
    public long Size { get; private set; }

    public int Read(long offset, Span<byte> destination)
    {
        if (offset >= Size) return 0;
        var count = (int)Math.Min(destination.Length, Size - offset);
        for (var done = 0; done < count;)
        {
            var (index, at) = Place(offset + done);
            var part = Math.Min(ChunkBytes - at, count - done);
            var target = destination.Slice(done, part);
            var stored = _chunks[index] is { } chunk && chunk.Bytes.Length > at ? chunk.Bytes.Span[at..] : [];
            var copied = Math.Min(stored.Length, part);
            stored[..copied].CopyTo(target);
            target[copied..].Clear();
            done += part;
        }
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        if (offset + bytes.Length > Size) Resize(offset + bytes.Length);
        while (!bytes.IsEmpty)
        {
            var (index, at) = Place(offset);
            var part = Math.Min(ChunkBytes - at, bytes.Length);
            bytes[..part].CopyTo((_chunks[index] ??= new Chunk(default)).Own(at + part)[at..]);
            bytes = bytes[part..];
            offset += part;
        }
    }

    public void Resize(long size)
    {
        var count = (int)((size + ChunkBytes - 1) / ChunkBytes);
        if (count < _chunks.Count) _chunks.RemoveRange(count, _chunks.Count - count);
        else if (count > _chunks.Count) _chunks.AddRange(Enumerable.Repeat<Chunk?>(null, count - _chunks.Count));
        if (size < Size && count > 0) _chunks[^1]?.Cut((int)(size - (long)(count - 1) * ChunkBytes));
        Size = size;
    }

    /// <summary>Equal for equal bytes, however they were written.</summary>
    public void AppendDigest(XxHash128 hash)
    {
        Span<byte> head = stackalloc byte[24];
        for (var i = 0; i < _chunks.Count; i++)
        {
            if (_chunks[i] is not { } chunk || chunk.Trimmed.IsEmpty) continue;
            BinaryPrimitives.WriteInt64LittleEndian(head, i);
            BinaryPrimitives.WriteUInt128LittleEndian(head[8..], chunk.Digest);
            hash.Append(head);
        }
        BinaryPrimitives.WriteInt64LittleEndian(head, -1 - Size);
        hash.Append(head[..8]);
    }

    /// <summary>Size, then each chunk that is not all zeros: its number from 1 and its bytes without zeros at the end; 0 at the end.</summary>
    public void Write(WorldWriter writer)
    {
        writer.Number((ulong)Size);
        for (var i = 0; i < _chunks.Count; i++)
        {
            if (_chunks[i] is not { } chunk || chunk.Trimmed.IsEmpty) continue;
            writer.Number((ulong)i + 1);
            writer.Bytes(chunk.Trimmed);
        }
        writer.Number(0);
    }

    /// <summary>Reads what <see cref="Write(WorldWriter)"/> wrote; the chunks stay parts of the image.</summary>
    public static FileContent Read(WorldReader reader)
    {
        var content = new FileContent();
        var size = reader.Number();
        if (size > MaxBytes) throw reader.Corrupt($"a file of {size} bytes");
        content.Resize((long)size);
        while (reader.Number() is > 0 and var number)
        {
            var bytes = reader.Bytes();
            if (number > (ulong)content._chunks.Count || bytes.Length > ChunkBytes || (long)(number - 1) * ChunkBytes + bytes.Length > content.Size)
                throw reader.Corrupt($"chunk {number} of {bytes.Length} bytes in a file of {size}");
            content._chunks[(int)number - 1] = new Chunk(bytes);
        }
        return content;
    }

    private static (int Index, int At) Place(long offset) => ((int)(offset / ChunkBytes), (int)(offset % ChunkBytes));

    private sealed class Chunk(ReadOnlyMemory<byte> bytes)
    {
        private byte[]? _own;
        private UInt128? _digest;

        /// <summary>What is stored; behind it are zeros.</summary>
        public ReadOnlyMemory<byte> Bytes { get; private set; } = bytes;

        public ReadOnlySpan<byte> Trimmed => Bytes.Span[..(Bytes.Span.LastIndexOfAnyExcept((byte)0) + 1)];

        public UInt128 Digest => _digest ??= XxHash128.HashToUInt128(Trimmed);

        /// <summary>The bytes to be written to, that many at least.</summary>
        public Span<byte> Own(int length)
        {
            if (_own is null || _own.Length < length)
            {
                var own = new byte[Math.Min(ChunkBytes, Math.Max(length, Bytes.Length * 2))];
                Bytes.Span.CopyTo(own);
                _own = own;
            }
            Bytes = _own;
            _digest = null;
            return _own;
        }

        /// <summary>Forgets what lies behind a length.</summary>
        public void Cut(int length)
        {
            if (length >= Bytes.Length) return;
            Bytes = Bytes[..length].ToArray();
            _own = null;
            _digest = null;
        }
    }
}
