using Akka.Actor;
using Akka.Persistence;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Persistence;

/// <content>The shard as it was: from the newest saved state before a cut that leads there, otherwise from where the log begins.</content>
internal sealed partial class JournalReader
{
    /// <summary>The shard as it was at a cut of the committed log. Blocks the thread.</summary>
    /// <param name="cut">Offset of the last record that belongs to it.</param>
    /// <param name="options">The shard's limits.</param>
    /// <exception cref="LogBeginsLaterException">The cut is before the beginning of the log.</exception>
    /// <exception cref="LogCorruptException">The log ends before the cut, or does not reach back to its beginning.</exception>
    public ShardCut CutAt(long cut, ShardOptions options)
    {
        if (cut < Beginning.Offset - 1) throw new LogBeginsLaterException(cut, Beginning);
        var state = SavedBefore(cut, options).Select(saved => ReadOn(saved, cut)).FirstOrDefault(c => c.IsExact) ?? CutFromBeginning(cut, options);
        return state.NextOffset > cut ? state : throw new LogCorruptException($"There is no record at offset {cut}: the log is committed up to {state.NextOffset - 1}.", cut);
    }

    /// <summary>The same without saved states other than the one that the log begins with; it ends where the log ends if the cut is later. Blocks the thread.</summary>
    public ShardCut CutFromBeginning(long cut, ShardOptions options) => ReadOn(BaseState() is { } saved ? CutOf(saved, options) : new ShardCut(options), cut);

    /// <summary>What the log says of the agents of a definition since it was changed. Blocks the thread.</summary>
    /// <exception cref="LogBeginsLaterException">The change is before the beginning of the log.</exception>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    public RollBackSurvey SurveyOf(PlanRollBack request, ShardOptions options)
    {
        var survey = new RollBackSurvey(request, CutAt(request.Since - 1, options));
        foreach (var block in BlocksAsync(request.Since).ToBlockingEnumerable())
            foreach (var record in BlockCodec.Read(block, out _))
                if (record.Offset >= request.Since) survey.Take(record);
        return survey;
    }

    private ShardCut ReadOn(ShardCut state, long cut)
    {
        if (state.NextOffset > cut) return state;
        foreach (var block in BlocksAsync(state.NextOffset).ToBlockingEnumerable())
        {
            var header = BlockCodec.ReadHeader(block);
            if (header.FirstOffset > cut) break;
            if (header.LastOffset < state.NextOffset) continue;
            foreach (var record in BlockCodec.Read(block, out _))
                if (!state.Take(record, cut)) break;
        }
        return state;
    }

    /// <summary>The saved states at or before a cut, the newest first; those that cannot be read, or that do not end with the block in their row, are passed over.</summary>
    private IEnumerable<ShardCut> SavedBefore(long cut, ShardOptions options)
    {
        var last = LastSequenceNr;
        if (last == 0) yield break;
        for (var at = FindAsync(cut, last).GetAwaiter().GetResult(); Saved(at) is var (row, saved) && row > Beginning.Row; at = row - 1)
            if (TryRead(row, saved, options) is { } state && state.NextOffset - 1 <= cut) yield return state;
    }

    private ShardCut? TryRead(long row, ReadOnlyMemory<byte> saved, ShardOptions options)
    {
        try
        {
            var state = CutOf(saved, options);
            if (RowAsync(row).GetAwaiter().GetResult() is not { } block) return null;
            BlockCodec.Read(block, out var header);
            return header.LastOffset == state.NextOffset - 1 && header.Checksum == state.LastChecksum ? state : null;
        }
        catch (LogCorruptException)
        {
            return null;
        }
    }

    /// <summary>The state of the shard that stands in for the rows that were given up, or null if none were. Blocks the thread.</summary>
    /// <exception cref="LogCorruptException">It is not there.</exception>
    private ReadOnlyMemory<byte>? BaseState()
    {
        var row = Beginning.Row;
        if (row == 0) return null;
        return Saved(row) is var (at, state) && at == row
            ? state
            : throw new LogCorruptException($"The saved state of the shard that the log begins with (row {row}) cannot be had; put the snapshots back from a copy.", Beginning.Offset);
    }

    /// <summary>The newest state that was saved with a row or one before it; null if there is none, or it cannot be had.</summary>
    private (long Row, ReadOnlyMemory<byte> State)? Saved(long upTo)
    {
        var store = Akka.Persistence.Persistence.Instance.Apply(system).SnapshotStoreFor(null);
        var answer = store.Ask<ISnapshotResponse>(new LoadSnapshot(persistenceId, new SnapshotSelectionCriteria(upTo, DateTime.MaxValue), upTo), Timeout).GetAwaiter().GetResult();
        if (answer is not LoadSnapshotResult { Snapshot: { Snapshot: ShardSnapshot saved, Metadata.SequenceNr: var row } }) return null;
        try
        {
            return (row, Parts?.Whole(saved.State) ?? saved.State);
        }
        catch (LogCorruptException)
        {
            return null;
        }
    }

    private static ShardCut CutOf(ReadOnlyMemory<byte> state, ShardOptions options)
    {
        var cut = new ShardCut(options);
        cut.Restore(state);
        return cut;
    }
}
