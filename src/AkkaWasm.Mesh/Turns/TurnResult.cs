using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Turns;

/// <summary>What came of a turn; the agent's half of its record.</summary>
public sealed record TurnResult
{
    /// <summary>Number of the agent.</summary>
    public required int Agent { get; init; }

    /// <summary>The life of the agent's actor that ran it; results of an older one are dropped.</summary>
    public required int Token { get; init; }

    /// <summary>Offset of the event it handled.</summary>
    public required long Input { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public GuestFault? Fault { get; init; }

    /// <summary>What it did; empty if it failed.</summary>
    public IReadOnlyList<TurnOutput> Outputs { get; init; } = [];

    /// <summary>Digest of the outputs, by which a repetition is compared; 0 if it failed.</summary>
    public ulong Digest { get; init; }

    /// <summary>Fuel spent, or 0 where it is not counted.</summary>
    public long Fuel { get; init; }

    /// <summary>State after the turn, where it was hashed.</summary>
    public StateHash? Hash
    {
        get => (StateHash?)hash;
        init => hash = value;
    }

    /// <summary>Whether the turn failed because the GC heap was full, and part of that may be garbage of earlier turns: it is worth a try after a compaction.</summary>
    public bool CompactionHelps { get; init; }

    /// <summary>Boxed, because few turns have one and it would be a third of the object.</summary>
    private readonly object? hash;

    private const int MostScratchBytes = 1 << 16;

    /// <summary>Gathers what is hashed; each thread that runs turns has its own.</summary>
    [ThreadStatic]
    private static ByteWriter? scratch;

    /// <summary>A digest over all that a turn did, log lines excepted.</summary>
    public static ulong DigestOf(IReadOnlyList<TurnOutput> outputs)
    {
        if (outputs.Count == 0) return 1;
        var bytes = scratch ??= new ByteWriter();
        bytes.Clear();
        for (var i = 0; i < outputs.Count; i++) Append(bytes, outputs[i]);
        if (bytes.Length > MostScratchBytes) scratch = null;
        return XxHash64.HashToUInt64(bytes.Written);
    }

    private static void Append(ByteWriter hash, TurnOutput output)
    {
        switch (output)
        {
            case EventEmitted { Event: var e } emitted:
                Append(hash, (byte)e.Origin, e.Correlation, emitted.TimeoutNs, e.Topic, e.Subject, e.ContentType, e.Data.Span);
                break;
            case HealthReported { Event: var e }:
                Append(hash, (byte)e.Origin, e.Correlation, 0, e.Topic, e.Subject, e.ContentType, e.Data.Span); // as the event that it may become
                break;
            case TimerSet timer:
                Append(hash, 32, timer.Timer, timer.DelayNs, timer.Topic, null, null, timer.Data.Span);
                break;
            case TimerCancelled timer:
                Append(hash, 33, timer.Timer, 0, "", null, null, []);
                break;
            case AgentSpawned agent:
                Append(hash, 34, 0, 0, agent.Definition, agent.Key, null, []);
                break;
            case AgentStopped agent:
                Append(hash, 35, 0, 0, agent.Agent, null, null, []);
                break;
            case AgentWatched agent:
                Append(hash, 36, 0, 0, agent.Agent, null, null, []);
                break;
            case ChangeAsked change:
                Append(hash, 37, change.Correlation, 0, "", null, null, change.Text.Span);
                break;
        }
    }

    private static void Append(ByteWriter hash, byte kind, long first, long second, string a, string? b, string? c, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[21];
        head[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], first);
        BinaryPrimitives.WriteInt64LittleEndian(head[9..], second);
        BinaryPrimitives.WriteInt32LittleEndian(head[17..], data.Length);
        hash.Raw(head);
        Append(hash, a);
        Append(hash, b);
        Append(hash, c);
        hash.Raw(data);
    }

    private static void Append(ByteWriter hash, string? text)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text?.Length ?? -1);
        hash.Raw(length);
        hash.Raw(MemoryMarshal.AsBytes(text.AsSpan()));
    }
}
