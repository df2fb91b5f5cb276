using System.IO.Hashing;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh.Codecs;

namespace AkkaWasm.Actors.Offline;

/// <summary>Writes an archive: snapshots first, then the log, which a node that runs makes longer than they say, never shorter.</summary>
internal sealed class ArchiveWriter(LogStores stores, Stream to, CancellationToken cancellation)
{
    private readonly XxHash64 checksums = new();
    private readonly Dictionary<ArchiveItemKind, long> counts = [];
    private readonly HashSet<long> states = [];
    private long items;
    private long bytes;

    public static ArchiveReport Write(LogStores stores, Stream to, CancellationToken cancellation) => new ArchiveWriter(stores, to, cancellation).Write();

    private ArchiveReport Write()
    {
        ArchiveFormat.WriteMagic(to);
        WriteSnapshots();
        WriteBlocks();
        WriteModules();
        Write(ArchiveItemKind.End, "", items, checksums.GetCurrentHash());
        to.Flush();
        return new ArchiveReport(CountOf(ArchiveItemKind.Block), CountOf(ArchiveItemKind.Snapshot), CountOf(ArchiveItemKind.Part), CountOf(ArchiveItemKind.Module), bytes + 8);
    }

    private void WriteSnapshots()
    {
        using var snapshots = SnapshotFile.TryOpen(stores);
        if (snapshots is null) return;
        var ofStates = new HashSet<UInt128>(); // states are whole in an archive
        foreach (var snapshot in snapshots.All())
        {
            Write(ArchiveItemKind.Snapshot, $"{snapshot.Manifest}\n{snapshot.PersistenceId}", snapshot.SequenceNr, snapshot.Bytes);
            if (snapshot.Manifest == JournalSchema.StateManifest) states.Add(snapshot.SequenceNr);
            ofStates.UnionWith(snapshot.Parts);
        }
        foreach (var (name, content, isSound) in snapshots.Parts())
            if (isSound && !ofStates.Contains(name)) Write(ArchiveItemKind.Part, name.ToString("x32", System.Globalization.CultureInfo.InvariantCulture), 0, content);
    }

    /// <summary>Each block is checked before it is written: an archive of a damaged log would be refused only when it is needed.</summary>
    private void WriteBlocks()
    {
        using var journal = JournalFile.Open(stores);
        if (journal.Base is { Row: var row } && !states.Contains(row)) throw new MeshNodeException(NodeFailure.Storage, "The node removed the beginning of the log while it was exported; export it again.");
        foreach (var block in BlockWalk.Through(journal, new LogNames(), _ => true)) Write(ArchiveItemKind.Block, "", block.Row.SequenceNr, journal.BlockOf(block.Row));
    }

    private void WriteModules()
    {
        var folder = DataFolder.ModulesFolderOf(stores.Folder);
        if (!Directory.Exists(folder)) return;
        foreach (var file in Directory.EnumerateFiles(folder).Where(ArchiveReader.IsModule).Order(StringComparer.Ordinal))
            Write(ArchiveItemKind.Module, Path.GetFileName(file), 0, File.ReadAllBytes(file));
    }

    private long CountOf(ArchiveItemKind kind) => counts.GetValueOrDefault(kind);

    private void Write(ArchiveItemKind kind, string name, long number, byte[] content)
    {
        cancellation.ThrowIfCancellationRequested();
        var checksum = ArchiveFormat.Write(to, new ArchiveItem(kind, name, number, content));
        checksums.Append(BitConverter.GetBytes(checksum));
        counts[kind] = CountOf(kind) + 1;
        items++;
        bytes += ArchiveFormat.SizeOf(name, content);
    }
}
