namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>The SplitMix64 generator: the same numbers from the same seed on every machine.</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9e3779b97f4a7c15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to and without <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)(Next() % (ulong)bound);
}
