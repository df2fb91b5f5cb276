namespace AkkaWasm.Mesh.Shards;

/// <summary>Rising offsets, taken from the front, looked at by index: the waiting inputs of one agent.</summary>
internal sealed class OffsetQueue
{
    private long[] items = [];
    private int head;

    public int Count { get; private set; }

    public long this[int index] => items[(head + index) & (items.Length - 1)];

    public void Add(long offset)
    {
        if (Count == items.Length) Grow();
        items[(head + Count) & (items.Length - 1)] = offset;
        Count++;
    }

    /// <summary>Takes away the front up to and with <paramref name="offset"/>.</summary>
    /// <returns>How many went.</returns>
    public int RemoveThrough(long offset)
    {
        var before = Count;
        while (Count > 0 && this[0] <= offset)
        {
            head = (head + 1) & (items.Length - 1);
            Count--;
        }
        return before - Count;
    }

    /// <summary>Takes away one offset wherever it stands.</summary>
    public bool Remove(long offset)
    {
        var kept = ToArray();
        var index = Array.IndexOf(kept, offset);
        if (index < 0) return false;
        (head, Count) = (0, 0);
        for (var i = 0; i < kept.Length; i++)
            if (i != index) Add(kept[i]);
        return true;
    }

    public long[] ToArray()
    {
        var copy = new long[Count];
        for (var i = 0; i < Count; i++) copy[i] = this[i];
        return copy;
    }

    public void Clear() => (head, Count) = (0, 0);

    private void Grow()
    {
        var copy = new long[Math.Max(4, items.Length * 2)];
        for (var i = 0; i < Count; i++) copy[i] = this[i];
        (items, head) = (copy, 0);
    }
}
