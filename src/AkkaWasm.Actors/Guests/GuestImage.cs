using System.Buffers.Binary;
using System.IO.Hashing;
using AkkaWasm.Mesh;
using StateHash = AkkaWasm.Mesh.StateHash;

namespace AkkaWasm.Actors.Guests;

/// <summary>
/// The image of a guest with a world: a snapshot of its instance, if it has one between events, and its world. Binary form, little endian: magic,
/// version, whether there is an instance, where its stack is kept, length of the snapshot, snapshot, world. Both parts have checksums of their own.
/// </summary>
/// <param name="Instance">The instance's snapshot; null where none lives on between events.</param>
/// <param name="World">The world.</param>
/// <param name="UnwoundStack">Address of the unwound stack of a program that waits for input; 0 otherwise.</param>
internal readonly record struct GuestImage(ReadOnlyMemory<byte>? Instance, ReadOnlyMemory<byte> World, uint UnwoundStack = 0)
{
    private const uint Magic = 0x474D4947; // "GIMG"
    private const byte Version = 1;
    private const int HeaderBytes = 4 + 1 + 1 + 4 + 8;

    public byte[] ToBytes()
    {
        var instance = Instance ?? ReadOnlyMemory<byte>.Empty;
        var bytes = new byte[HeaderBytes + instance.Length + World.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        bytes[4] = Version;
        bytes[5] = Instance is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(6), UnwoundStack);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(10), instance.Length);
        instance.CopyTo(bytes.AsMemory(HeaderBytes));
        World.CopyTo(bytes.AsMemory(HeaderBytes + instance.Length));
        return bytes;
    }

    /// <exception cref="ImageCorruptException">The bytes are no image of a guest with a world.</exception>
    public static GuestImage FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(span) != Magic)
            throw new ImageCorruptException("The bytes are no image of a guest with a world.");
        if (span[4] != Version) throw new ImageCorruptException($"The image of the guest has format version {span[4]}; this program reads version {Version}.");
        var length = BinaryPrimitives.ReadInt64LittleEndian(span[10..]);
        if (span[5] > 1 || length < 0 || length > span.Length - HeaderBytes || (span[5] == 0 && length != 0))
            throw new ImageCorruptException($"The image of the guest is damaged: it says that its instance has {length} of its {span.Length} bytes.");
        return new GuestImage(
            span[5] == 0 ? (ReadOnlyMemory<byte>?)null : bytes.Slice(HeaderBytes, (int)length), bytes[(HeaderBytes + (int)length)..], BinaryPrimitives.ReadUInt32LittleEndian(span[6..]));
    }

    /// <summary>The hash of a state that has several parts.</summary>
    public static StateHash Combine(params ReadOnlySpan<StateHash> parts)
    {
        var bytes = new byte[parts.Length * StateHash.Size];
        for (var i = 0; i < parts.Length; i++) parts[i].Write(bytes.AsSpan(i * StateHash.Size));
        return new StateHash(XxHash128.HashToUInt128(bytes));
    }
}
