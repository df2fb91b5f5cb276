using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Actors;

/// <summary>The log of a data folder, in the folder or on PostgreSQL, read without a node. Each call reads what is committed at that moment; nothing is held open between calls.</summary>
public sealed partial class OfflineLog : IOfflineLog
{
    private readonly LogStores stores;
    private readonly Func<string, IGuestFactory>? otherGuests;
    private readonly Lock entry = new();
    private ReplayGuests? guests;
    private bool disposed;

    private OfflineLog(LogStores stores, Func<string, IGuestFactory>? otherGuests)
    {
        this.stores = stores;
        this.otherGuests = otherGuests;
    }

    /// <summary>Opens the log of a data folder with the databases that the node last had. Nothing is made or changed, and a node may run on it.</summary>
    /// <exception cref="MeshNodeException">There is no such folder, or no journal in it.</exception>
    public static IOfflineLog Open(string dataFolder) => Open(new LogLocation(dataFolder));

    /// <summary>Opens a log. Nothing is made or changed, and a node may run on it.</summary>
    /// <exception cref="MeshNodeException">There is no such folder, or no journal in it, or a database cannot be used.</exception>
    public static IOfflineLog Open(LogLocation location) => Open(location, null);

    /// <summary>Opens a log whose agents are replayed with guests of another kind, made by the writer that a block names.</summary>
    internal static OfflineLog Open(LogLocation location, Func<string, IGuestFactory>? otherGuests) => new(LogStores.Of(location), otherGuests);

    /// <inheritdoc/>
    public LogVerification Verify(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return LogVerifier.Run(stores, cancellation);
    }

    /// <inheritdoc/>
    public LogStatistics Count(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return new StatisticsReader(stores, (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100, cancellation).Read();
    }

    /// <inheritdoc/>
    public IEnumerable<LogEntry> Records(long from = 0, long to = long.MaxValue)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return RecordsBetween(from, to);
    }

    /// <inheritdoc/>
    public ReplayReport? ReplayAgent(string agent, long? to = null, bool verify = true, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return WithAgent(agent, verify, cancellation, (history, life, _, _) => AgentReplay.Run(history, life, history.EndOfInput(to ?? long.MaxValue), verify, cancellation), to ?? long.MaxValue);
    }

    /// <summary>Gives back the engine that guests were replayed on.</summary>
    public void Dispose()
    {
        disposed = true;
        guests?.Dispose();
    }

    private IEnumerable<LogEntry> RecordsBetween(long from, long to)
    {
        using var journal = JournalFile.Open(stores);
        if (journal.Base is { } known && to < known.Cut.NextOffset) throw new LogBeginsLaterException(to, known.Promise);
        var names = new LogNames();
        foreach (var block in BlockWalk.Through(journal, names, header => header.LastOffset >= from && header.FirstOffset <= to))
        {
            if (block.Header.FirstOffset > to) yield break;
            if (block.Header.LastOffset < from) continue;
            foreach (var record in block.Records!)
            {
                if (record.Offset < from || record.Offset > to) continue;
                yield return names.EntryOf(record, block.Header.Epoch);
            }
        }
    }
}
