using System.Buffers.Binary;
using System.IO.Hashing;
using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// The state of a shard as it was at one time, to be written by any thread while the shard goes on. It may have hundreds of megabytes, most of them ids of
/// published events, so it is written only where it is needed and once.
/// </summary>
public sealed class CapturedState
{
    private readonly ByteWriter before;
    private readonly CapturedIds ids;
    private readonly ByteWriter after;

    internal CapturedState(ByteWriter before, CapturedIds ids, ByteWriter after)
    {
        (this.before, this.ids, this.after) = (before, ids, after);
        Length = checked((int)(before.Length + ids.Bytes + after.Length + sizeof(ulong)));
    }

    /// <summary>Its bytes when it is written.</summary>
    public int Length { get; }

    /// <summary>Writes it.</summary>
    /// <param name="into">As long as <see cref="Length"/> says.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public void WriteTo(Span<byte> into)
    {
        if (into.Length != Length) throw new ArgumentException($"The state has {Length} bytes, and there is room for {into.Length}.", nameof(into));
        before.Written.CopyTo(into);
        ids.WriteTo(into[before.Length..]);
        after.Written.CopyTo(into[(before.Length + (int)ids.Bytes)..]);
        BinaryPrimitives.WriteUInt64LittleEndian(into[^sizeof(ulong)..], XxHash64.HashToUInt64(into[..^sizeof(ulong)]));
    }

    /// <summary>The same in an array of its own.</summary>
    public ReadOnlyMemory<byte> ToMemory()
    {
        var all = GC.AllocateUninitializedArray<byte>(Length);
        WriteTo(all);
        return all;
    }
}
