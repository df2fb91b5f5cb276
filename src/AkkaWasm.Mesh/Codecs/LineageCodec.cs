using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of what a life begins with. Begins with a version.</summary>
internal static class LineageCodec
{
    private const byte WithoutMoves = 1;
    private const byte WithMoves = 2;
    private const byte Version = 3;

    public static void Write(ByteWriter w, LineageRecord r)
    {
        w.Byte(r.RollsBack ? Version : r.Moves.IsEmpty ? WithoutMoves : WithMoves);
        w.Int(r.Agent);
        w.Bool(r.Image is not null);
        if (r.Image is { } image)
        {
            w.Int(image.Agent);
            w.Int(image.Incarnation);
            w.Int(image.Input);
            w.Hash(image.Hash);
        }
        w.List(r.Turns, (to, t) => { to.Int(t.Agent); to.Int(t.Incarnation); to.Int(t.Input); to.Fixed64(t.Digest); });
        w.List(r.Again, (to, offset) => to.Int(offset));
        w.List(r.TakenBack, (to, offset) => to.Int(offset));
        w.List(r.FiredAgain, (to, f) => { to.Int(f.Timer); to.Int(f.Offset); });
        w.Bool(r.Suppressed);
        w.Int(r.ForgetFrom);
        if (r.RollsBack || !r.Moves.IsEmpty) WriteMoves(w, r.Moves);
        if (r.RollsBack) w.List(r.Fresh, (to, offset) => to.Int(offset));
    }

    public static void WriteMoves(ByteWriter w, ImmutableArray<LineageMove> moves)
    {
        w.Int(moves.Length);
        if (moves.IsEmpty) return;
        TopologyCodec.WriteVersion(w);
        foreach (var move in moves)
        {
            w.Int(move.Input);
            w.Byte((byte)move.Way);
            w.Int(move.FromVersion);
            TopologyCodec.WriteAgent(w, move.From);
        }
    }

    public static ImmutableArray<LineageMove> ReadMoves(ByteReader r)
    {
        var count = r.Int32();
        if (count == 0) return [];
        var version = TopologyCodec.ReadVersion(r);
        var moves = ImmutableArray.CreateBuilder<LineageMove>();
        for (var i = 0; i < count; i++) moves.Add(new LineageMove(r.Int(), (MoveWay)r.Byte(), r.Int32(), TopologyCodec.ReadAgent(r, version)));
        return moves.ToImmutable();
    }

    public static LineageRecord Read(ByteReader r)
    {
        var version = r.Byte();
        if (version is < WithoutMoves or > Version) throw new DecodeException($"byte {r.Position - 1}: lineage version {version} is not known to this program");
        return new LineageRecord
        {
            Agent = r.Int32(),
            Image = r.Bool() ? new LineageImage(r.Int32(), r.Int32(), r.Int(), r.Hash()) : null,
            Turns = r.List(from => new LineageTurn(from.Int32(), from.Int32(), from.Int(), from.Fixed64())),
            Again = r.List(from => from.Int()),
            TakenBack = r.List(from => from.Int()),
            FiredAgain = r.List(from => (from.Int(), from.Int())),
            Suppressed = r.Bool(),
            ForgetFrom = r.Int(),
            Moves = version >= WithMoves ? ReadMoves(r) : [],
            RollsBack = version == Version,
            Fresh = version == Version ? r.List(from => from.Int()) : [],
        };
    }
}
