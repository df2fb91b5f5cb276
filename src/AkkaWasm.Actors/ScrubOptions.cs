namespace AkkaWasm.Actors;

/// <summary>How a node reads its own log and snapshots, to find what was damaged where they are kept while a copy may still have it.</summary>
public sealed record ScrubOptions
{
    /// <summary>How fast, bytes per second; 0 for not at all; 1 MiB.</summary>
    public long BytesPerSecond { get; init; } = 1L << 20;

    /// <summary>How long it waits when it has read all of it; 1 hour.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromHours(1);
}
