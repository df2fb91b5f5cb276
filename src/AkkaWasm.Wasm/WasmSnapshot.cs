using AkkaWasm.Wasm.Snapshots;

namespace AkkaWasm.Wasm;

/// <summary>
/// The whole state of an instance between two calls, taken without its help. Immutable, independent of engine and machine; made by
/// <see cref="WasmInstance.Capture"/>. Pages that an earlier snapshot has too are shared with it.
/// </summary>
public sealed class WasmSnapshot
{
    internal WasmSnapshot(string moduleHash, MemoryImage[] memories, ItemImage items)
    {
        ModuleHash = moduleHash;
        Memories = memories;
        Items = items;
    }

    /// <summary>The <see cref="WasmModule.ContentHash"/> of the module it belongs to.</summary>
    public string ModuleHash { get; }

    /// <summary>The bytes of memory it carries; pages of zeros are not among them.</summary>
    public long PageBytes => Memories.Sum(m => (long)m.Pages.Length * MemoryImage.PageBytes);

    internal MemoryImage[] Memories { get; }

    internal ItemImage Items { get; }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="SnapshotCorruptException">The bytes are damaged, cut short, or of a version that is not known.</exception>
    public static WasmSnapshot FromBytes(ReadOnlySpan<byte> bytes) => SnapshotFormat.Read(bytes);

    /// <summary>The hash that the captured instance had.</summary>
    public StateHash ComputeHash()
    {
        var sink = HashSink.Create();
        StateEncoding.Write(ref sink, Memories, Items);
        return sink.Finish();
    }

    /// <summary>The portable form: version, module, state and checksum, little endian.</summary>
    public byte[] ToBytes() => SnapshotFormat.Write(this);
}
