using System.Collections.Immutable;

namespace AkkaWasm.Actors;

/// <summary>What a node is doing.</summary>
public enum NodeState
{
    /// <summary>It recovers from the log; nothing is served yet.</summary>
    Starting,

    /// <summary>It serves.</summary>
    Ready,

    /// <summary>The shard ended (a commit failed) and comes back after a wait; publishers are refused meanwhile.</summary>
    Recovering,

    /// <summary>It ends in order.</summary>
    Draining,

    /// <summary>It has ended.</summary>
    Stopped,

    /// <summary>It cannot go on; <see cref="NodeStatus.Problem"/> says why.</summary>
    Failed,
}

/// <summary>What a source is doing.</summary>
public enum SourceState
{
    /// <summary>It has not begun.</summary>
    Waiting,

    /// <summary>It reads.</summary>
    Reading,

    /// <summary>All of it is read and committed.</summary>
    Drained,

    /// <summary>It failed and begins again after a wait.</summary>
    Restarting,

    /// <summary>It failed for good.</summary>
    Failed,
}

/// <summary>A source for health checks and reports.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Elements">Elements read and committed, over all runs on this file.</param>
/// <param name="Problem">Its last failure, one sentence, or null.</param>
public sealed record SourceStatus(string Name, SourceState State, long Elements, string? Problem)
{
    /// <summary>Bytes of the file that are read and committed; all of them once the source is drained, also by an earlier run.</summary>
    public long BytesRead { get; init; }

    /// <summary>Size of the file, bytes; 0 before it was looked at.</summary>
    public long BytesTotal { get; init; }
}

/// <summary>What a node is doing, for health checks.</summary>
/// <param name="State">What it is doing.</param>
/// <param name="Problem">Why it is not ready, one sentence, or null.</param>
/// <param name="Epoch">Which owner of the shard it is, from 1; 0 before the log is read.</param>
/// <param name="CommittedOffset">Offset of the last record that is safe, or -1.</param>
/// <param name="Sources">Its sources in the order of definition.</param>
public sealed record NodeStatus(NodeState State, string? Problem, int Epoch, long CommittedOffset, ImmutableArray<SourceStatus> Sources)
{
    /// <summary>Who is awake, and what the process takes.</summary>
    public NodeLoad Load { get; init; } = NodeLoad.None;

    /// <summary>Its supervised parts, by name.</summary>
    public ImmutableArray<ComponentStatus> Components { get; init; } = [];

    /// <summary>Whether it serves.</summary>
    public bool IsReady => State == NodeState.Ready;
}

/// <summary>Who is awake on a node, and what its process takes.</summary>
/// <param name="Awake">Agents that have a guest, or one that is being rebuilt.</param>
/// <param name="Asleep">Agents without a guest.</param>
/// <param name="Queued">Agents that have something to do and wait for room.</param>
/// <param name="MaxAwake">How many may be awake now: fewer than <see cref="GuestEngineOptions.MaxAwake"/> while memory is short; 0 before it was looked at.</param>
/// <param name="Sleeps">How often an agent was put to sleep in this run.</param>
/// <param name="ResidentBytes">Memory of the process when it was looked at last, bytes.</param>
public sealed record NodeLoad(int Awake, int Asleep, int Queued, int MaxAwake, long Sleeps, long ResidentBytes)
{
    /// <summary>Images of agents that are to be saved and are not yet: what a crash now would have to make anew from the log.</summary>
    public int UnsavedImages { get; init; }

    internal static NodeLoad None { get; } = new(0, 0, 0, 0, 0, 0);
}

/// <summary>How far a node is.</summary>
/// <param name="EventsIn">Events published from outside, over all runs.</param>
/// <param name="Turns">Turns, over all runs.</param>
/// <param name="Backlog">Deliveries that wait.</param>
/// <param name="SourceBytesRead">Bytes that the sources have read in this run.</param>
/// <param name="SourceBytesTotal">Size of the sources' files, bytes.</param>
public readonly record struct MeshProgress(long EventsIn, long Turns, long Backlog, long SourceBytesRead, long SourceBytesTotal);
