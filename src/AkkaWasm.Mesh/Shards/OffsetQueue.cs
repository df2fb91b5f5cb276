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

    /// <summary>Puts rising offsets among those that are here, where they belong; of one that is here already there is no second.</summary>
    /// <returns>How many came.</returns>
    public int Prepend(IReadOnlyList<long> offsets)
    {
        var before = Count;
        long[] all = [.. offsets.Concat(ToArray()).Distinct().Order()];
        Clear();
        foreach (var offset in all) Add(offset);
        return Count - before;
    }

    /// <summary>The offset added last, or -1.</summary>
    public long Last => Count == 0 ? -1 : this[Count - 1];

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

    /// <summary>How many there are up to and with <paramref name="offset"/>.</summary>
    public int CountThrough(long offset) => PlaceOf(offset) is var place && place < Count && this[place] == offset ? place + 1 : place;

    /// <summary>The place of the first that is not below <paramref name="offset"/>.</summary>
    private int PlaceOf(long offset)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (this[middle] < offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>Takes away one offset wherever it stands.</summary>
    public bool Remove(long offset)
    {
        var low = PlaceOf(offset);
        if (low == Count || this[low] != offset) return false;
        for (; low > 0; low--) items[(head + low) & (items.Length - 1)] = this[low - 1];
        head = (head + 1) & (items.Length - 1);
        Count--;
        return true;
    }

    /// <summary>Takes away all of these offsets that are here.</summary>
    /// <returns>How many went.</returns>
    public int RemoveAll(HashSet<long> offsets)
    {
        var all = ToArray();
        Clear();
        foreach (var offset in all)
            if (!offsets.Contains(offset)) Add(offset);
        return all.Length - Count;
    }

    public long[] ToArray()
    {
        var copy = new long[Count];
        for (var i = 0; i < Count; i++) copy[i] = this[i];
        return copy;
    }

    /// <summary>Gives back the room of an empty queue.</summary>
    public void Trim()
    {
        if (Count == 0) (items, head) = ([], 0);
    }

    public void Clear() => (head, Count) = (0, 0);

    private void Grow()
    {
        var copy = new long[Math.Max(4, items.Length * 2)];
        for (var i = 0; i < Count; i++) copy[i] = this[i];
        (items, head) = (copy, 0);
    }
}
