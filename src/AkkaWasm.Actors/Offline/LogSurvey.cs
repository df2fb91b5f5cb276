using System.Collections.Immutable;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>What has to be known before agents are replayed: their histories, and where events are.</summary>
internal sealed partial class LogSurvey
{
    private readonly List<BlockPlace> blocks = [];
    private readonly Dictionary<int, AgentHistory> byNumber = [];

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
    /// <param name="agent">Its name.</param>
    /// <param name="all">Whether all blocks are read, which finds the images too.</param>
    /// <param name="maxTurns">How many turns are in memory at most; others are read again when they are looked at.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    public static LogSurvey Of(JournalFile journal, string agent, bool all, long maxTurns, CancellationToken cancellation)
    {
        for (HashSet<string> wanted = [agent]; ;)
        {
            var survey = new LogSurvey(journal, maxTurns);
            survey.Read(journal, (_, name) => wanted.Contains(name), (header, names) => all || wanted.Any(name => Touches(header, names.NumberOf(name))), cancellation);
            var origins = survey.byNumber.Values.SelectMany(OriginsOf).Select(survey.Names.NameOf).Except(wanted).ToList();
            if (origins.Count == 0) return survey;
            wanted.UnionWith(origins);
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
    public AgentHistory? Find(string agent) => Find(Names.NumberOf(agent));

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
            var history = byNumber[number] = new AgentHistory(number, agent.Name, agent.Definition, Pieces);
            history.Begin(agent, Beginning, cut.Topology!, writer);
        }
    }

    private void Take(LogRecord record, string writer, Func<int, string, bool> isWanted)
    {
        if (record is AgentRecord { Change: AgentChange.Born or AgentChange.Forked } born && isWanted(born.Agent, born.Name))
            byNumber[born.Agent] = new AgentHistory(born.Agent, born.Name, born.Definition, Pieces);
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
