using System.Globalization;
using System.IO.Hashing;
using AkkaWasm.Actors.Modules;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Offline;

/// <summary>Makes a data folder of an archive: beside the place where it shall be, and moved there when it is whole and sound.</summary>
internal sealed class ArchiveReader : IDisposable
{
    private const string Unfinished = ".importing";

    private readonly Stream from;
    private readonly string folder;
    private readonly StoreConnection journal;
    private readonly StoreConnection snapshots;
    private readonly SqlPartTable parts;
    private readonly XxHash64 checksums = new();
    private readonly Dictionary<ArchiveItemKind, long> counts = [];
    private LogHead head;
    private long bytes = 8;

    private ArchiveReader(Stream from, string folder)
    {
        this.from = from;
        this.folder = folder;
        journal = Make(DataFolder.JournalFileOf(folder), "journal", SqliteTables.Journal);
        snapshots = Make(DataFolder.SnapshotsFileOf(folder), "snapshot store", SqliteTables.Snapshots);
        parts = SqlPartTable.In(snapshots);
    }

    public static ArchiveReport Read(Stream archive, string dataFolder, CancellationToken cancellation)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataFolder));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
            throw new MeshNodeException(NodeFailure.DataFolder, $"The data folder '{target}' is not empty; import into one that is, or is not there.");
        var unfinished = target + Unfinished;
        if (Directory.Exists(unfinished))
            throw new MeshNodeException(NodeFailure.DataFolder, $"The folder '{unfinished}' is what an import that was cut off left behind; delete it and import again.");
        try
        {
            Directory.CreateDirectory(unfinished);
            ArchiveReport report;
            using (var reader = new ArchiveReader(archive, unfinished)) report = reader.Read(cancellation);
            Verify(unfinished, cancellation);
            if (Directory.Exists(target)) Directory.Delete(target);
            Directory.Move(unfinished, target);
            return report;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshNodeException(NodeFailure.DataFolder, $"The data folder '{target}' cannot be made of the archive: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(unfinished)) Directory.Delete(unfinished, true);
        }
    }

    /// <summary>Whether a file of the folder of modules belongs into an archive: contents, their signatures, and the names.</summary>
    public static bool IsModule(string file) => Path.GetFileName(file) == NameFile.FileName ||
        Path.GetExtension(file) is ".wasm" or ".folder" or ".sig" && Path.GetFileNameWithoutExtension(file) is { Length: 64 } hash && hash.All(char.IsAsciiHexDigitLower);

    public void Dispose()
    {
        journal.Dispose();
        snapshots.Dispose();
    }

    private ArchiveReport Read(CancellationToken cancellation)
    {
        ArchiveFormat.ReadMagic(from);
        for (var number = 0L; ; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            var (item, checksum) = ArchiveFormat.Read(from, number);
            bytes += ArchiveFormat.SizeOf(item.Name, item.Content);
            if (item.Kind == ArchiveItemKind.End)
            {
                if (item.Number != number || !item.Content.AsSpan().SequenceEqual(checksums.GetCurrentHash()))
                    throw ArchiveFormat.Broken($"it has {number} items and says that it has {item.Number}, or others");
                break;
            }
            checksums.Append(BitConverter.GetBytes(checksum));
            Take(item, number);
            counts[item.Kind] = CountOf(item.Kind) + 1;
        }
        if (from.ReadByte() >= 0) throw ArchiveFormat.Broken("it goes on after its end");
        using (var file = LogHeadFile.Open(DataFolder.HeadFileOf(folder)))
            if (head.SequenceNr > 0) file.Write(head);
        // nothing was synced on the way: the checkpoint is
        foreach (var store in new[] { journal, snapshots }) store.Execute("PRAGMA synchronous=FULL", "PRAGMA wal_checkpoint(TRUNCATE)");
        return new ArchiveReport(CountOf(ArchiveItemKind.Block), CountOf(ArchiveItemKind.Snapshot), CountOf(ArchiveItemKind.Part), CountOf(ArchiveItemKind.Module), bytes);
    }

    private void Take(ArchiveItem item, long number)
    {
        switch (item.Kind)
        {
            case ArchiveItemKind.Block:
                var header = BlockCodec.ReadHeader(item.Content);
                head = new LogHead(item.Number, header.LastOffset, header.Checksum);
                Insert(journal, SqliteTables.InsertBlock, JournalSchema.Shard, item.Number, item.Content, JournalSchema.BlockManifest);
                break;
            case ArchiveItemKind.Snapshot when item.Name.Split('\n') is [var manifest, var id]:
                Insert(snapshots, SqliteTables.InsertSnapshot, id, item.Number, item.Content, manifest);
                break;
            case ArchiveItemKind.Part when UInt128.TryParse(item.Name, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var name):
                parts.Write([new StatePart(name, item.Content)]);
                break;
            case ArchiveItemKind.Module when IsModule(item.Name) && Path.GetFileName(item.Name) == item.Name:
                Directory.CreateDirectory(DataFolder.ModulesFolderOf(folder));
                File.WriteAllBytes(Path.Combine(DataFolder.ModulesFolderOf(folder), item.Name), item.Content);
                break;
            default:
                throw ArchiveFormat.Broken($"item {number} is of a kind that this program does not know ({(byte)item.Kind}, '{item.Name}')");
        }
    }

    private long CountOf(ArchiveItemKind kind) => counts.GetValueOrDefault(kind);

    private static void Insert(StoreConnection store, string sql, string id, long number, byte[] content, string manifest) => store.Run(database =>
    {
        using var insert = StoreConnection.Command(database, sql, "@id", "@number", "@created", "@content", "@manifest", "@serializer");
        return StoreConnection.Set(insert, id, number, DateTime.UtcNow.Ticks, content, manifest, JournalSchema.Serializer).ExecuteNonQuery();
    });

    private static StoreConnection Make(string file, string what, SqliteSchema schema)
    {
        var store = SqliteFiles.StoreIn(file);
        SqliteFiles.Prepare(store, what, schema);
        var connection = StoreConnection.To(store)!;
        connection.Execute("PRAGMA synchronous=OFF");
        return connection;
    }

    private static void Verify(string folder, CancellationToken cancellation)
    {
        if (LogVerifier.Run(LogStores.Of(new LogLocation(folder)), cancellation).Flaws is [var flaw, ..])
            throw new LogCorruptException($"The archive holds no sound log: {flaw.Message}", Math.Max(Position.None, flaw.Offset));
    }
}
