using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Verifies the saved images of agents and the saved states of the shard: by themselves first, then against the log.</summary>
internal sealed class SnapshotVerifier(LogStores stores, FlawList flaws, CancellationToken cancellation)
{
    private readonly List<AgentImage> images = [];
    private readonly List<(long LastOffset, ulong Checksum, long SequenceNr)> states = [];
    private readonly HashSet<UInt128> parts = [];
    private bool couldBeRead = true;
    private string name = "";

    /// <summary>Last offsets that the saved states of the shard contain.</summary>
    public IReadOnlySet<long> StateEnds => states.Select(s => s.LastOffset).ToHashSet();

    public void Read()
    {
        flaws.AddFailureOf(() =>
        {
            couldBeRead = false;
            using var snapshots = SnapshotFile.TryOpen(stores);
            couldBeRead = snapshots is null;
            if (snapshots is null) return;
            name = snapshots.Name;
            if (snapshots.FindDamage() is { } finding) flaws.Add(Position.None, 0, $"The database {name} is damaged ({finding}); put it back from a copy.");
            foreach (var (part, _, isSound) in snapshots.Parts())
                if (isSound) parts.Add(part);
                else Add(Position.None, $"The part {part:x32} of images in {name} is damaged: its checksum does not fit.");
            foreach (var snapshot in snapshots.All()) Take(snapshot, snapshots);
            couldBeRead = true;
        });
    }

    /// <summary>Compares what was saved with the log.</summary>
    public void Compare(BlockVerifier log)
    {
        var end = log.Last?.Offset ?? Position.None;
        foreach (var image in images)
        {
            if (image.Input > end) Add(end + 1, $"The image of agent '{image.Agent}' in {name} contains the event at offset {image.Input}, but the log ends at {end}: its end was cut off, or the image belongs to another log.");
            else if (log.Images.TryGetValue((image.Agent, image.Incarnation, image.Input), out var recorded) && recorded != image.Hash)
                Add(image.Input, $"The image of agent '{image.Agent}' in {name} after the event at offset {image.Input} has state hash {image.Hash}; recorded is {recorded}.");
        }
        foreach (var state in states) Compare(state, log, end);
        if (couldBeRead) FindMissing(log);
    }

    private void Compare((long LastOffset, ulong Checksum, long SequenceNr) state, BlockVerifier log, long end)
    {
        if (state.LastOffset > end)
            Add(end + 1, $"The saved state of the shard at row {state.SequenceNr} in {name} contains offset {state.LastOffset}, but the log ends at {end}: its end was cut off, or the state belongs to another log.");
        else if (log.Checksums.TryGetValue(state.LastOffset, out var checksum) && checksum != state.Checksum)
            Add(state.LastOffset, $"The saved state of the shard at row {state.SequenceNr} in {name} follows a block with checksum {state.Checksum:x16}; the one that ends at offset {state.LastOffset} has {checksum:x16}.");
    }

    /// <summary>A node that runs may have replaced an image since; so a missing one is looked for again.</summary>
    private void FindMissing(BlockVerifier log)
    {
        var missing = log.LatestImages.Values.Where(saved => !Has(log.NameOf(saved), saved)).ToList();
        if (missing.Count == 0) return;
        images.Clear();
        states.Clear();
        using var snapshots = SnapshotFile.TryOpen(stores);
        foreach (var snapshot in snapshots?.All() ?? [])
            if (snapshot.Manifest == JournalSchema.ImageManifest && ImageOf(snapshot, out _) is { } image) images.Add(image with { State = GuestState.FromBytes(default) });
        foreach (var saved in missing)
            if (!Has(log.NameOf(saved), saved))
                Add(saved.Offset, $"The image of agent '{log.NameOf(saved)}' after the event at offset {saved.Input}, which the log says was saved, is not in {PlaceOfSnapshots}; the agent is rebuilt from its first turn.");
    }

    private bool Has(string agent, ImageRecord saved) => images.Exists(i => i.Agent == agent && i.Incarnation == saved.Incarnation && i.Input >= saved.Input);

    private void Take(StoredSnapshot snapshot, SnapshotFile snapshots)
    {
        cancellation.ThrowIfCancellationRequested();
        if (snapshot.Manifest == JournalSchema.StateManifest) TakeState(snapshot);
        else if (snapshot.Manifest != JournalSchema.ImageManifest) Add(Position.None, $"The snapshot {Name(snapshot)} was written as '{snapshot.Manifest}', which this program does not know.");
        else if (ImageOf(snapshot, out var problem) is not { } image) Add(snapshot.SequenceNr, $"The snapshot {Name(snapshot)}: {problem}");
        else if (image.Input != snapshot.SequenceNr) Add(Position.None, $"The snapshot {Name(snapshot)} holds an image that ends at offset {image.Input}.");
        else if (AgentImage.PartsOf(snapshot.Bytes).Where(p => !parts.Contains(p) && snapshots.Part(p) is null).Take(1).ToArray() is [var missing])
            Add(snapshot.SequenceNr, $"The snapshot {Name(snapshot)}: the part {missing:x32} of the image is missing or damaged.");
        else images.Add(image with { State = GuestState.FromBytes(default) });
    }

    private static AgentImage? ImageOf(StoredSnapshot snapshot, out string? problem)
    {
        try
        {
            problem = null;
            return AgentImage.FromBytes(snapshot.Bytes);
        }
        catch (ImageCorruptException e)
        {
            problem = e.Message;
            return null;
        }
    }

    private void TakeState(StoredSnapshot snapshot)
    {
        try
        {
            var shard = new Shard(new ShardOptions());
            shard.Restore(snapshot.Bytes);
            states.Add((shard.NextOffset - 1, shard.LastChecksum, snapshot.SequenceNr));
        }
        catch (LogCorruptException e)
        {
            Add(Position.None, $"The snapshot {Name(snapshot)}: {e.Message}");
        }
    }

    /// <summary>Where the snapshots are, also if no node has made the database.</summary>
    private string PlaceOfSnapshots => name.Length > 0 ? name : $"'{SqliteFiles.FileOf(stores.Snapshots)}'";

    private string Name(StoredSnapshot snapshot) => $"'{snapshot.PersistenceId}' at {snapshot.SequenceNr} in {name}";

    private void Add(long offset, string message) => flaws.Add(offset, 0, message);
}
