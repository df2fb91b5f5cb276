using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Codecs;

/// <summary>The binary form of what is known of the health of agents. Lines of null are written as -1.</summary>
internal static class HealthCodec
{
    public static void WriteRecord(ByteWriter w, BlockContext c, HealthRecord r)
    {
        w.Int(r.Agent);
        w.Byte((byte)r.Signal);
        w.Byte((byte)r.Level);
        w.Text(r.Reason);
        w.Int(r.AtNs - c.BaseTimeNs);
    }

    public static HealthRecord ReadRecord(ByteReader r, BlockContext c) => new(r.Int32(), Signal(r), Level(r), r.Text(), r.Int() + c.BaseTimeNs);

    public static void WritePolicy(ByteWriter w, HealthPolicy p)
    {
        w.Int(p.MaxReasonBytes);
        w.Int(p.DegradedLag ?? -1);
        w.Int(p.OverloadedLag ?? -1);
        w.Int(p.DegradedAge?.Ticks ?? -1);
        w.Int(p.OverloadedAge?.Ticks ?? -1);
        w.Double(p.DegradedFailures ?? -1);
        w.Int(p.MinFailures);
        w.Int(p.FailureWindow.Ticks);
        w.Int(p.DegradedQuarantine ?? -1);
        w.Double(p.DegradedTurnTime ?? -1);
        w.Double(p.DegradedMemory ?? -1);
        w.Double(p.RecoverAt);
        w.Int(p.PublishAtMostEvery.Ticks);
    }

    public static HealthPolicy ReadPolicy(ByteReader r) => new()
    {
        MaxReasonBytes = r.Int32(), DegradedLag = Count(r), OverloadedLag = Count(r), DegradedAge = Time(r), OverloadedAge = Time(r), DegradedFailures = Share(r), MinFailures = r.Int32(),
        FailureWindow = new TimeSpan(r.Int()), DegradedQuarantine = Count(r), DegradedTurnTime = Share(r), DegradedMemory = Share(r), RecoverAt = r.Double(),
        PublishAtMostEvery = new TimeSpan(r.Int()),
    };

    /// <summary>What a shard knows of an agent's health: one byte where that is nothing.</summary>
    public static void Write(ByteWriter w, AgentHealth? health)
    {
        w.Bool(health is not null);
        if (health is null) return;
        w.Fixed64(health.RecentFailures);
        w.Int(health.LastFailureNs);
        WriteStatement(w, health.Reported);
        WriteStatement(w, health.Observed);
    }

    public static AgentHealth? Read(ByteReader r) => r.Bool()
        ? new AgentHealth { RecentFailures = r.Fixed64(), LastFailureNs = r.Int(), Reported = ReadStatement(r), Observed = ReadStatement(r) }
        : null;

    private static void WriteStatement(ByteWriter w, HealthStatement? statement)
    {
        w.Bool(statement is not null);
        if (statement is null) return;
        w.Byte((byte)statement.Signal);
        w.Byte((byte)statement.Level);
        w.Text(statement.Reason);
        w.Int(statement.Offset);
        w.Int(statement.AtNs);
    }

    private static HealthStatement? ReadStatement(ByteReader r) => r.Bool() ? new HealthStatement(Signal(r), Level(r), r.Text(), r.Int(), r.Int()) : null;

    private static HealthSignal Signal(ByteReader r) => r.Byte() is var value && value <= (byte)HealthSignal.Memory ? (HealthSignal)value : throw new DecodeException($"byte {r.Position - 1}: there is no signal of health {value}");

    private static AgentHealthLevel Level(ByteReader r) => r.Byte() is var value && value <= (byte)AgentHealthLevel.Overloaded ? (AgentHealthLevel)value : throw new DecodeException($"byte {r.Position - 1}: there is no level of health {value}");

    private static int? Count(ByteReader r) => r.Int32() is >= 0 and var count ? count : null;

    private static TimeSpan? Time(ByteReader r) => r.Int() is >= 0 and var ticks ? new TimeSpan(ticks) : null;

    private static double? Share(ByteReader r) => r.Double() is >= 0 and var share ? share : null;
}
