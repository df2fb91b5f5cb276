namespace AkkaWasm.Mesh.Shards;

/// <summary>The timers of an agent that fired and were not handled yet: handle and offset of the event, found by either.</summary>
internal sealed class FiredTimers
{
    private static readonly Dictionary<long, long> None = [];

    private Dictionary<long, long>? offsets;
    private Dictionary<long, long>? handles;

    /// <summary>Handles with offsets, oldest event first.</summary>
    public IReadOnlyCollection<KeyValuePair<long, long>> All => [.. (offsets ?? None).OrderBy(f => f.Value)];

    public void Add(long timer, long offset)
    {
        (offsets ??= [])[timer] = offset;
        (handles ??= [])[offset] = timer;
    }

    /// <summary>Forgets the timer whose event was handled.</summary>
    public void Handled(long offset)
    {
        if (handles is { Count: > 0 } && handles.Remove(offset, out var timer)) offsets!.Remove(timer);
    }

    /// <summary>Offset of the event of a timer that fired and was not handled.</summary>
    public bool TryGet(long timer, out long offset) => (offsets ?? None).TryGetValue(timer, out offset);

    public void Clear() => (offsets, handles) = (null, null);
}
