using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>
/// Verifies a data folder: the databases, every row, the head, the snapshots, the modules. Head and snapshots are looked at first: a node that runs
/// meanwhile makes the log longer than they say, never shorter.
/// </summary>
internal sealed class LogVerifier
{
    private readonly LogStores stores;
    private readonly FlawList flaws = new();
    private readonly CancellationToken cancellation;

    private LogVerifier(LogStores stores, CancellationToken cancellation)
    {
        this.stores = stores;
        this.cancellation = cancellation;
    }

    /// <summary>Verifies; see <see cref="IOfflineLog.Verify"/>.</summary>
    public static LogVerification Run(LogStores stores, CancellationToken cancellation) => new LogVerifier(stores, cancellation).Run();

    private LogVerification Run()
    {
        var head = ReadHead();
        var snapshots = new SnapshotVerifier(stores, flaws, cancellation);
        snapshots.Read();
        var blocks = new BlockVerifier(flaws, head, snapshots.StateEnds);
        if (flaws.AddFailureOf(() => ReadJournal(blocks, head)))
        {
            CheckHead(head, blocks);
            flaws.AddFailureOf(() => snapshots.Compare(blocks));
            CheckModules(blocks);
        }
        return new LogVerification(blocks.Blocks, blocks.Records, blocks.Last, flaws.InOrder());
    }

    private LogHead? ReadHead()
    {
        var file = DataFolder.HeadFileOf(stores.Folder);
        if (LogHeadFile.Read(file) is { } head) return head;
        if (!File.Exists(file) || new FileInfo(file).Length == 0) return null;
        // a node may just have been writing it
        if (LogHeadFile.Read(file) is { } written) return written;
        flaws.Add(Position.None, 0, $"'{file}' is damaged, so that nobody can tell whether the log's end is there; the next commit of a node writes it anew.");
        return null;
    }

    private void ReadJournal(BlockVerifier blocks, LogHead? head)
    {
        using var journal = JournalFile.Open(stores);
        if (journal.FindDamage() is { } finding) flaws.Add(Position.None, 0, $"The database {journal.Name} is damaged ({finding}); put it back from a copy.");
        LogBase? known = null;
        flaws.AddFailureOf(() => known = journal.Base);
        if (known is not null) blocks.Begin(known);
        ReadRows(journal, blocks, head);
    }

    private void ReadRows(JournalFile journal, BlockVerifier blocks, LogHead? head)
    {
        var lastKnown = head?.SequenceNr ?? 0;
        flaws.AddFailureOf(() => lastKnown = Math.Max(lastKnown, journal.LastSequenceNr()));
        for (var row = blocks.LastRow; ;)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (journal.Next(row) is not { } stored) return;
                blocks.Take(stored, journal);
                row = stored.SequenceNr;
            }
            catch (LogCorruptException e)
            {
                blocks.TakeUnreadable(++row, e.Message);
                if (row >= lastKnown) return;
            }
        }
    }

    private void CheckHead(LogHead? head, BlockVerifier blocks)
    {
        if (head is not { } h) return;
        if (LogHeadFile.Missing(head, blocks.LastRow, blocks.Last?.Offset ?? Position.None) is { } missing)
            flaws.Add((blocks.Last?.Offset ?? Position.None) + 1, blocks.LastRow + 1, missing);
        if (blocks.AtHead is { } there && (there.Checksum != h.Checksum || there.LastOffset != h.LastOffset))
            flaws.Add(there.FirstOffset, h.SequenceNr, $"Row {h.SequenceNr} of the journal (offset {there.FirstOffset}) is another one than was committed: its checksum is {there.Checksum:x16}, in log.head stands {h.Checksum:x16}; put journal and log.head back from the same copy.");
    }

    private void CheckModules(BlockVerifier blocks)
    {
        var store = new ModuleStore(DataFolder.ModulesFolderOf(stores.Folder));
        foreach (var (definition, offset, row) in blocks.Modules)
        {
            try
            {
                store.Read(definition);
            }
            catch (GuestRefusedException e)
            {
                flaws.Add(offset, row, e.Message);
            }
        }
    }
}
