using AkkaWasm.Actors.Offline;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Persistence;

/// <summary>
/// Reads what a node has stored, over and over and slowly: the rows of the log with their checksums and their chain, saved states, images and their parts.
/// </summary>
internal sealed class LogScrub(ScrubOptions options, LogStores stores, TimeProvider time)
{
    /// <summary>A wait that is shorter than this is made up for with the next.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(20);

    private readonly HashSet<string> told = new(StringComparer.Ordinal);
    private long unpaidBytes;

    public bool IsOn => options.BytesPerSecond > 0;

    /// <summary>Reads until it is cancelled.</summary>
    /// <param name="tell">Told of each damage once, one sentence.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Action<string> tell, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await ReadLogAsync(Tell, cancellation).ConfigureAwait(false);
                await ReadSnapshotsAsync(Tell, cancellation).ConfigureAwait(false);
            }
            catch (LogCorruptException e)
            {
                Tell(e.Message);
            }
            catch (MeshNodeException)
            {
                // the database is out of reach; the next time it may not be
            }
            await Task.Delay(options.Pause, time, cancellation).ConfigureAwait(false);
        }

        void Tell(string what)
        {
            if (told.Add(what)) tell(what);
        }
    }

    private async Task ReadLogAsync(Action<string> tell, CancellationToken cancellation)
    {
        using var journal = JournalFile.Open(stores);
        ulong? previous = null;
        for (var row = 0L; journal.Next(row) is { } next; row = next.SequenceNr)
        {
            if (next.SequenceNr != row + 1) previous = null;
            byte[] block;
            try
            {
                block = journal.BlockOf(next);
            }
            catch (LogCorruptException e) when (journal.Next(row) is { } there && there.SequenceNr == next.SequenceNr)
            {
                tell($"Row {next.SequenceNr} of the journal cannot be read: {e.Message}");
                previous = null;
                continue;
            }
            catch (LogCorruptException)
            {
                continue; // it was removed meanwhile
            }
            previous = Check(next.SequenceNr, block, previous, tell);
            await PayAsync(block.Length, cancellation).ConfigureAwait(false);
        }
    }

    private static ulong? Check(long row, byte[] block, ulong? previous, Action<string> tell)
    {
        try
        {
            BlockCodec.Read(block, out var header);
            if (previous is { } checksum && header.PreviousChecksum != checksum) tell($"Row {row} of the journal (offset {header.FirstOffset}) follows another block than the one before it; put the journal back from a copy.");
            return header.Checksum;
        }
        catch (LogCorruptException e)
        {
            tell($"Row {row} of the journal is damaged: {e.Message} Put it back from a copy.");
            return null;
        }
    }

    private async Task ReadSnapshotsAsync(Action<string> tell, CancellationToken cancellation)
    {
        using var snapshots = SnapshotFile.TryOpen(stores);
        if (snapshots is null) return;
        foreach (var snapshot in snapshots.All())
        {
            if (ProblemOf(snapshot) is { } problem) tell($"The snapshot '{snapshot.PersistenceId}' at {snapshot.SequenceNr} is damaged: {problem}");
            await PayAsync(snapshot.Bytes.Length, cancellation).ConfigureAwait(false);
        }
        foreach (var (name, content, isSound) in snapshots.Parts())
        {
            if (!isSound) tell($"The part {name:x32} of images is damaged: its checksum does not fit.");
            await PayAsync(content.Length, cancellation).ConfigureAwait(false);
        }
    }

    private static string? ProblemOf(StoredSnapshot snapshot)
    {
        try
        {
            if (snapshot.Manifest == JournalSchema.ImageManifest) AgentImage.FromBytes(snapshot.Bytes);
            else if (snapshot.Manifest == JournalSchema.StateManifest) new ShardCut(new ShardOptions()).Restore(snapshot.Bytes);
            return null;
        }
        catch (Exception e) when (e is ImageCorruptException or LogCorruptException)
        {
            return e.Message;
        }
    }

    private async Task PayAsync(long bytes, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        unpaidBytes += bytes;
        var wait = TimeSpan.FromSeconds((double)unpaidBytes / options.BytesPerSecond);
        if (wait < LeastWait) return;
        unpaidBytes = 0;
        await Task.Delay(wait, time, cancellation).ConfigureAwait(false);
    }
}
