using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace AkkaWasm.Mesh.Turns;

/// <summary>
/// An agent's state after a turn, as it is kept in memory for healing and saved in the snapshot store. Binary form, little endian:
/// magic, version, incarnation, offset of the last handled input, turns, state hash, name, guest image; then XxHash64 over all before.
/// </summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Incarnation">Which life of it.</param>
/// <param name="Input">Offset of the last event that it had handled with success.</param>
/// <param name="Turns">Successful turns of this incarnation up to there.</param>
/// <param name="Hash">Hash of the state.</param>
/// <param name="Guest">The guest's image, opaque to the mesh.</param>
public sealed record AgentImage(string Agent, int Incarnation, long Input, long Turns, StateHash Hash, ReadOnlyMemory<byte> Guest)
{
    private const uint Magic = 0x474D4941; // "AIMG"
    private const byte Version = 1;
    private const int HeaderSize = 4 + 1 + 4 + 8 + 8 + StateHash.Size + 2;

    /// <summary>Writes the binary form.</summary>
    public byte[] ToBytes()
    {
        var name = Encoding.UTF8.GetBytes(Agent);
        var bytes = new byte[HeaderSize + name.Length + Guest.Length + 8];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, Magic);
        span[4] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(span[5..], Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(span[9..], Input);
        BinaryPrimitives.WriteInt64LittleEndian(span[17..], Turns);
        Hash.Write(span[25..]);
        BinaryPrimitives.WriteUInt16LittleEndian(span[(HeaderSize - 2)..], (ushort)name.Length);
        name.CopyTo(span[HeaderSize..]);
        Guest.Span.CopyTo(span[(HeaderSize + name.Length)..]);
        BinaryPrimitives.WriteUInt64LittleEndian(span[^8..], XxHash64.HashToUInt64(span[..^8]));
        return bytes;
    }

    /// <summary>Reads the binary form.</summary>
    /// <exception cref="ImageCorruptException">It is damaged, cut or of another kind.</exception>
    public static AgentImage FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < HeaderSize + 8) throw new ImageCorruptException($"The image of an agent is cut: it has {span.Length} bytes, fewer than its header.");
        if (BinaryPrimitives.ReadUInt32LittleEndian(span) != Magic) throw new ImageCorruptException("The bytes are no image of an agent.");
        if (BinaryPrimitives.ReadUInt64LittleEndian(span[^8..]) != XxHash64.HashToUInt64(span[..^8]))
            throw new ImageCorruptException($"The image of an agent is damaged: the checksum over its {span.Length} bytes does not fit.");
        if (span[4] != Version) throw new ImageCorruptException($"The image of an agent has format version {span[4]}; this program reads version {Version}.");
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(span[(HeaderSize - 2)..]);
        if (HeaderSize + nameLength + 8 > span.Length) throw new ImageCorruptException($"The image of an agent is cut: its name has {nameLength} bytes.");
        var name = Encoding.UTF8.GetString(span.Slice(HeaderSize, nameLength));
        return new AgentImage(name, BinaryPrimitives.ReadInt32LittleEndian(span[5..]), BinaryPrimitives.ReadInt64LittleEndian(span[9..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[17..]), StateHash.Read(span[25..]), bytes[(HeaderSize + nameLength)..^8]);
    }
}
