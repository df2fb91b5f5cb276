using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>
/// Finds the record that directly caused another. What one input of the shard appends stands together in one block, so most causes are near: a turn
/// stands before what it did, a failed turn before its healing, the record of a birth before the event that tells of it.
/// </summary>
internal sealed class CauseFinder(EventLookup records, IReadOnlyList<BlockPlace> blocks)
{
    /// <summary>Offset of the cause of a record, or null for one that came from outside, or begins something.</summary>
    public long? Of(LogRecord record) => record switch
    {
        EventRecord { Event: var e } => OfEvent(e),
        TurnRecord turn => turn.Input,
        ImageRecord image => image.Input,
        HealingRecord healing => Before(healing.Offset, r => r is TurnRecord { Fault: not null } t && t.Agent == healing.Agent && t.Input == healing.Input) ?? healing.Input,
        HealedRecord healed => BeforeAnywhere(healed.Offset, r => r is HealingRecord h && h.Affected.Contains(healed.Agent)),
        AgentRecord agent => OfAgent(agent),
        TimerRecord { IsTimeout: true } timer => timer.Cause,
        TimerRecord timer => TurnBefore(timer.Offset, timer.Agent, timer.Cause) ?? timer.Cause,
        TimerCancelledRecord cancelled => Before(cancelled.Offset, r => r is TurnRecord t && t.Agent == cancelled.Agent),
        WatchRecord watch => Before(watch.Offset, r => r is TurnRecord t && t.Agent == watch.Watcher),
        ChangeAskedRecord asked => TurnBefore(asked.Offset, asked.Agent, asked.Input) ?? asked.Input,
        ChangeAnsweredRecord answered => answered.Asked,
        TopologyChangeRecord or AgentDrainRecord or AgentPauseRecord or GroupPauseRecord => Before(record.Offset, r => r is ChangeAnsweredRecord && r.Offset == record.Offset - 1),
        QuarantineRecord left => Healing(left.Agent, left.Input, left.Offset) ?? left.Input,
        _ => null,
    };

    private long? OfEvent(MeshEvent e) => e.Origin switch
    {
        EventOrigin.External => null,
        EventOrigin.Timer => Timer(e) ?? Known(e.Cause),
        EventOrigin.Released => e.Offset - 1,
        EventOrigin.Lifecycle or EventOrigin.DeadLetter => Told(e) ?? Known(e.Cause),
        _ => TurnBefore(e.Offset, e.Agent, e.Cause) ?? Known(e.Cause),
    };

    /// <summary>What the mesh tells of an agent follows from what it recorded of it just before.</summary>
    private long? Told(MeshEvent e) => Before(e.Offset, r => r switch
    {
        TurnRecord turn => turn.Agent == e.Agent && turn.Input == e.Cause,
        HealingRecord healing => healing.Agent == e.Agent && healing.Input == e.Cause,
        HealedRecord or AgentRecord => r.Offset == e.Offset - 1 && LogNames.AgentOf(r) == e.Agent,
        _ => false,
    });

    /// <summary>A birth and a new life are told by the event that follows, which knows why.</summary>
    private long? OfAgent(AgentRecord agent)
    {
        if (Before(agent.Offset, r => r is HealingRecord h && h.Affected.Contains(agent.Agent)) is { } healing) return healing;
        if (RecordAfter(agent.Offset) is not EventRecord { Event: { Cause: >= 0 } told }) return null;
        return (agent.Parent >= 0 ? TurnBefore(agent.Offset, agent.Parent, told.Cause) : null) ?? told.Cause;
    }

    private long? Timer(MeshEvent e)
    {
        for (var block = records.BlockOf(Math.Max(0, e.Cause)); block < blocks.Count && blocks[block].First < e.Offset; block++)
        {
            if (blocks[block].Agents.BinarySearch(e.Agent) < 0) continue;
            foreach (var record in records.RecordsOf(block))
                if (record is TimerRecord timer && timer.Timer == e.Correlation && timer.Offset < e.Offset) return timer.Offset;
        }
        return null;
    }

    private long? Healing(int agent, long input, long before)
    {
        for (var block = records.BlockOf(input); block < blocks.Count && blocks[block].First < before; block++)
        {
            if (blocks[block].Agents.BinarySearch(agent) < 0) continue;
            foreach (var record in records.RecordsOf(block))
                if (record is HealingRecord { Quarantine: true } healing && healing.Agent == agent && healing.Input == input) return healing.Offset;
        }
        return null;
    }

    private long? TurnBefore(long offset, int agent, long input) => Before(offset, r => r is TurnRecord t && t.Agent == agent && t.Input == input);

    /// <summary>The nearest such record before an offset, in its block.</summary>
    private long? Before(long offset, Predicate<LogRecord> isIt)
    {
        var block = records.BlockOf(offset);
        var all = records.RecordsOf(block);
        for (var i = (int)(offset - blocks[block].First) - 1; i >= 0; i--)
            if (isIt(all[i])) return all[i].Offset;
        return null;
    }

    private long? BeforeAnywhere(long offset, Predicate<LogRecord> isIt)
    {
        if (Before(offset, isIt) is { } near) return near;
        for (var block = records.BlockOf(offset) - 1; block >= 0; block--)
        {
            var all = records.RecordsOf(block);
            for (var i = all.Count - 1; i >= 0; i--)
                if (isIt(all[i])) return all[i].Offset;
        }
        return null;
    }

    private LogRecord? RecordAfter(long offset)
    {
        var block = records.BlockOf(offset);
        return offset < blocks[block].Last ? records.RecordAt(offset + 1) : null;
    }

    private static long? Known(long cause) => cause >= 0 ? cause : null;
}
