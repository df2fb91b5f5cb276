using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>What may be removed from the beginning of a log.</summary>
/// <param name="Beginning">Where the log would begin, its checksum not known yet; the default value if nothing may be removed.</param>
/// <param name="Rows">How many rows would go.</param>
/// <param name="Bytes">How many bytes of blocks would go.</param>
/// <param name="IsHeld">Whether more would go if it were not needed.</param>
internal sealed record RetentionPlan(LogBeginning Beginning, long Rows, long Bytes, bool IsHeld)
{
    public static RetentionPlan Nothing { get; } = new(default, 0, 0, false);
}

/// <summary>Says which rows are old enough, or too many, and not needed; and makes the state of the shard that stands in for them.</summary>
internal sealed class RetentionPlanner(JournalFile journal, RetentionOptions options, CancellationToken cancellation)
{
    /// <summary>Looks for the last row that may go. The last of all never does.</summary>
    /// <param name="needed">Offset from which on the log is needed.</param>
    /// <param name="nowNs">The time, nanoseconds since the Unix epoch.</param>
    /// <exception cref="LogCorruptException">A row cannot be read.</exception>
    public RetentionPlan Plan(long needed, long nowNs)
    {
        var plan = RetentionPlan.Nothing;
        if (!options.IsOn || journal.Next(0) is not { } row) return plan;
        var left = options.Bytes is null ? 0 : journal.Bytes();
        var header = journal.HeaderOf(row);
        var hasContent = false;
        for (; (plan.Rows < options.MaxRows || !hasContent) && journal.Next(row.SequenceNr) is { } next; row = next)
        {
            cancellation.ThrowIfCancellationRequested();
            if (next.SequenceNr != row.SequenceNr + 1) throw new LogCorruptException($"Row {row.SequenceNr + 1} of the journal is missing.", header.LastOffset + 1);
            var (after, bytes) = (journal.HeaderOf(next), journal.BytesOf(row));
            left -= bytes;
            if (!IsOld(after, nowNs) && !(left >= options.Bytes)) break;
            if (header.LastOffset >= needed)
            {
                plan = plan with { IsHeld = true };
                break;
            }
            hasContent = hasContent || !IsOfRetention(row, header);
            plan = new RetentionPlan(new LogBeginning(after.FirstOffset, after.BaseTimeNs, row.SequenceNr, 0), plan.Rows + 1, plan.Bytes + bytes, false);
            header = after;
        }
        return hasContent ? plan : RetentionPlan.Nothing with { IsHeld = plan.IsHeld };
    }

    /// <summary>Whether a row says no more than that the log began later. To give up nothing else would take another such row, and so for ever.</summary>
    private bool IsOfRetention(StoredRow row, BlockHeader header) =>
        header is { Count: 1, Agents.IsEmpty: true, Topics.IsEmpty: true } && BlockCodec.Read(journal.BlockOf(row), out _) is [RetentionRecord];

    /// <summary>The state of the shard as of a new beginning: from the newest saved one before it, and the rows since, each checked.</summary>
    /// <param name="stores">Where the states are.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">The shard's limits, which say what it remembers.</param>
    /// <returns>The state in its binary form, and the beginning with its checksum.</returns>
    /// <exception cref="LogCorruptException">A row is damaged or missing; then nothing may be removed.</exception>
    public (ReadOnlyMemory<byte> State, LogBeginning Beginning) BaseOf(LogStores stores, RetentionPlan plan, ShardOptions limits)
    {
        var (cut, row) = Before(stores, plan.Beginning.Row, limits);
        while (row < plan.Beginning.Row)
        {
            cancellation.ThrowIfCancellationRequested();
            if (journal.Next(row) is not { } next || next.SequenceNr != row + 1) throw new LogCorruptException($"Row {row + 1} of the journal is missing.", cut.NextOffset);
            cut.Take(journal.BlockOf(next));
            row = next.SequenceNr;
        }
        if (cut.NextOffset != plan.Beginning.Offset)
            throw new LogCorruptException($"Row {row} of the journal ends at offset {cut.NextOffset - 1}, and the one after it begins at {plan.Beginning.Offset}.", cut.NextOffset);
        return (cut.Save(), plan.Beginning with { Checksum = cut.LastChecksum });
    }

    private (ShardCut Cut, long Row) Before(LogStores stores, long row, ShardOptions limits)
    {
        using var snapshots = SnapshotFile.TryOpen(stores);
        var first = journal.Next(0)?.SequenceNr ?? 1;
        for (var at = row; snapshots?.LatestOf(JournalSchema.Shard, at) is { } saved && saved.SequenceNr >= first - 1; at = saved.SequenceNr - 1)
        {
            try
            {
                var cut = new ShardCut(limits);
                cut.Restore(saved.Bytes);
                return (cut, saved.SequenceNr);
            }
            catch (LogCorruptException)
            {
                // an older one, and more rows, say the same
            }
        }
        return first == 1 ? (new ShardCut(limits), 0) : throw new LogCorruptException("There is no saved state of the shard to begin from.", Position.None);
    }

    private bool IsOld(BlockHeader after, long nowNs) => options.Time is { } time && after.BaseTimeNs <= nowNs - (time.Ticks * 100);
}
