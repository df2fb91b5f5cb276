using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>Walks from a record back to the first event, and forward to its effects.</summary>
internal sealed class CauseSearch
{
    private readonly LogSurvey survey;
    private readonly EventLookup records;
    private readonly CauseFinder finder;
    private readonly CancellationToken cancellation;

    private CauseSearch(LogSurvey survey, EventLookup records, CancellationToken cancellation)
    {
        this.survey = survey;
        this.records = records;
        this.cancellation = cancellation;
        finder = new CauseFinder(records, survey.Blocks);
    }

    /// <param name="journal">The journal.</param>
    /// <param name="position">Offset of the record.</param>
    /// <param name="effects">How deep and how many effects are looked for, or null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What was found, or null if there is no such record.</returns>
    public static CauseReport? Run(JournalFile journal, long position, (int Depth, int Count)? effects, CancellationToken cancellation)
    {
        var survey = LogSurvey.OfHeaders(journal, cancellation);
        if (position < 0 || survey.Blocks.Count == 0 || position > survey.Blocks[^1].Last) return null;
        if (position < survey.Blocks[0].First) throw new LogBeginsLaterException(position, survey.Beginning);
        var search = new CauseSearch(survey, new EventLookup(journal, survey.Blocks), cancellation);
        var causes = search.Causes(position);
        if (effects is not { } bounds) return new CauseReport(causes, null, false);
        var (tree, isCut) = search.Effects(position, bounds.Depth, bounds.Count);
        return new CauseReport(causes, tree, isCut);
    }

    private ImmutableArray<LogEntry> Causes(long position)
    {
        var found = ImmutableArray.CreateBuilder<LogEntry>();
        for (long? at = position; at is { } offset;)
        {
            cancellation.ThrowIfCancellationRequested();
            var record = records.RecordAt(offset);
            found.Add(EntryOf(record));
            at = finder.Of(record) is { } cause && cause < offset && cause >= survey.Blocks[0].First ? cause : null;
        }
        return found.ToImmutable();
    }

    /// <summary>Every record after the first is an effect if its cause is one, so one pass is enough.</summary>
    private (CauseNode Tree, bool IsCut) Effects(long position, int maxDepth, int maxCount)
    {
        var depths = new Dictionary<long, int> { [position] = 0 };
        var children = new Dictionary<long, List<LogRecord>>();
        var inputs = InputsOf(records.RecordAt(position));
        var isCut = false;
        for (var block = records.BlockOf(position); block < survey.Blocks.Count && !isCut; block++)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var record in records.RecordsOf(block))
            {
                if (record.Offset <= position || !MayFollow(record, inputs, depths) || finder.Of(record) is not { } cause || !depths.TryGetValue(cause, out var depth)) continue;
                if (depth == maxDepth || depths.Count > maxCount)
                {
                    isCut = true;
                    if (depths.Count > maxCount) break;
                    continue;
                }
                depths[record.Offset] = depth + 1;
                inputs.UnionWith(InputsOf(record));
                if (!children.TryGetValue(cause, out var list)) children[cause] = list = [];
                list.Add(record);
            }
        }
        return (NodeOf(records.RecordAt(position), children), isCut);
    }

    /// <summary>The events that later records may name as their cause when they follow from this one.</summary>
    private static HashSet<long> InputsOf(LogRecord record) => record switch
    {
        TurnRecord turn => [turn.Input],
        HealingRecord healing => [healing.Input],
        TimerRecord timer => [timer.Cause],
        QuarantineRecord left => [left.Input],
        _ => [record.Offset],
    };

    /// <summary>Whether it is worth the search: what a record names itself is among the effects so far, or its cause stands next to it.</summary>
    private static bool MayFollow(LogRecord record, HashSet<long> inputs, Dictionary<long, int> effects) => record switch
    {
        EventRecord { Event: var e } => inputs.Contains(e.Cause) || effects.ContainsKey(e.Offset - 1),
        TurnRecord turn => inputs.Contains(turn.Input),
        HealingRecord healing => inputs.Contains(healing.Input),
        TimerRecord timer => inputs.Contains(timer.Cause),
        QuarantineRecord left => inputs.Contains(left.Input),
        ImageRecord => false,
        _ => true,
    };

    private CauseNode NodeOf(LogRecord record, Dictionary<long, List<LogRecord>> children) => new(
        EntryOf(record), children.TryGetValue(record.Offset, out var effects) ? [.. effects.Select(effect => NodeOf(effect, children))] : []);

    private LogEntry EntryOf(LogRecord record) => survey.Names.EntryOf(record, survey.Blocks[records.BlockOf(record.Offset)].Epoch);
}
