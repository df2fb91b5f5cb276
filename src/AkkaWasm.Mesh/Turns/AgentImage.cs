using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace AkkaWasm.Mesh.Turns;

/// <summary>
/// An agent's state after a turn, as it is kept in memory for healing and saved in the snapshot store. Binary form, little endian: magic, version,
/// incarnation, offset of the last handled input, turns, state hash, name; in version 1 the whole state, in version 2 a count of parts (4 bytes), their
/// names (16 bytes each) and the state's manifest; then XxHash64 over all before.
/// </summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Incarnation">Which life of it.</param>
/// <param name="Input">Offset of the last event that it had handled with success.</param>
/// <param name="Turns">Successful turns of this incarnation up to there.</param>
/// <param name="Hash">Hash of the state.</param>
/// <param name="State">The guest's state, opaque to the mesh.</param>
public sealed record AgentImage(string Agent, int Incarnation, long Input, long Turns, StateHash Hash, GuestState State)
{
    /// <summary>The version, fifth byte of the binary form, of an image that names parts.</summary>
    public const byte VersionInParts = 2;

    private const uint Magic = 0x474D4941; // "AIMG"
    private const byte Whole = 1;
    private const byte InParts = VersionInParts;
    private const int HeaderSize = 4 + 1 + 4 + 8 + 8 + StateHash.Size + 2;
    private const int PartNameSize = 16;

    /// <summary>The guest's whole state.</summary>
    /// <exception cref="NotSupportedException">The image was read back in parts.</exception>
    public ReadOnlyMemory<byte> Guest => State.ToBytes();

    /// <summary>Writes the binary form with the whole state.</summary>
    public byte[] ToBytes() => Write(Whole, [], State.ToBytes());

    /// <summary>Writes the binary form that only names the parts of the state; they have to be safe before it is.</summary>
    public byte[] ToManifest() => Write(InParts, [.. State.PartNames], State.ToManifest());

    /// <summary>Reads the binary form.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> or <see cref="ToManifest"/> gave.</param>
    /// <param name="parts">Finds a part by its name; null where none are to be had.</param>
    /// <exception cref="ImageCorruptException">It is damaged, cut or of another kind.</exception>
    public static AgentImage FromBytes(ReadOnlyMemory<byte> bytes, Func<UInt128, ReadOnlyMemory<byte>>? parts = null)
    {
        var (version, names, state) = Check(bytes.Span);
        var span = bytes.Span;
        var name = Encoding.UTF8.GetString(span.Slice(HeaderSize, names - HeaderSize));
        return new AgentImage(name, BinaryPrimitives.ReadInt32LittleEndian(span[5..]), BinaryPrimitives.ReadInt64LittleEndian(span[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[17..]), StateHash.Read(span[25..]),
            version == Whole ? bytes[state..^8] : new StoredGuestState(bytes[state..^8], parts ?? Missing));

        ReadOnlyMemory<byte> Missing(UInt128 part) => throw new ImageCorruptException($"The image of agent '{name}' names the part {part:x32}, and there are none to be had.");
    }

    /// <summary>The names of the parts that an image in its binary form needs; empty for one that is whole.</summary>
    /// <exception cref="ImageCorruptException">It is damaged, cut or of another kind.</exception>
    public static UInt128[] PartsOf(ReadOnlySpan<byte> bytes)
    {
        var (version, at, state) = Check(bytes);
        if (version == Whole) return [];
        var names = new UInt128[(state - at - 4) / PartNameSize];
        for (var i = 0; i < names.Length; i++) names[i] = BinaryPrimitives.ReadUInt128LittleEndian(bytes[(at + 4 + i * PartNameSize)..]);
        return names;
    }

    private byte[] Write(byte version, UInt128[] parts, ReadOnlyMemory<byte> state)
    {
        var name = Encoding.UTF8.GetBytes(Agent);
        var list = version == InParts ? 4 + parts.Length * PartNameSize : 0;
        var bytes = GC.AllocateUninitializedArray<byte>(checked(HeaderSize + name.Length + list + state.Length + 8));
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, Magic);
        span[4] = version;
        BinaryPrimitives.WriteInt32LittleEndian(span[5..], Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(span[9..], Input);
        BinaryPrimitives.WriteInt64LittleEndian(span[17..], Turns);
        Hash.Write(span[25..]);
        BinaryPrimitives.WriteUInt16LittleEndian(span[(HeaderSize - 2)..], (ushort)name.Length);
        name.CopyTo(span[HeaderSize..]);
        var at = HeaderSize + name.Length;
        if (version == InParts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(span[at..], parts.Length);
            for (var i = 0; i < parts.Length; i++) BinaryPrimitives.WriteUInt128LittleEndian(span[(at + 4 + i * PartNameSize)..], parts[i]);
        }
        state.Span.CopyTo(span[(at + list)..]);
        BinaryPrimitives.WriteUInt64LittleEndian(span[^8..], XxHash64.HashToUInt64(span[..^8]));
        return bytes;
    }

    /// <returns>The version, where what follows the name begins, and where the state does.</returns>
    private static (byte Version, int AfterName, int State) Check(ReadOnlySpan<byte> span)
    {
        if (span.Length < HeaderSize + 8) throw new ImageCorruptException($"The image of an agent is cut: it has {span.Length} bytes, fewer than its header.");
        if (BinaryPrimitives.ReadUInt32LittleEndian(span) != Magic) throw new ImageCorruptException("The bytes are no image of an agent.");
        if (BinaryPrimitives.ReadUInt64LittleEndian(span[^8..]) != XxHash64.HashToUInt64(span[..^8]))
            throw new ImageCorruptException($"The image of an agent is damaged: the checksum over its {span.Length} bytes does not fit.");
        var version = span[4];
        if (version is not (Whole or InParts)) throw new ImageCorruptException($"The image of an agent has format version {version}; this program reads versions {Whole} and {InParts}.");
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(span[(HeaderSize - 2)..]);
        var at = HeaderSize + nameLength;
        if (at + 8 > span.Length) throw new ImageCorruptException($"The image of an agent is cut: its name has {nameLength} bytes.");
        if (version == Whole) return (version, at, at);
        var count = at + 12 > span.Length ? -1 : BinaryPrimitives.ReadInt32LittleEndian(span[at..]);
        if (count < 0 || count > (span.Length - at - 12) / PartNameSize) throw new ImageCorruptException($"The image of an agent is cut: it says that it names {count} parts.");
        return (version, at, at + 4 + count * PartNameSize);
    }
}
