namespace AkkaWasm.Mesh.Topology;

/// <summary>What becomes of the events that an agent has handled since the state that it goes back to. The numbers are part of the log's format.</summary>
public enum RewindInputs : byte
{
    /// <summary>It handles them again, but nothing of it leaves the agent: events, messages, requests, spawns and stops are not recorded; a request ends by its time-out.</summary>
    Suppressed = 0,

    /// <summary>It handles them again as if for the first time: what it emits comes a second time, with other ids.</summary>
    Reprocessed = 1,

    /// <summary>It never sees them.</summary>
    Dropped = 2,
}

/// <summary>How far an agent goes back: to a position, to a snapshot, or by a number of turns.</summary>
public sealed record RewindTarget
{
    /// <summary>Ten turns back; what was handled since is handled again, suppressed.</summary>
    public static RewindTarget Default { get; } = new();

    /// <summary>Offset of the last event that the state contains; null to count turns or snapshots.</summary>
    public long? To { get; init; }

    /// <summary>To which saved image, counted from the newest, 1; 0 to count turns.</summary>
    public int Snapshots { get; init; }

    /// <summary>How many successful turns are taken back, 1 or more; turn 0 always stays.</summary>
    public int Turns { get; init; } = 10;

    /// <summary>
    /// To the version of the module before the present one, in the state that the agent had when it was replaced; what is said of turns and snapshots is
    /// of no effect then. What was put aside since is tried again.
    /// </summary>
    public bool PreviousVersion { get; init; }

    /// <summary>What becomes of the events handled since.</summary>
    public RewindInputs Inputs { get; init; }
}
