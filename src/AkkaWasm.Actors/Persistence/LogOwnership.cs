using AkkaWasm.Mesh.Codecs;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Persistence;

/// <summary>Another node writes this log.</summary>
internal sealed class LogTakenOverException(string message) : Exception(message);

/// <summary>
/// Tells this node's rows from those of another one that took the log over. A row of the log is unique, so of two writers one fails at it; when that
/// one recovers, the rows after its own last one have to be such as it had tried to write. Lives as long as the node; used by its shard alone.
/// </summary>
internal sealed class LogOwnership
{
    private readonly HashSet<(long Row, ulong Checksum)> attempts = [];
    private long? last;

    /// <summary>A block is given to the journal. It may land there even if a failure is reported.</summary>
    public void Attempt(long row, ulong checksum)
    {
        last ??= row - 1;
        attempts.Add((row, checksum));
    }

    /// <summary>The journal has it; so no other attempt can have got that far.</summary>
    public void Committed(long row)
    {
        last = row;
        attempts.Clear();
    }

    /// <summary>Checks a row that is recovered.</summary>
    /// <exception cref="LogTakenOverException">It was written by another node after this one had the log.</exception>
    /// <exception cref="LogCorruptException">It is no block.</exception>
    public void Recover(long row, ReadOnlyMemory<byte> block)
    {
        if (last is { } known && row > known && !attempts.Contains((row, BlockCodec.ReadHeader(block).Checksum))) throw TakenOver(row);
    }

    /// <summary>Checks the row that the recovered state of the shard was saved at: this node saves it only at rows that it has committed.</summary>
    /// <exception cref="LogTakenOverException">It was saved by another node after this one had the log.</exception>
    public void Restore(long row)
    {
        if (row > last) throw TakenOver(row);
    }

    private static LogTakenOverException TakenOver(long row) =>
        new($"Another node has taken the log over: row {row} of the journal was written by it. This node ends; nothing that it acknowledged is lost. See that only one node serves this mesh from this database.");
}
