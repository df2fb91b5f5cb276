using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of pools: their policy, the record of their members, and what waits for whom. A record begins with a version; lines of null are written as -1.</summary>
internal static class PoolCodec
{
    private const byte Version = 1;

    private static BlockContext Zero { get; } = new(0, 0);

    public static void WritePolicy(ByteWriter w, PoolPolicy? pool)
    {
        w.Bool(pool is not null);
        if (pool is null) return;
        w.Int(pool.Key.TopicToken);
        w.Int(pool.Partitions);
        w.Int(pool.Size);
        w.Int(pool.Min);
        w.Int(pool.Max);
        w.Int(pool.GrowLag ?? -1);
        w.Int(pool.GrowAge?.Ticks ?? -1);
        w.Int(pool.ShrinkLag);
        w.Int(pool.ShrinkAge.Ticks);
        w.Int(pool.ShrinkAfter?.Ticks ?? -1);
        w.Int(pool.CoolDown.Ticks);
    }

    public static PoolPolicy? ReadPolicy(ByteReader r) => !r.Bool() ? null : new PoolPolicy
    {
        Key = new AgentKey(r.Int32()), Partitions = r.Int32(), Size = r.Int32(), Min = r.Int32(), Max = r.Int32(), GrowLag = r.Int32() is >= 0 and var lag ? lag : null,
        GrowAge = Time(r), ShrinkLag = r.Int32(), ShrinkAge = new TimeSpan(r.Int()), ShrinkAfter = Time(r), CoolDown = new TimeSpan(r.Int()),
    };

    public static void WriteRecord(ByteWriter w, BlockContext c, PoolRecord r)
    {
        w.Byte(Version);
        w.Text(r.Definition);
        w.List(r.Owners, (to, owner) => to.Int(owner));
        w.Byte((byte)r.Cause);
        w.Text(r.Reason);
        w.Int(r.AtNs - c.BaseTimeNs);
        w.List(r.Handed, (to, handed) => { to.Int(handed.Partition); to.Int(handed.After); });
    }

    public static PoolRecord ReadRecord(ByteReader r, BlockContext c)
    {
        var version = r.Byte();
        if (version != Version) throw new DecodeException($"byte {r.Position - 1}: version {version} of a pool is not known to this program");
        var (definition, owners) = (r.Text(), r.List(from => from.Int32()));
        if (owners.IsEmpty) throw new DecodeException($"byte {r.Position}: the pool '{definition}' has no partitions");
        return new PoolRecord(definition, owners, Cause(r), r.Text(), r.Int() + c.BaseTimeNs) { Handed = r.List(from => new PoolHandover(Partition(from, definition, owners.Length), from.Int())) };
    }

    /// <summary>A pool as a shard saves it: offsets rise, so each is written as the step from the one before.</summary>
    public static void WriteMoment(ByteWriter w, PoolMoment pool)
    {
        w.Int(pool.Last.Offset);
        WriteRecord(w, Zero, pool.Last);
        var before = 0L;
        w.List(pool.Waiting, (to, wait) =>
        {
            to.Int(wait.Offset - before);
            to.Int(wait.Partition);
            to.Int(wait.Member);
            before = wait.Offset;
        });
    }

    public static PoolMoment ReadMoment(ByteReader r)
    {
        var offset = r.Int();
        var last = ReadRecord(r, Zero);
        last.Offset = offset;
        var before = 0L;
        return new PoolMoment(last, r.List(from => new PoolWait(before += from.Int(), Partition(from, last.Definition, last.Owners.Length), from.Int32())));
    }

    private static int Partition(ByteReader r, string pool, int partitions) =>
        r.Int32() is var value && value >= 0 && value < partitions ? value : throw new DecodeException($"byte {r.Position}: the pool '{pool}' has no partition {value}");

    private static PoolCause Cause(ByteReader r) => r.Byte() is var value && value <= (byte)PoolCause.Rule ? (PoolCause)value : throw new DecodeException($"byte {r.Position - 1}: there is no cause {value} of a change of a pool");

    private static TimeSpan? Time(ByteReader r) => r.Int() is >= 0 and var ticks ? new TimeSpan(ticks) : null;
}
