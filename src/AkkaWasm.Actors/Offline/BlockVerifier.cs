using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Offline;

/// <summary>
/// Verifies row after row: numbers, writer, checksum, records, the chain, and whether a shard can recover from them. After a flaw it goes on with the
/// next row that is sound.
/// </summary>
internal sealed class BlockVerifier(FlawList flaws, LogHead? head, IReadOnlySet<long> stateEnds)
{
    /// <summary>What of the log the recovering shard keeps in memory, bytes.</summary>
    private const long RecoveryWindowBytes = 16 << 20;

    private readonly LogNames names = new();
    private readonly HashSet<string> modules = new(StringComparer.Ordinal);
    private Shard? recovering = new(new ShardOptions { LogWindowBytes = RecoveryWindowBytes });
    private bool isChained = true;
    private bool wasUnreadable;
    private long next;
    private ulong previous;
    private int epoch;

    public long Blocks { get; private set; }

    public long Records { get; private set; }

    public Position? Last { get; private set; }

    /// <summary>The last row that is there, sound or not.</summary>
    public long LastRow { get; private set; }

    /// <summary>Header of the row that the head names.</summary>
    public BlockHeader? AtHead { get; private set; }

    /// <summary>Checksums of the blocks that the saved states of the shard end with, by last offset.</summary>
    public Dictionary<long, ulong> Checksums { get; } = [];

    /// <summary>The images that the log says were saved: hashes by agent, incarnation and last input.</summary>
    public Dictionary<(string Agent, int Incarnation, long Input), StateHash> Images { get; } = [];

    /// <summary>The last saved image of each agent that is to be had, by the agent's number.</summary>
    public Dictionary<int, ImageRecord> LatestImages { get; } = [];

    /// <summary>The name of the agent that an image was taken of, in the life that it is of.</summary>
    public string NameOf(ImageRecord image) => names.NameIn(image.Agent, image.Incarnation);

    /// <summary>Every module that agents had, with the place where it is first mentioned.</summary>
    public List<(AgentDefinition Definition, long Offset, long Row)> Modules { get; } = [];

    /// <summary>Begins with what stands in for rows that were removed.</summary>
    public void Begin(LogBase known)
    {
        names.Begin(known.Cut);
        (LastRow, next, previous, epoch) = (known.Row, known.Cut.NextOffset, known.Cut.LastChecksum, known.Cut.Epoch);
        try
        {
            recovering!.Restore(known.State);
        }
        catch (LogCorruptException e)
        {
            flaws.Add(next, LastRow, e.Message);
            recovering = null;
        }
        if (known.Cut.Topology is { } topology) Note(known.Row, next, topology.Versions);
        for (var number = 0; number < known.Cut.AgentCount; number++)
            if (known.Cut.AgentAt(number) is { Stopped: false, Image: { } image } agent && image.Agent == number && image.Incarnation == agent.Incarnation)
                LatestImages[number] = new ImageRecord(number, image.Incarnation, image.Input, image.Hash);
    }

    /// <summary>A row that the database does not give.</summary>
    public void TakeUnreadable(long row, string why)
    {
        if (!wasUnreadable) flaws.Add(next, row, $"Row {row} of the journal (offset {next}) cannot be read: {why}");
        wasUnreadable = true;
        LastRow = row;
        Break();
    }

    public void Take(StoredRow row, JournalFile journal)
    {
        wasUnreadable = false;
        if (row.SequenceNr != LastRow + 1)
        {
            flaws.Add(next, LastRow + 1, row.SequenceNr == LastRow + 2
                ? $"Row {LastRow + 1} of the journal is missing, and with it the records from offset {next}; put the journal back from a copy."
                : $"Rows {LastRow + 1} to {row.SequenceNr - 1} of the journal are missing, and with them the records from offset {next}; put the journal back from a copy.");
            Break();
        }
        var bytes = journal.BlockOf(row);
        LastRow = row.SequenceNr;
        if (row.IsDeleted) flaws.Add(next, row.SequenceNr, $"Row {row.SequenceNr} of the journal (offset {next}) is marked as deleted, so that a node passes over it.");
        if (row.Serializer != JournalSchema.Serializer || row.Manifest != JournalSchema.BlockManifest)
            flaws.Add(next, row.SequenceNr, $"Row {row.SequenceNr} of the journal (offset {next}) was written as '{row.Manifest}' by serializer {row.Serializer}, not as '{JournalSchema.BlockManifest}' by {JournalSchema.Serializer}.");
        try
        {
            var records = BlockCodec.Read(bytes, out var header);
            Follow(row, header);
            Recover(row, bytes);
            Note(row, header, records);
        }
        catch (LogCorruptException e)
        {
            flaws.Add(isChained || e.FirstLost < next ? next : e.FirstLost, row.SequenceNr, $"Row {row.SequenceNr} of the journal (offset {next}): {e.Message}");
            Break();
        }
    }

    private void Follow(StoredRow row, BlockHeader header)
    {
        if (isChained ? header.FirstOffset != next : header.FirstOffset < next)
            flaws.Add(next, row.SequenceNr, $"Row {row.SequenceNr} of the journal begins at offset {header.FirstOffset} where {next} is next.");
        else if (isChained && header.PreviousChecksum != previous)
            flaws.Add(next, row.SequenceNr, $"Row {row.SequenceNr} of the journal (offset {next}) follows a block with checksum {header.PreviousChecksum:x16}; the one before it has {previous:x16}.");
        else if (header.Epoch < epoch)
            flaws.Add(header.FirstOffset, row.SequenceNr, $"Row {row.SequenceNr} of the journal (offset {header.FirstOffset}) is of epoch {header.Epoch} after one of epoch {epoch}.");
        else return;
        Break();
    }

    /// <summary>Feeds the block to a shard as a node does when it starts. What was found by other means is not found twice.</summary>
    private void Recover(StoredRow row, byte[] bytes)
    {
        try
        {
            recovering?.Recover(bytes);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            flaws.Add(next, row.SequenceNr, $"A node cannot recover from row {row.SequenceNr} of the journal (offset {next}): {e.Message}");
            recovering = null;
        }
    }

    private void Note(StoredRow row, BlockHeader header, IReadOnlyList<LogRecord> records)
    {
        names.Apply(header, records);
        Blocks++;
        Records += header.Count;
        Last = new Position(header.Shard, header.Epoch, header.LastOffset);
        (isChained, next, previous, epoch) = (true, header.LastOffset + 1, header.Checksum, header.Epoch);
        if (head?.SequenceNr == row.SequenceNr) AtHead = header;
        if (stateEnds.Contains(header.LastOffset)) Checksums[header.LastOffset] = header.Checksum;
        foreach (var record in records)
        {
            if (record is TopologyRecord { Topology: var topology }) Note(row.SequenceNr, record.Offset, topology.Versions);
            else if (record is TopologyChangeRecord change)
                Note(row.SequenceNr, record.Offset, change.Delta.Rules is null ? MeshTopology.VersionsOf(change.Delta.Put) : names.TopologyAt(record.Offset).Versions);
            else if (record is AgentRecord changed) LatestImages.Remove(changed.Agent);
            else if (record is ImageRecord image)
            {
                Images[(names.NameIn(image.Agent, image.Incarnation), image.Incarnation, image.Input)] = image.Hash;
                LatestImages[image.Agent] = image;
            }
        }
    }

    private void Note(long row, long offset, IEnumerable<AgentDefinition> definitions)
    {
        foreach (var definition in definitions)
            if (modules.Add(definition.ModuleHash)) Modules.Add((definition, offset, row));
    }

    /// <summary>What follows cannot be compared with what came before.</summary>
    private void Break()
    {
        isChained = false;
        recovering = null;
    }
}
