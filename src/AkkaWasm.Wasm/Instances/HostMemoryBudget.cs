namespace AkkaWasm.Wasm.Instances;

/// <summary>What all memories and GC heaps of an engine may have together: bytes, touched or not, and mappings of the process's address space.</summary>
/// <param name="maxBytes">Most bytes.</param>
/// <param name="maxMappings">Most mappings.</param>
internal sealed class HostMemoryBudget(long maxBytes, long maxMappings = long.MaxValue)
{
    private long _bytes;
    private long _mappings;

    /// <summary>Mappings that are taken now.</summary>
    public long Mappings => Interlocked.Read(ref _mappings);

    public bool TryTake(nuint bytes) => TryAdd(ref _bytes, (long)bytes, maxBytes);

    public void Return(nuint bytes) => Interlocked.Add(ref _bytes, -(long)bytes);

    public bool TryTakeMappings(int count) => TryAdd(ref _mappings, count, maxMappings);

    public void ReturnMappings(int count) => Interlocked.Add(ref _mappings, -count);

    private static bool TryAdd(ref long used, long amount, long most)
    {
        if (Interlocked.Add(ref used, amount) <= most) return true;
        Interlocked.Add(ref used, -amount);
        return false;
    }
}
