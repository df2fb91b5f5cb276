using System.IO.Hashing;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// The portable form of a snapshot, little endian: 8 bytes magic, 4 version, the modules (<see cref="ModuleEncoding"/>),
/// 8 length of the state, the state (<see cref="StateEncoding"/>), 16 checksum over everything before it (XXH3-128).
/// </summary>
internal static class SnapshotFormat
{
    private const uint Version = 2;
    private const int HeaderBytes = 8 + 4 + 8;
    private const int ChecksumBytes = 16;

    private static ReadOnlySpan<byte> Magic => "AKWSTATE"u8;

    public static byte[] Write(WasmSnapshot snapshot)
    {
        var stateBytes = StateEncoding.SizeOf(snapshot.Memories, snapshot.Items);
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)(HeaderBytes + ModuleEncoding.SizeOf(snapshot.Modules) + stateBytes + ChecksumBytes)));
        var sink = new ArraySink(bytes);
        sink.Write(Magic);
        StateEncoding.WriteU32(ref sink, Version);
        ModuleEncoding.Write(ref sink, snapshot.Modules);
        StateEncoding.WriteU64(ref sink, (ulong)stateBytes);
        StateEncoding.Write(ref sink, snapshot.Memories, snapshot.Items);
        sink.Write(XxHash128.Hash(bytes.AsSpan(0, sink.Length)));
        return bytes;
    }

    public static WasmSnapshot Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes + ChecksumBytes)
            throw new SnapshotCorruptException($"it is cut short, {bytes.Length} bytes", bytes.Length);
        var reader = new StateReader(bytes[..^ChecksumBytes]);
        if (!reader.Bytes(Magic.Length).SequenceEqual(Magic)) throw new SnapshotCorruptException("it does not begin as a snapshot does", 0);
        var version = reader.U32();
        if (version != Version) throw new SnapshotCorruptException($"its version is {version}, known is {Version}", Magic.Length);
        var modules = ModuleEncoding.Read(ref reader);
        var length = reader.U64();
        if (length != (ulong)reader.Remaining)
            throw new SnapshotCorruptException($"its state should have {length} bytes and has {reader.Remaining}", reader.Offset - 8);
        if (!XxHash128.Hash(bytes[..^ChecksumBytes]).AsSpan().SequenceEqual(bytes[^ChecksumBytes..]))
            throw new SnapshotCorruptException("its checksum does not hold", bytes.Length - ChecksumBytes);
        var memories = reader.Memories();
        var items = reader.Items();
        if (reader.Remaining != 0) throw new SnapshotCorruptException($"{reader.Remaining} bytes follow its state", reader.Offset);
        return new WasmSnapshot(modules, memories, items);
    }
}
