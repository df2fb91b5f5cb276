namespace AkkaWasm.Actors;

/// <summary>Why a node cannot start or cannot go on; the caller's exit code follows from it.</summary>
public enum NodeFailure
{
    /// <summary>The data folder cannot be used: missing rights, no room, a file of another kind.</summary>
    DataFolder,

    /// <summary>Another process holds the data folder.</summary>
    Locked,

    /// <summary>The log is damaged or ends too early.</summary>
    LogCorrupt,

    /// <summary>The log belongs to a topology that this one cannot follow.</summary>
    TopologyConflict,

    /// <summary>A module cannot be an agent.</summary>
    ModuleRefused,

    /// <summary>An option or a section of Akka's configuration cannot be used.</summary>
    Configuration,

    /// <summary>The journal or the snapshot store cannot be used, and trying again did not help.</summary>
    Storage,

    /// <summary>A source failed, and starting it again did not help.</summary>
    Source,

    /// <summary>The node is ending or has ended.</summary>
    Ended,

    /// <summary>A fault of this program.</summary>
    Internal,
}

/// <summary>A node cannot start, cannot go on, or cannot answer.</summary>
/// <param name="failure">What kind of failure.</param>
/// <param name="message">One sentence: what, where, what to do.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class MeshNodeException(NodeFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure.</summary>
    public NodeFailure Failure { get; } = failure;
}
