using Microsoft.Extensions.Logging;

namespace AkkaWasm.Actors;

/// <summary>All that the actors log, one method each.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Shard {Shard} is open: epoch {Epoch}, {Agents} agents, the log ends at offset {Offset}")]
    public static partial void ShardOpen(ILogger logger, int shard, int epoch, int agents, long offset);

    [LoggerMessage(2, LogLevel.Error, "Shard {Shard} ended and starts again in {Wait}: {Reason}")]
    public static partial void ShardRestarts(ILogger logger, int shard, TimeSpan wait, string reason, Exception? cause);

    [LoggerMessage(3, LogLevel.Critical, "The node cannot go on: {Reason}")]
    public static partial void NodeFailed(ILogger logger, string reason, Exception? cause);

    [LoggerMessage(4, LogLevel.Error, "A commit of shard {Shard} failed at row {SequenceNr}: {Reason}")]
    public static partial void CommitFailed(ILogger logger, int shard, long sequenceNr, string reason, Exception cause);

    [LoggerMessage(5, LogLevel.Warning, "The saved state of shard {Shard} at row {SequenceNr} cannot be used, an older one or the log is: {Reason}")]
    public static partial void ShardStateUnusable(ILogger logger, int shard, long sequenceNr, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Saving the state of shard {Shard} failed; the log is longer to recover from until the next one: {Reason}")]
    public static partial void ShardStateNotSaved(ILogger logger, int shard, string reason);

    [LoggerMessage(7, LogLevel.Warning, "The {Store} in the database {Database} is out of reach and tried again in {Wait}: {Reason}")]
    public static partial void StoreOutOfReach(ILogger logger, string store, string database, TimeSpan wait, string reason);

    [LoggerMessage(10, LogLevel.Warning, "Agent '{Agent}' failed on the event at offset {Input} ({Kind}/{Code}: {Message}); {Directive}, quarantined: {Quarantined}")]
    public static partial void AgentFailed(ILogger logger, string agent, long input, string kind, string code, string message, string directive, bool quarantined);

    [LoggerMessage(11, LogLevel.Error, "Agent '{Agent}' could not be rebuilt: {Message}")]
    public static partial void AgentUnavailable(ILogger logger, string agent, string message);

    [LoggerMessage(12, LogLevel.Warning, "The image of agent '{Agent}' at offset {Input} cannot be used, an older one or its first turn is: {Reason}")]
    public static partial void ImageUnusable(ILogger logger, string agent, long input, string reason);

    [LoggerMessage(13, LogLevel.Warning, "The image of agent '{Agent}' could not be saved: {Reason}")]
    public static partial void ImageNotSaved(ILogger logger, string agent, string reason);

    [LoggerMessage(14, LogLevel.Error, "A fault of this program in the actor of agent '{Agent}'")]
    public static partial void AgentActorFailed(ILogger logger, string agent, Exception cause);

    [LoggerMessage(16, LogLevel.Debug, "Agent '{Agent}' is compacted: its GC heap had taken {Before} bytes and takes {After}, in {Milliseconds} ms")]
    public static partial void Compacted(ILogger logger, string agent, long before, long after, double milliseconds);

    [LoggerMessage(17, LogLevel.Warning, "Agent '{Agent}' cannot be compacted now and goes on as it is: {Reason}")]
    public static partial void NotCompacted(ILogger logger, string agent, string reason);

    [LoggerMessage(18, LogLevel.Warning, "The process has {Resident} bytes of memory, more than {Limit} (engine.max-memory): at most {MaxAwake} agents stay awake")]
    public static partial void MemoryIsShort(ILogger logger, long resident, long limit, int maxAwake);

    [LoggerMessage(30, LogLevel.Debug, "{Deleted} parts of images that no image names any more are deleted")]
    public static partial void PartsSwept(ILogger logger, long deleted);

    [LoggerMessage(32, LogLevel.Warning, "Images of agents that are not kept any more could not be deleted; log compact does it: {Reason}")]
    public static partial void ImagesNotDropped(ILogger logger, string reason);

    [LoggerMessage(33, LogLevel.Information, "{Rows} rows of the journal are removed; the log begins at offset {Offset}")]
    public static partial void RowsRemoved(ILogger logger, long rows, long offset);

    [LoggerMessage(34, LogLevel.Warning, "The rows up to {Row} of the journal, which the log does not need any more, could not be removed; the next start, or log compact, does it: {Reason}")]
    public static partial void RowsNotRemoved(ILogger logger, long row, string reason);

    [LoggerMessage(35, LogLevel.Warning, "The beginning of the log stays where it is: {Reason}")]
    public static partial void LogNotRetained(ILogger logger, string reason);

    [LoggerMessage(37, LogLevel.Error, "What is stored is damaged: {What}")]
    public static partial void DamageFound(ILogger logger, string what);

    [LoggerMessage(38, LogLevel.Error, "What is stored is not looked through any more until the shard begins again: {Reason}")]
    public static partial void ScrubFailed(ILogger logger, string reason);

    [LoggerMessage(36, LogLevel.Warning, "Older states of the shard could not be deleted; log compact does it: {Reason}")]
    public static partial void StatesNotDropped(ILogger logger, string reason);

    [LoggerMessage(31, LogLevel.Warning, "The parts of images that no image names any more could not be deleted; they are with the next sweep: {Reason}")]
    public static partial void PartsNotSwept(ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Warning, "Agent '{Agent}' waits for the database and tries again in {Wait}: {Reason}")]
    public static partial void AgentWaitsForStore(ILogger logger, string agent, TimeSpan wait, string reason);

    [LoggerMessage(EventId = 15, Message = "{Agent}: {Text}")]
    public static partial void GuestWrites(ILogger logger, LogLevel level, string agent, string text);

    [LoggerMessage(30, LogLevel.Error, "The {Component} failed: {Reason}")]
    public static partial void ComponentFailed(ILogger logger, string component, string reason, Exception cause);

    [LoggerMessage(31, LogLevel.Error, "The {Component} ended and begins again in {Wait}: {Reason}")]
    public static partial void ComponentRestarts(ILogger logger, string component, TimeSpan wait, string reason);

    [LoggerMessage(20, LogLevel.Information, "Source '{Source}' reads {File} after element {Element}")]
    public static partial void SourceStarts(ILogger logger, string source, string file, long element);

    [LoggerMessage(21, LogLevel.Information, "Source '{Source}' is read to its end: {Elements} elements")]
    public static partial void SourceDrained(ILogger logger, string source, long elements);

    [LoggerMessage(22, LogLevel.Error, "Source '{Source}' failed and starts again in {Wait}: {Reason}")]
    public static partial void SourceRestarts(ILogger logger, string source, TimeSpan wait, string reason);

    [LoggerMessage(23, LogLevel.Error, "Source '{Source}' failed for good: {Reason}")]
    public static partial void SourceFailed(ILogger logger, string source, string reason);
}
