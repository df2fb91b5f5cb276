using System.Collections.Immutable;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>The topology of the log cannot become the one that is asked for.</summary>
/// <param name="message">One sentence: what differs and what to do.</param>
public sealed class TopologyConflictException(string message) : Exception(message);

public sealed partial class Shard
{
    /// <summary>Takes the saved state of a shard in, before the blocks that follow it.</summary>
    /// <exception cref="LogCorruptException">The state is damaged or of another version.</exception>
    public void Restore(ReadOnlyMemory<byte> shardState)
    {
        try
        {
            ShardStateCodec.Read(shardState, state);
        }
        catch (DecodeException e)
        {
            throw new LogCorruptException($"The saved state of shard {options.Shard} cannot be read: {e.Message}.", Position.None);
        }
        state.CommittedOffset = state.NextOffset - 1;
        state.Window.BeginAt(state.NextOffset);
    }

    /// <summary>Takes a block of the log in.</summary>
    /// <exception cref="LogCorruptException">The block is damaged or does not follow the one before it.</exception>
    public void Recover(ReadOnlyMemory<byte> blockBytes)
    {
        var records = ReadNext(blockBytes, out var header, out var encoded);
        if (header.Shard != options.Shard)
            throw new LogCorruptException($"The block at offset {header.FirstOffset} is of shard {header.Shard}, not of shard {options.Shard}.", header.FirstOffset);
        if (header.FirstOffset != state.NextOffset)
            throw new LogCorruptException($"The log of shard {options.Shard} lacks the records from offset {state.NextOffset}: the next block begins at {header.FirstOffset}.", state.NextOffset);
        if (header.PreviousChecksum != state.LastChecksum)
            throw new LogCorruptException($"The block of shard {options.Shard} at offset {header.FirstOffset} follows a block with checksum {header.PreviousChecksum:x16}; "
                + $"the one before it has {state.LastChecksum:x16}.", header.FirstOffset);
        foreach (var record in records)
        {
            state.Apply(record);
            state.CommittedOffset = record.Offset;
        }
        state.LastChecksum = header.Checksum;
        state.Window.Close(header, encoded);
        state.Window.Committed(state.CommittedOffset);
        state.DroppedImages.Clear();
        state.Touched.ForEach(entry => entry.Dirty = false);
        state.Touched.Clear();
        recordsSinceState += header.Count;
    }

    /// <summary>A damaged block may say anything of itself; where it stands follows from the one before.</summary>
    private IReadOnlyList<LogRecord> ReadNext(ReadOnlyMemory<byte> blockBytes, out BlockHeader header, out EncodedRecords encoded)
    {
        try
        {
            return BlockCodec.Read(blockBytes, out header, out encoded);
        }
        catch (LogCorruptException e)
        {
            throw new LogCorruptException($"The log of shard {options.Shard} cannot be read from offset {state.NextOffset} on: {e.Message}", state.NextOffset);
        }
    }

    /// <summary>
    /// Begins a new epoch: the topology becomes the given one if that is another than it was when the mesh was started last, otherwise what was changed
    /// since stays; agents that are to run come up. The block that is cut next has to be durable before anything else is served.
    /// </summary>
    /// <param name="topology">What the mesh shall consist of; checked with <see cref="TopologyCheck"/> before.</param>
    /// <param name="now">Nanoseconds since the Unix epoch.</param>
    /// <exception cref="TopologyConflictException">An agent that has a history shall have another module or kind.</exception>
    public void Open(MeshTopology topology, long now)
    {
        var isKnown = state.Configured is { } configured && TopologyCodec.AreSame(configured, topology);
        var plan = PlanTopology(isKnown ? state.Topology! : topology);
        if (!plan.IsPossible) throw new TopologyConflictException(plan.Problems[0].Message);
        Advance(now);
        Append(new EpochRecord(state.Epoch + 1, nowNs, options.Writer));
        if (state.Topology is null)
        {
            Append(new TopologyRecord(topology));
            foreach (var definition in topology.Agents.Where(d => d.IsSingle)) Bear(definition, null, null);
            FollowPools(topology.Agents, ImmutableDictionary<string, AgentDefinition>.Empty);
        }
        else if (!isKnown) Change(plan, TopologyAuthor.Startup, "the configuration says so", ImmutableDictionary<int, int>.Empty);
        recovering = false;
        AskForCanaries();
        foreach (var entry in state.Agents)
        {
            entry.Dirty = false;
            NoticeIfNotWell(entry);
            if (IsToComeUp(entry)) BeginLife(entry);
        }
        state.Touched.Clear();
        foreach (var asked in state.AskedChanges.Values) Gate(new ResolveChange(asked), state.NextOffset - 1);
        if (state.Beginning.Row > 0) Gate(new RemoveRows(state.Beginning), state.NextOffset - 1);
    }

    private bool IsToComeUp(AgentEntry entry) =>
        entry is { Stopped: false, Phase: AgentPhase.Asleep, Paused: false } && ((entry.HasWork && !IsHeld(entry)) || IsToBeUp(entry));

    /// <summary>Agents that may stay awake come up though nothing waits for them yet, as far as there is room.</summary>
    private bool IsToBeUp(AgentEntry entry) =>
        entry.Definition.PassivateIdleAfter is null && (entry.Key is null || (entry.Definition.Pool is not null && !state.IsResting(entry))) && awake.Count < Room - Spare;
}
