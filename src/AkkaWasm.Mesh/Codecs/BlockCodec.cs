using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Hashing;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>
/// The binary form of a block: magic, version, length of the header, header, records, then XxHash64 over all before. The header can be
/// read without the records.
/// </summary>
public static class BlockCodec
{
    private const uint Magic = 0x4B4C4257; // "WBLK"
    private const byte Version = 1;
    private const int Prefix = 4 + 1 + 4;

    /// <summary>Reads the header of a block, without looking at its records or its checksum.</summary>
    /// <exception cref="LogCorruptException">The bytes are no block of this version.</exception>
    public static BlockHeader ReadHeader(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < Prefix + 8) throw new LogCorruptException($"A block of the log is cut: it has {span.Length} bytes.", Position.None);
        if (BinaryPrimitives.ReadUInt32LittleEndian(span) != Magic) throw new LogCorruptException("The bytes are no block of the log.", Position.None);
        if (span[4] != Version) throw new LogCorruptException($"A block of the log has format version {span[4]}; this program reads version {Version}.", Position.None);
        var length = BinaryPrimitives.ReadInt32LittleEndian(span[5..]);
        if (length < 0 || length > span.Length - Prefix - 8)
            throw new LogCorruptException($"A block of the log is cut: its header has {length} bytes, {span.Length - Prefix - 8} are there.", Position.None);
        try
        {
            return ReadHeaderFields(new ByteReader(bytes.Slice(Prefix, length)), BinaryPrimitives.ReadUInt64LittleEndian(span[^8..]));
        }
        catch (DecodeException e)
        {
            throw new LogCorruptException($"The header of a block of the log cannot be read: {e.Message}.", Position.None);
        }
    }

    /// <summary>Reads a block whole and checks it.</summary>
    /// <exception cref="LogCorruptException">It is cut or damaged; the message says at which offset.</exception>
    public static IReadOnlyList<LogRecord> Read(ReadOnlyMemory<byte> bytes, out BlockHeader header) => Read(bytes, out header, out _);

    /// <summary>Like the other, and gives the records in their binary form too.</summary>
    internal static IReadOnlyList<LogRecord> Read(ReadOnlyMemory<byte> bytes, out BlockHeader header, out EncodedRecords encoded)
    {
        header = ReadHeader(bytes);
        Check(bytes);
        var start = Prefix + BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[5..]);
        encoded = new EncodedRecords(bytes[start..^8], new int[header.Count]);
        return ReadRecords(encoded, header);
    }

    /// <summary>Checks a block and finds out where each of its records begins, without making them.</summary>
    /// <exception cref="LogCorruptException">It is cut or damaged.</exception>
    internal static EncodedRecords Index(ReadOnlyMemory<byte> bytes, out BlockHeader header)
    {
        header = ReadHeader(bytes);
        Check(bytes);
        var encoded = new EncodedRecords(bytes[(Prefix + BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[5..]))..^8], new int[header.Count]);
        var (reader, context) = (new ByteReader(encoded.Bytes), new BlockContext(header.Epoch, header.BaseTimeNs));
        var i = 0;
        try
        {
            for (; i < header.Count; i++)
            {
                encoded.Starts[i] = reader.Position;
                RecordCodec.Skip(reader, context, reader.AtEnd ? (byte)0 : encoded.Bytes.Span[reader.Position]);
            }
            return reader.AtEnd ? encoded : throw new DecodeException($"byte {reader.Position}: more bytes than records");
        }
        catch (DecodeException e)
        {
            throw new LogCorruptException($"The record at offset {header.FirstOffset + i} of the log cannot be read: {e.Message}.", header.FirstOffset + i);
        }
    }

    /// <summary>Reads one record of a block that was read or written before.</summary>
    /// <param name="record">The record, and what follows it.</param>
    /// <param name="context">What the records of its block have in common.</param>
    /// <param name="offset">Its offset.</param>
    /// <returns>The event, or null if it is a record of another kind.</returns>
    internal static MeshEvent? ReadEvent(ReadOnlyMemory<byte> record, BlockContext context, long offset)
    {
        if (!RecordCodec.IsEvent(record.Span) || RecordCodec.Read(new ByteReader(record), context) is not EventRecord { Event: var e }) return null;
        e.Offset = offset;
        return e;
    }

    /// <summary>
    /// Checks that a block is what was written, without reading its records. Before, not even its header is to be believed.
    /// </summary>
    /// <returns>The same bytes.</returns>
    /// <exception cref="LogCorruptException">It is cut or damaged.</exception>
    public static ReadOnlyMemory<byte> Check(ReadOnlyMemory<byte> bytes)
    {
        var header = ReadHeader(bytes);
        var actual = XxHash64.HashToUInt64(bytes.Span[..^8]);
        return actual == header.Checksum ? bytes : throw new LogCorruptException(
            $"A block of the log is damaged: its checksum is {actual:x16}, not {header.Checksum:x16}; it says that it holds offsets {header.FirstOffset} to {header.LastOffset}.", header.FirstOffset);
    }

    /// <summary>Writes a block.</summary>
    /// <param name="header">Its header; the checksum in it is not looked at.</param>
    /// <param name="records">Its records.</param>
    /// <param name="checksum">The checksum.</param>
    /// <returns>All its bytes; the records stand before the last 8.</returns>
    internal static byte[] Write(BlockHeader header, ReadOnlySpan<byte> records, out ulong checksum)
    {
        var head = new ByteWriter(256);
        WriteHeaderFields(head, header);
        var bytes = new byte[Prefix + head.Length + records.Length + 8];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        bytes[4] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(5), head.Length);
        head.Written.CopyTo(bytes.AsSpan(Prefix));
        records.CopyTo(bytes.AsSpan(Prefix + head.Length));
        checksum = XxHash64.HashToUInt64(bytes.AsSpan(0, bytes.Length - 8));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - 8), checksum);
        return bytes;
    }

    private static List<LogRecord> ReadRecords(EncodedRecords encoded, BlockHeader header)
    {
        var reader = new ByteReader(encoded.Bytes);
        var context = new BlockContext(header.Epoch, header.BaseTimeNs);
        var records = new List<LogRecord>(header.Count);
        try
        {
            for (var i = 0; i < header.Count; i++)
            {
                encoded.Starts[i] = reader.Position;
                var record = RecordCodec.Read(reader, context);
                record.Offset = header.FirstOffset + i;
                if (record is EventRecord { Event: var e }) e.Offset = record.Offset;
                records.Add(record);
            }
            if (!reader.AtEnd) throw new DecodeException($"byte {reader.Position}: more bytes than records");
            return records;
        }
        catch (DecodeException e)
        {
            throw new LogCorruptException($"The record at offset {header.FirstOffset + records.Count} of the log cannot be read: {e.Message}.", header.FirstOffset + records.Count);
        }
    }

    private static void WriteHeaderFields(ByteWriter w, BlockHeader h)
    {
        w.Int(h.Shard);
        w.Int(h.Epoch);
        w.Int(h.FirstOffset);
        w.UInt((ulong)h.Count);
        w.Int(h.BaseTimeNs);
        w.Fixed64(h.PreviousChecksum);
        w.Text(h.Writer);
        w.List(h.Agents, (to, agent) => to.Int(agent));
        w.List(h.Topics, (to, topic) => to.Text(topic));
    }

    private static BlockHeader ReadHeaderFields(ByteReader r, ulong checksum)
    {
        var (shard, epoch, first, count, baseTime, previous, writer) = (r.Int32(), r.Int32(), r.Int(), r.UInt(), r.Int(), r.Fixed64(), r.Text());
        if (count is 0 or > int.MaxValue) throw new DecodeException($"a count of {count} records");
        return new BlockHeader(shard, epoch, first, (int)count, baseTime, previous, checksum, writer, r.List(from => from.Int32()), r.List(from => from.Text()));
    }
}
