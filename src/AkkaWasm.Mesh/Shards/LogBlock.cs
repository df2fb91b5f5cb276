using System.Collections.Immutable;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Records that are committed together: one row of the journal.</summary>
/// <param name="Header">What it contains.</param>
/// <param name="Bytes">Its binary form, header and checksum included; see <c>BlockCodec</c>.</param>
public sealed record LogBlock(BlockHeader Header, ReadOnlyMemory<byte> Bytes)
{
    private ImmutableArray<MeshEvent> events;

    /// <summary>The events in it, in order, for those who are told of commits; read from its bytes when they are asked for first.</summary>
    /// <exception cref="LogCorruptException">The bytes are cut or damaged.</exception>
    public ImmutableArray<MeshEvent> Events
    {
        get
        {
            if (events.IsDefault) events = [.. BlockCodec.Read(Bytes, out _).OfType<EventRecord>().Select(r => r.Event)];
            return events;
        }
    }

    /// <summary>State of the shard after this block, when one is due to be saved with it; otherwise null. It may have to be completed: see <see cref="Shard.ContinueCapture"/>.</summary>
    public CapturedState? SavedState { get; init; }
}

/// <summary>What a block says of itself before its records.</summary>
/// <param name="Shard">Number of the shard.</param>
/// <param name="Epoch">Epoch of the shard.</param>
/// <param name="FirstOffset">Offset of its first record.</param>
/// <param name="Count">How many records it has.</param>
/// <param name="BaseTimeNs">Nanoseconds since the Unix epoch from which the times in it count.</param>
/// <param name="PreviousChecksum">Checksum of the block before, 0 for the first: a chain, so that no block can be missing in silence.</param>
/// <param name="Checksum">Its own checksum.</param>
/// <param name="Writer">Engine with version and options, processor architecture.</param>
/// <param name="Agents">Numbers of the agents it touches, rising.</param>
/// <param name="Topics">Topics of its events, in ordinal order.</param>
public sealed record BlockHeader(
    int Shard, int Epoch, long FirstOffset, int Count, long BaseTimeNs, ulong PreviousChecksum, ulong Checksum, string Writer,
    ImmutableArray<int> Agents, ImmutableArray<string> Topics)
{
    /// <summary>Offset of its last record.</summary>
    public long LastOffset => FirstOffset + Count - 1;
}

/// <summary>A block of the log is damaged, cut, or does not follow the one before it.</summary>
/// <param name="message">One sentence: what and at which position.</param>
/// <param name="offset">Offset of the first record that cannot be had, as far as it is known.</param>
public sealed class LogCorruptException(string message, long offset) : Exception(message)
{
    /// <summary>Offset of the first record that cannot be had, as far as it is known; otherwise <see cref="Position.None"/>.</summary>
    public long FirstLost { get; } = offset;
}
