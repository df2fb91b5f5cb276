using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Persistence;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Reads what is committed in the journal of a shard, through Akka.Persistence.Query, for what is no longer in memory. Offsets are found by halving:
/// every row says in its header which offsets it has. May be called by any thread.
/// </summary>
/// <param name="system">The actor system with the journal.</param>
/// <param name="persistenceId">The shard's.</param>
/// <param name="cacheBytes">How much of what single events were looked for in is kept while others are looked for, bytes.</param>
internal sealed partial class JournalReader(ActorSystem system, string persistenceId, long cacheBytes = JournalReader.DefaultCacheBytes)
{
    public const long DefaultCacheBytes = 64L << 20;

    /// <summary>Whoever looks for an event will look for later ones too: so many rows are read at a time.</summary>
    private const int RowsAhead = 16;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly BlockCache cache = new(cacheBytes);
    private readonly Lock reading = new();
    private readonly Lazy<(ICurrentEventsByPersistenceIdQuery Query, IMaterializer Materializer)> journal = new(() =>
        (PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier), system.Materializer()));

    private StrongBox<LogBeginning> beginning = new();
    private long lastSequenceNr;
    private volatile Waypoint? waypoint;

    /// <summary>Where parts of saved states are; null where states are saved whole.</summary>
    public PartStore? Parts { get; init; }

    /// <summary>The last row that is committed.</summary>
    public long LastSequenceNr
    {
        get => Volatile.Read(ref lastSequenceNr);
        set => Volatile.Write(ref lastSequenceNr, value);
    }

    /// <summary>Where the log begins.</summary>
    public LogBeginning Beginning => Volatile.Read(ref beginning).Value;

    /// <summary>Says where the log begins: its first row is the one after those that were given up.</summary>
    public void BeginAt(LogBeginning first) => Volatile.Write(ref beginning, new StrongBox<LogBeginning>(first));

    /// <summary>All events from one offset to another, both included.</summary>
    public async IAsyncEnumerable<MeshEvent> EventsAsync(long from, long to)
    {
        await foreach (var block in BlocksAsync(from).ConfigureAwait(false))
        {
            if (BlockCodec.ReadHeader(block).FirstOffset > to) yield break;
            foreach (var record in BlockCodec.Read(block, out _))
                if (record is EventRecord { Event: var e } && e.Offset >= from && e.Offset <= to) yield return e;
        }
    }

    /// <summary>
    /// The events at some offsets, in the order given, some blocks at a time; turn 0 of a later life stands behind inputs that waited for it, so they need not rise. Blocks
    /// the thread: for the dispatcher of the guests only.
    /// </summary>
    /// <param name="offsets">The offsets; each is asked for when its event is.</param>
    /// <exception cref="LogCorruptException">One of them is not there.</exception>
    public IEnumerable<MeshEvent> Events(IEnumerable<long> offsets)
    {
        IndexedBlock? block = null;
        foreach (var offset in offsets)
        {
            if (block is null || offset < block.FirstOffset || offset > block.LastOffset) block = cache.Find(offset) ?? ReadFrom(offset);
            yield return block?.EventAt(offset) ?? throw new LogCorruptException($"The event at offset {offset} is not in the log.", offset);
        }
    }

    /// <summary>What the log says of the lives of an agent. Blocks the thread.</summary>
    /// <param name="agent">Number of the agent.</param>
    /// <param name="names">The names that it has and had.</param>
    public AgentLives Lives(int agent, IEnumerable<string> names)
    {
        var (lives, inboxes) = (new AgentLives(agent) { LogIsCut = Beginning.Row > 0 }, names.Select(AgentName.Inbox).Distinct().ToArray());
        if (BaseState() is { } state && CutOf(state, new ShardOptions()) is var cut && agent < cut.AgentCount) lives.Begin(cut.AgentAt(agent));
        foreach (var block in BlocksAsync(0).ToBlockingEnumerable())
        {
            var header = BlockCodec.ReadHeader(block);
            if (!header.Agents.Contains(agent) && !inboxes.Any(header.Topics.Contains)) continue;
            foreach (var record in BlockCodec.Read(block, out _)) lives.Take(record);
        }
        return lives;
    }

    /// <summary>The turns that the state of an image is made of, as far back as the log goes. Blocks the thread.</summary>
    /// <returns>The turns, whether they begin with a turn 0, and otherwise the image that stands before them, if that is known; null if there are none.</returns>
    /// <param name="image">The image.</param>
    /// <param name="namesOf">Gives the names that an agent has and had, by its number.</param>
    /// <param name="moves">Gets the moves from one definition to the next that the turns may have among them.</param>
    public (List<LineageTurn> Turns, bool IsWhole, LineageImage? Before)? PathTo(LineageImage image, Func<int, IEnumerable<string>> namesOf, List<LineageMove> moves)
    {
        var lives = Lives(image.Agent, namesOf(image.Agent));
        moves.AddRange(lives.Moves);
        var turns = lives.Turns(image.Incarnation, image.Input, other => PathTo(other, namesOf, moves) is { IsWhole: true } path ? path.Turns : null);
        if (turns is not [var first, ..]) return null;
        var isWhole = lives.IsFirst(first);
        return (turns, isWhole, isWhole ? null : lives.ImageBefore(first));
    }

    /// <summary>Says how an agent comes back to an older state. Blocks the thread.</summary>
    /// <exception cref="RewindRefusedException">There is no such state.</exception>
    public RewindPlan PlanRewind(int agent, RewindTarget target, Func<int, IEnumerable<string>> namesOf)
    {
        var ofOthers = new List<LineageMove>();
        var plan = Lives(agent, namesOf(agent)).Plan(target, other => PathTo(other, namesOf, ofOthers) is { IsWhole: true } path ? path.Turns : null);
        return plan with { Moves = [.. ofOthers.Where(m => plan.Turns.Any(t => t.Input == m.Input)).Concat(plan.Moves).DistinctBy(m => m.Input)] };
    }

    /// <summary>Reads some rows from the one on that holds an offset. One thread reads; others find what it read.</summary>
    private IndexedBlock? ReadFrom(long offset)
    {
        lock (reading)
        {
            if (cache.Find(offset) is { } known) return known;
            IndexedBlock? found = null;
            foreach (var row in BlocksAsync(offset).ToBlockingEnumerable().Take(RowsAhead))
            {
                var block = new IndexedBlock(row);
                cache.Add(block);
                if (offset >= block.FirstOffset && offset <= block.LastOffset) found = block;
                else if (found is null) return null;
            }
            return found;
        }
    }

    /// <summary>Gives back the memory of blocks that nobody looks into any more; to be asked from time to time.</summary>
    public void ForgetUnused() => cache.ForgetUnused();

    /// <summary>One row, or null if it is not there.</summary>
    public async Task<ReadOnlyMemory<byte>?> RowAsync(long sequenceNr)
    {
        await foreach (var row in Rows(sequenceNr, sequenceNr).ConfigureAwait(false)) return row;
        return null;
    }

    /// <summary>The blocks from the one that holds an offset to the last committed one.</summary>
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> BlocksAsync(long offset)
    {
        var last = LastSequenceNr;
        if (last == 0) yield break;
        var number = await FindAsync(offset, last).ConfigureAwait(false);
        await foreach (var row in Rows(number, last).ConfigureAwait(false))
        {
            waypoint = new Waypoint(number++, BlockCodec.ReadHeader(row).FirstOffset);
            yield return row;
        }
    }

    /// <summary>Who reads on looks from where the last one was: first near to it, then twice as far each time, then by halving.</summary>
    private async Task<long> FindAsync(long offset, long last)
    {
        var (low, high) = (Beginning.Row + 1, last);
        if (waypoint is { } known && known.Row >= low && known.Row <= high && known.FirstOffset <= offset)
        {
            low = known.Row;
            for (var step = 1L; low + step <= high; step *= 2)
            {
                if (await FirstOffsetAsync(low + step).ConfigureAwait(false) > offset) high = low + step - 1;
                else low += step;
            }
        }
        while (low < high)
        {
            var middle = low + (high - low + 1) / 2;
            if (await FirstOffsetAsync(middle).ConfigureAwait(false) <= offset) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    private async Task<long> FirstOffsetAsync(long row) => await RowAsync(row).ConfigureAwait(false) is { } block ? BlockCodec.ReadHeader(block).FirstOffset : long.MaxValue;

    private IAsyncEnumerable<ReadOnlyMemory<byte>> Rows(long from, long to) =>
        journal.Value.Query.CurrentEventsByPersistenceId(persistenceId, from, to)
            .Select(envelope => Checked(envelope.SequenceNr, ((JournalRow)envelope.Event).Block))
            .RunAsAsyncEnumerable(journal.Value.Materializer);

    /// <summary>Headers decide which rows are read and which are skipped: a damaged one would lead to a wrong answer.</summary>
    private static ReadOnlyMemory<byte> Checked(long sequenceNr, ReadOnlyMemory<byte> block)
    {
        try
        {
            return BlockCodec.Check(block);
        }
        catch (LogCorruptException e)
        {
            throw new LogCorruptException($"Row {sequenceNr} of the journal cannot be read: {e.Message}", e.FirstLost);
        }
    }

    /// <summary>A row that was read lately, and the first offset in it.</summary>
    private sealed record Waypoint(long Row, long FirstOffset);
}
