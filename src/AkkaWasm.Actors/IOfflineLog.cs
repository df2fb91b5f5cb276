using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors;

/// <summary>
/// The log of a data folder, read without a node and never written, opened by <c>OfflineLog.Open(string dataFolder)</c>. A node may be running on it
/// meanwhile.
/// </summary>
public interface IOfflineLog : ITimeTravel, ITopologyHistory, IDisposable
{
    /// <summary>Checks every row, block, checksum and offset, the chain from block to block, the head file and the snapshots.</summary>
    LogVerification Verify(CancellationToken cancellation = default);

    /// <summary>Counts what is in it and says what of it is still needed, and what could be removed. Reads all of it.</summary>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    LogStatistics Count(CancellationToken cancellation = default);

    /// <summary>The records from one offset to another, both included, in order.</summary>
    /// <exception cref="LogBeginsLaterException">The log begins after all of them.</exception>
    /// <exception cref="LogCorruptException">A block that holds some of them is damaged or missing.</exception>
    IEnumerable<LogEntry> Records(long from = 0, long to = long.MaxValue);

    /// <summary>
    /// Runs the turns of an agent again, from its first one on, with the modules of the data folder: successes, and failures that do not
    /// depend on the host. Compares what was recorded: digests, faults, hashes.
    /// </summary>
    /// <param name="agent">Its name.</param>
    /// <param name="to">Offset of the last event to be handled, or null for all.</param>
    /// <param name="verify">Whether failed turns are run again too; otherwise they are only listed.</param>
    /// <param name="cancellation">Ends the replay.</param>
    /// <returns>The report, or null if there is no such agent.</returns>
    /// <exception cref="LogCorruptException">The log is damaged.</exception>
    /// <exception cref="MeshNodeException">The agent's module is not there.</exception>
    ReplayReport? ReplayAgent(string agent, long? to = null, bool verify = true, CancellationToken cancellation = default);
}

/// <summary>A record with what the log derives rather than stores.</summary>
/// <param name="Position">Its place.</param>
/// <param name="Record">The record.</param>
/// <param name="Id">For an event its CloudEvents <c>id</c>.</param>
/// <param name="Source">For an event its CloudEvents <c>source</c>.</param>
/// <param name="Agent">For a record about an agent that agent's name.</param>
public sealed record LogEntry(Position Position, LogRecord Record, string? Id, string? Source, string? Agent);

/// <summary>Something wrong with a log.</summary>
/// <param name="Offset">Offset of the first record that cannot be had or trusted, or -1 where it is not known.</param>
/// <param name="SequenceNr">Row of the journal, from 1, or 0 where it is not known.</param>
/// <param name="Message">One sentence: what and where.</param>
public sealed record LogFlaw(long Offset, long SequenceNr, string Message);

/// <summary>What was found when a log was verified.</summary>
/// <param name="Blocks">Sound blocks.</param>
/// <param name="Records">Records in them.</param>
/// <param name="Last">Position of the last of them, or null in an empty log.</param>
/// <param name="Flaws">What is wrong, the first flaw first; empty if the log is sound.</param>
public sealed record LogVerification(long Blocks, long Records, Position? Last, ImmutableArray<LogFlaw> Flaws)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsSound => Flaws.IsEmpty;
}

/// <summary>A recorded turn that was not run again.</summary>
/// <param name="Input">Offset of its event.</param>
/// <param name="Reason">Why, one sentence.</param>
public sealed record SkippedTurn(long Input, string Reason);

/// <summary>Where a replay went another way than the record.</summary>
/// <param name="Input">Offset of the event.</param>
/// <param name="Message">One sentence: what was recorded, what came.</param>
public sealed record ReplayDivergence(long Input, string Message);

/// <summary>What came of a replay.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Incarnation">The last incarnation that was replayed.</param>
/// <param name="Turns">Successful turns run again.</param>
/// <param name="Failures">Failed turns run again that failed in the same way.</param>
/// <param name="Hashes">Recorded hashes compared.</param>
/// <param name="LastInput">Offset of the last event handled with success, or -1.</param>
/// <param name="StateHash">Hash of the state after it, or null if nothing was run or the replay ended in a failure.</param>
/// <param name="Divergence">The first difference, or null.</param>
/// <param name="Skipped">Recorded turns that were not run again.</param>
public sealed record ReplayReport(
    string Agent, int Incarnation, long Turns, long Failures, long Hashes, long LastInput, StateHash? StateHash, ReplayDivergence? Divergence,
    ImmutableArray<SkippedTurn> Skipped)
{
    /// <summary>Whether everything that was run came out as recorded.</summary>
    public bool IsFaithful => Divergence is null;
}
