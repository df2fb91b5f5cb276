using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of a turn's record. Flags: 1 a state hash follows, 2 fuel follows, 4 it failed, 8 it was not the first attempt.</summary>
internal static class TurnCodec
{
    public static void Write(ByteWriter w, TurnRecord r)
    {
        var flags = (r.Hash is null ? 0 : 1) | (r.Fuel == 0 ? 0 : 2) | (r.Fault is null ? 0 : 4) | (r.Attempt == 1 ? 0 : 8);
        w.Byte((byte)flags);
        w.Int(r.Agent);
        w.Int(r.Incarnation);
        w.Int(r.Input);
        if (r.Attempt != 1) w.Int(r.Attempt);
        if (r.Fuel != 0) w.Int(r.Fuel);
        if (r.Hash is { } hash) w.Hash(hash);
        if (r.Fault is null)
        {
            w.Fixed64(r.Digest);
            w.UInt((ulong)r.Outputs);
        }
        else WriteFault(w, r.Fault);
    }

    public static TurnRecord Read(ByteReader r)
    {
        var flags = r.Byte();
        if (flags > 15) throw new DecodeException($"byte {r.Position - 1}: flags {flags} of a turn are not known to this program");
        var (agent, incarnation, input) = (r.Int32(), r.Int32(), r.Int());
        var attempt = (flags & 8) != 0 ? r.Int32() : 1;
        var fuel = (flags & 2) != 0 ? r.Int() : 0;
        StateHash? hash = (flags & 1) != 0 ? r.Hash() : null;
        var record = new TurnRecord { Agent = agent, Incarnation = incarnation, Input = input, Attempt = attempt, Fuel = fuel, Hash = hash };
        return (flags & 4) != 0 ? record with { Fault = ReadFault(r) } : record with { Digest = r.Fixed64(), Outputs = (int)r.UInt() };
    }

    /// <summary>Passes over what <see cref="Read"/> would read.</summary>
    public static void Skip(ByteReader r)
    {
        var flags = r.Byte();
        for (var numbers = 3 + ((flags & 8) != 0 ? 1 : 0) + ((flags & 2) != 0 ? 1 : 0); numbers > 0; numbers--) r.UInt();
        if ((flags & 1) != 0) r.Hash();
        if ((flags & 4) != 0) ReadFault(r);
        else
        {
            r.Fixed64();
            r.UInt();
        }
    }

    internal static void WriteFault(ByteWriter w, GuestFault fault)
    {
        w.Byte((byte)fault.Kind);
        w.Text(fault.Code);
        w.Text(fault.Message);
        w.List(fault.BackTrace, (to, frame) => to.Text(frame));
    }

    internal static GuestFault ReadFault(ByteReader r) => new((FaultKind)r.Byte(), r.Text(), r.Text(), r.List(from => from.Text()));
}
