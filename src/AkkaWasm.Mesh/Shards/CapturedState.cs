using System.Buffers.Binary;
using System.IO.Hashing;
using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// The state of a shard as it was at one time, to be written by any thread while the shard goes on. It may have hundreds of megabytes, most of them ids of
/// published events, so it is written only where it is needed and once; and where it is saved over and over as a manifest that names its parts, so that only
/// what came since is written. <see cref="SavedState"/> puts it together again.
/// </summary>
public sealed class CapturedState
{
    private readonly ByteWriter head;
    private readonly CapturedAgents agents;
    private readonly ByteWriter beforeIds;
    private readonly CapturedIds ids;
    private readonly ByteWriter afterIds;
    private readonly UInt128[] names;

    internal CapturedState(ByteWriter head, CapturedAgents agents, ByteWriter beforeIds, CapturedIds ids, ByteWriter afterIds)
    {
        (this.head, this.agents, this.beforeIds, this.ids, this.afterIds) = (head, agents, beforeIds, ids, afterIds);
        names = new UInt128[ids.Full.Length];
    }

    /// <summary>Whether all agents are in it: before that it cannot be written. See <see cref="Shard.ContinueCapture"/>.</summary>
    public bool IsComplete => agents.IsComplete;

    /// <summary>Its bytes when it is written whole.</summary>
    /// <exception cref="InvalidOperationException">It is not complete.</exception>
    public int Length => checked((int)(BeforeIds + ids.Bytes + afterIds.Length + sizeof(ulong)));

    /// <summary>The bytes of its manifest.</summary>
    /// <exception cref="InvalidOperationException">It is not complete.</exception>
    public int ManifestLength => checked(SavedState.HeaderBytes + names.Length * 16 + BeforeIds + ids.Rest.Length + afterIds.Length + sizeof(ulong));

    private int BeforeIds => IsComplete
        ? checked((int)(head.Length + agents.Length + beforeIds.Length))
        : throw new InvalidOperationException("The state is still being captured: not all agents are in it.");

    /// <summary>The names of its parts, in their order. The first who asks pays for those that were not asked for with an earlier state: a hash over 40 KiB each.</summary>
    public IReadOnlyList<UInt128> PartNames
    {
        get
        {
            var full = ids.Full.Span;
            for (var i = 0; i < full.Length; i++) names[i] = full[i].Name;
            return names;
        }
    }

    /// <summary>The content of a part.</summary>
    /// <param name="index">Its place in <see cref="PartNames"/>.</param>
    public StatePart Part(int index) => new(ids.Full.Span[index].Name, ids.Full.Span[index].Bytes.ToArray());

    /// <summary>Writes it whole.</summary>
    /// <param name="into">As long as <see cref="Length"/> says.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public void WriteTo(Span<byte> into)
    {
        Check(into, Length);
        WriteBeforeIds(into);
        ids.WriteTo(into[BeforeIds..]);
        afterIds.Written.CopyTo(into[(BeforeIds + (int)ids.Bytes)..]);
        Seal(into);
    }

    /// <summary>Writes it without its parts, which it names.</summary>
    /// <param name="into">As long as <see cref="ManifestLength"/> says.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public void WriteManifestTo(Span<byte> into)
    {
        Check(into, ManifestLength);
        SavedState.WriteHeader(into, BeforeIds, ids.SkippedBytes, PartNames.Count, ids.Rest.Length, afterIds.Length);
        var rest = into[SavedState.HeaderBytes..];
        foreach (var name in names)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(rest, name);
            rest = rest[16..];
        }
        WriteBeforeIds(rest);
        ids.Rest.CopyTo(rest[BeforeIds..]);
        afterIds.Written.CopyTo(rest[(BeforeIds + ids.Rest.Length)..]);
        Seal(into);
    }

    private void WriteBeforeIds(Span<byte> into)
    {
        head.Written.CopyTo(into);
        agents.WriteTo(into[head.Length..]);
        beforeIds.Written.CopyTo(into[(BeforeIds - beforeIds.Length)..]);
    }

    /// <summary>The whole state in an array of its own.</summary>
    /// <exception cref="InvalidOperationException">It is not complete.</exception>
    public ReadOnlyMemory<byte> ToMemory()
    {
        var all = GC.AllocateUninitializedArray<byte>(Length);
        WriteTo(all);
        return all;
    }

    /// <summary>Ends it with the XxHash64 of what comes before.</summary>
    internal static void Seal(Span<byte> bytes) => BinaryPrimitives.WriteUInt64LittleEndian(bytes[^sizeof(ulong)..], XxHash64.HashToUInt64(bytes[..^sizeof(ulong)]));

    private static void Check(Span<byte> into, int length)
    {
        if (into.Length != length) throw new ArgumentException($"What is written has {length} bytes, and there is room for {into.Length}.", nameof(into));
    }
}
