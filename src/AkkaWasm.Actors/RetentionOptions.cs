namespace AkkaWasm.Actors;

/// <summary>How much of the log is kept. Without <see cref="Time"/> and <see cref="Bytes"/> all of it is.</summary>
public sealed record RetentionOptions
{
    /// <summary>What is older may be removed; null for no bound.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>When the blocks have more bytes than this, the oldest may be removed; null for no bound.</summary>
    public long? Bytes { get; init; }

    /// <summary>
    /// From how many of each agent's newest snapshots the log leads on in any case, 1 or more; 2. With 1 more of the log can go, but an agent whose newest
    /// snapshot turns out damaged may not be rebuilt.
    /// </summary>
    public int Snapshots { get; init; } = 2;

    /// <summary>How often a node looks whether something can be removed; 1 minute.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>With less than so many bytes to be removed the log's beginning stays where it is: to move it means to save the shard's state as of there; 16 MiB.</summary>
    public long LeastBytes { get; init; } = 16L << 20;

    /// <summary>How many rows of the journal go at a time, 1 or more; what is left goes the next time; 100,000.</summary>
    public int MaxRows { get; init; } = 100_000;

    /// <summary>Whether anything is removed at all.</summary>
    public bool IsOn => Time is not null || Bytes is not null;
}
