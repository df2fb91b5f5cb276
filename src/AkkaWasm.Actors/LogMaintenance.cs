using AkkaWasm.Actors.Offline;

namespace AkkaWasm.Actors;

/// <summary>Looks after the log of a data folder: counts, compacts, copies it out and in.</summary>
public static class LogMaintenance
{
    /// <summary>Counts what is in a log and says what of it is still needed. Reads all of it; a node may run on it.</summary>
    /// <exception cref="MeshNodeException">There is no such log, or a database cannot be used.</exception>
    /// <exception cref="Mesh.Shards.LogCorruptException">The log is damaged.</exception>
    public static LogStatistics Count(LogLocation location, CancellationToken cancellation = default) => Count(location, TimeProvider.System, cancellation);

    /// <summary>The same at the time that a clock shows, which says what is old.</summary>
    /// <exception cref="MeshNodeException">There is no such log, or a database cannot be used.</exception>
    /// <exception cref="Mesh.Shards.LogCorruptException">The log is damaged.</exception>
    public static LogStatistics Count(LogLocation location, TimeProvider time, CancellationToken cancellation = default) =>
        new StatisticsReader(LogStores.Of(location), NsOf(time), cancellation).Read();

    /// <summary>
    /// Deletes what nothing needs: blocks from the beginning of the log, where the location says how much is kept; images that are not kept, parts that no
    /// image names, old states of the shard. Then gives the room back to the file system. No node may run on the folder. It can be ended at any moment and
    /// begun again.
    /// </summary>
    /// <param name="location">Where the log is.</param>
    /// <param name="dryRun">Whether it is only counted.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <exception cref="MeshNodeException">There is no such log, a node runs on it, or a database cannot be used.</exception>
    /// <exception cref="Mesh.Shards.LogCorruptException">The log is damaged; nothing was deleted.</exception>
    public static CompactionReport Compact(LogLocation location, bool dryRun, CancellationToken cancellation = default) => Compact(location, dryRun, TimeProvider.System, cancellation);

    /// <summary>The same at the time that a clock shows, which says what is old.</summary>
    /// <exception cref="MeshNodeException">There is no such log, a node runs on it, or a database cannot be used.</exception>
    /// <exception cref="Mesh.Shards.LogCorruptException">The log is damaged; nothing was deleted.</exception>
    public static CompactionReport Compact(LogLocation location, bool dryRun, TimeProvider time, CancellationToken cancellation = default) =>
        LogCompaction.Run(LogStores.Of(location), dryRun, NsOf(time), cancellation);

    /// <summary>
    /// Writes a log with modules, snapshots and all as one archive, each part with a checksum. A node may run on it: what is committed meanwhile may be
    /// in the archive or not.
    /// </summary>
    /// <exception cref="MeshNodeException">There is no such log, or a database cannot be used.</exception>
    /// <exception cref="Mesh.Shards.LogCorruptException">The log is damaged.</exception>
    public static ArchiveReport Export(LogLocation location, Stream archive, CancellationToken cancellation = default) => ArchiveWriter.Write(LogStores.Of(location), archive, cancellation);

    /// <summary>Makes a data folder of an archive, with SQLite, and verifies it. It has its name only when it is whole and sound.</summary>
    /// <param name="archive">What <see cref="Export"/> wrote.</param>
    /// <param name="dataFolder">The folder; it must not be there, or be empty.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="MeshNodeException">The folder cannot be made.</exception>
    /// <exception cref="Mesh.Shards.LogCorruptException">The archive is cut or damaged, or what is in it is no sound log.</exception>
    public static ArchiveReport Import(Stream archive, string dataFolder, CancellationToken cancellation = default) => ArchiveReader.Read(archive, dataFolder, cancellation);

    private static long NsOf(TimeProvider time) => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
