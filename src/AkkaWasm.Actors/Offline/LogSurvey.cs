using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>What has to be known before agents are replayed: their histories, and where events are.</summary>
internal sealed partial class LogSurvey
{
    private readonly List<BlockPlace> blocks = [];
    private readonly Dictionary<int, AgentHistory> byNumber = [];
    private long at = long.MaxValue;

    /// <param name="journal">The journal.</param>
    /// <param name="maxTurns">How many turns are in memory at most.</param>
    private LogSurvey(JournalFile journal, long maxTurns) => Pieces = new TurnPieces(journal.Stores, blocks, maxTurns);

    /// <summary>What of the turns is in memory.</summary>
    public TurnPieces Pieces { get; }

    public LogNames Names { get; } = new();

    /// <summary>Where the blocks are, in their order.</summary>
    public IReadOnlyList<BlockPlace> Blocks => blocks;

    /// <summary>Where the log begins.</summary>
    public LogBeginning Beginning { get; private set; }

    /// <summary>Looks for one agent; of the blocks that do not touch it only the headers are read, unless all are wanted.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="agent">A name of it: see <see cref="LogNames.NumberOf"/>.</param>
    /// <param name="all">Whether all blocks are read, which finds the images too.</param>
    /// <param name="maxTurns">How many turns are in memory at most; others are read again when they are looked at.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="at">Offset of the position that it is looked for at.</param>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    public static LogSurvey Of(JournalFile journal, string agent, bool all, long maxTurns, CancellationToken cancellation, long at = long.MaxValue) =>
        Of(journal, (_, name) => name == agent, names => names.NumberOf(agent, at), at, all, maxTurns, cancellation);

    /// <summary>The same for an agent by its number.</summary>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    public static LogSurvey Of(JournalFile journal, int agent, bool all, long maxTurns, CancellationToken cancellation) =>
        Of(journal, (number, _) => number == agent, _ => agent, long.MaxValue, all, maxTurns, cancellation);

    /// <summary>Whether it is the agent may show only behind its birth, where it was renamed; whom it goes on from, only when all was read: then it is read once more.</summary>
    private static LogSurvey Of(JournalFile journal, Func<int, string, bool> isBorn, Func<LogNames, int> isMeant, long at, bool all, long maxTurns, CancellationToken cancellation)
    {
        for (HashSet<int> others = []; ;)
        {
            var survey = new LogSurvey(journal, maxTurns) { at = at };
            survey.Read(
                journal, (number, name) => isBorn(number, name) || others.Contains(number), (header, _) => all || survey.byNumber.Keys.Any(number => Touches(header, number)), cancellation);
            int[] needed = [.. survey.byNumber.Values.SelectMany(OriginsOf).Append(isMeant(survey.Names)).Where(number => number >= 0 && !survey.byNumber.ContainsKey(number))];
            if (needed.All(others.Contains)) return survey;
            others.UnionWith(needed);
        }
    }

    /// <summary>Looks for names and places only.</summary>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    public static LogSurvey OfHeaders(JournalFile journal, CancellationToken cancellation)
    {
        var survey = new LogSurvey(journal, 0);
        survey.Read(journal, (_, _) => false, (_, _) => false, cancellation);
        return survey;
    }

    /// <summary>The history of an agent, or null if there is no such agent.</summary>
    public AgentHistory? Find(string agent) => Find(Names.NumberOf(agent, at));

    /// <summary>The history of an agent by its number, or null if it was not wanted.</summary>
    public AgentHistory? Find(int agent) => byNumber.GetValueOrDefault(agent);

    private static bool Touches(BlockHeader header, int agent) => agent >= 0 && header.Agents.BinarySearch(agent) >= 0;

    /// <summary>Numbers of the agents that one goes on from: a fork does from the turns of another agent.</summary>
    private static IEnumerable<int> OriginsOf(AgentHistory history) =>
        history.Lives.Values.Select(life => life.Lineage?.Image).Append(history.Beginning?.Image).Select(image => image?.Agent).OfType<int>();

    private void Read(JournalFile journal, Func<int, string, bool> isWanted, Func<BlockHeader, LogNames, bool> isToBeRead, CancellationToken cancellation)
    {
        if (journal.Base is { } known) Begin(known, journal.Next(known.Row) is { } first ? journal.HeaderOf(first).Writer : "", isWanted);
        foreach (var block in BlockWalk.Through(journal, Names, header => isToBeRead(header, Names)))
        {
            cancellation.ThrowIfCancellationRequested();
            blocks.Add(new BlockPlace(block.Row, block.Header.Epoch, block.Header.FirstOffset, block.Header.LastOffset, block.Header.Agents));
            foreach (var record in block.Records ?? []) Take(record, block.Header.Writer, isWanted);
        }
    }

    private void Begin(LogBase known, string writer, Func<int, string, bool> isWanted)
    {
        var cut = known.Cut;
        Beginning = known.Promise with { Offset = cut.NextOffset };
        for (var number = 0; number < cut.AgentCount; number++)
        {
            if (!isWanted(number, cut.NameOf(number))) continue;
            var agent = cut.AgentAt(number);
            var history = byNumber[number] = new AgentHistory(number, cut.NamesOf(number), agent.Definition, Pieces);
            history.Begin(agent, Beginning, cut.Topology!, writer);
        }
    }

    private void Take(LogRecord record, string writer, Func<int, string, bool> isWanted)
    {
        if (record is AgentRecord { Change: AgentChange.Born or AgentChange.Forked } born && isWanted(born.Agent, born.Name))
            byNumber[born.Agent] = new AgentHistory(born.Agent, new NamesOfAgent(born.Name), born.Definition, Pieces);
        if (!byNumber.TryGetValue(LogNames.AgentOf(record), out var history)) return;
        history.Take(record, Names.TopologyAt(record.Offset), writer);
        if (record is TurnRecord or ImageRecord) TakeRoom();
    }
}

/// <summary>Where a block is and what it touches.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="First">Offset of its first record.</param>
/// <param name="Last">Offset of its last record.</param>
/// <param name="Agents">Numbers of the agents that it touches, rising.</param>
internal readonly record struct BlockPlace(StoredRow Row, int Epoch, long First, long Last, ImmutableArray<int> Agents);
