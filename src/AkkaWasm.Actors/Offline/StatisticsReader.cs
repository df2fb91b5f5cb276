using System.Collections.Immutable;
using System.Text;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>Goes once through a log and its snapshots and counts.</summary>
internal sealed class StatisticsReader(LogStores stores, long nowNs, CancellationToken cancellation)
{
    private const int TopicsListed = 20;
    private const int HoldsListed = 20;
    private readonly SortedDictionary<string, long> kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> topics = new(StringComparer.Ordinal);
    private readonly Shard shard = stores.Reader();

    public LogStatistics Read() => WithSnapshots(WithLog(new LogStatistics()));

    private LogStatistics WithLog(LogStatistics found)
    {
        using var journal = JournalFile.Open(stores);
        if (journal.Base is { } known) shard.Restore(known.State);
        foreach (var block in BlockWalk.Through(journal, new LogNames(), _ => true))
        {
            cancellation.ThrowIfCancellationRequested();
            var bytes = journal.BlockOf(block.Row);
            shard.Recover(bytes);
            foreach (var record in block.Records!) Count(record);
            found = found with
            {
                Blocks = found.Blocks + 1, Records = found.Records + block.Header.Count, BlockBytes = found.BlockBytes + bytes.Length,
                First = found.First ?? new Position(block.Header.Shard, block.Header.Epoch, block.Header.FirstOffset),
                FirstAtNs = found.First is null ? block.Header.BaseTimeNs : found.FirstAtNs,
                Last = new Position(block.Header.Shard, block.Header.Epoch, block.Header.LastOffset), LastAtNs = shard.LastTimeNs,
            };
        }
        var holds = shard.Holds(stores.Retention.Snapshots);
        var needed = holds.Count > 0 ? holds[0].From : shard.NextOffset;
        var plan = new RetentionPlanner(journal, stores.Retention, cancellation).Plan(needed, nowNs);
        return found with
        {
            RecordsByKind = kinds.ToImmutableSortedDictionary(StringComparer.Ordinal), Topics = topics.Count,
            BusiestTopics = [.. topics.OrderByDescending(t => t.Value).ThenBy(t => t.Key, StringComparer.Ordinal).Take(TopicsListed).Select(t => (t.Key, t.Value))],
            Agents = shard.Agents.Count(), StoppedAgents = shard.Agents.Count(a => a.State == AgentState.Stopped),
            NeededFrom = needed, Beginning = shard.Beginning, RemovableBlocks = plan.Rows, RemovableBytes = plan.Bytes, IsHeld = plan.IsHeld,
            Holds = [.. holds.Take(HoldsListed)], HoldCount = holds.Count,
        };
    }

    private LogStatistics WithSnapshots(LogStatistics found)
    {
        using var snapshots = SnapshotFile.TryOpen(stores);
        if (snapshots is null) return found;
        foreach (var snapshot in snapshots.All())
        {
            cancellation.ThrowIfCancellationRequested();
            found = snapshot.Manifest == JournalSchema.StateManifest
                ? found with { States = found.States + 1, StateBytes = found.StateBytes + snapshot.BytesOfRow }
                : found with { Images = found.Images + 1, ImageBytes = found.ImageBytes + snapshot.Bytes.Length };
        }
        var (parts, bytes) = snapshots.SizeOfParts();
        return found with { Parts = parts, PartBytes = bytes };
    }

    private void Count(LogRecord record)
    {
        var kind = KindOf(record);
        kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
        if (record is EventRecord { Event.Topic: var topic }) topics[topic] = topics.GetValueOrDefault(topic) + 1;
    }

    /// <summary>The name of a record's type in small letters, without its last word.</summary>
    private static string KindOf(LogRecord record)
    {
        var name = record.GetType().Name;
        var kind = new StringBuilder();
        foreach (var letter in name[..^"Record".Length])
        {
            if (char.IsUpper(letter) && kind.Length > 0) kind.Append('-');
            kind.Append(char.ToLowerInvariant(letter));
        }
        return kind.ToString();
    }
}
