using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Turns;

/// <summary>
/// The random numbers of one turn, seeded by (agent, incarnation, input position), so that a repeated turn draws the same ones.
/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). Not for cryptography.
/// </summary>
public struct TurnRandom
{
    private ulong state;

    /// <summary>Seeds from the turn.</summary>
    public TurnRandom(int agent, int incarnation, long input) => state = (ulong)EventIdentity.Handle(agent, incarnation, input, -1);

    /// <summary>Seeds from a number.</summary>
    public TurnRandom(ulong seed) => state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 up to, and without, 1.</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number from 0 up to, and without, <paramref name="bound"/>.</summary>
    public int NextInt(int bound) => (int)(NextUnit() * bound);

    /// <summary>Fills with random bytes.</summary>
    public void Fill(Span<byte> destination)
    {
        while (destination.Length >= 8)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(destination, Next());
            destination = destination[8..];
        }
        for (var (last, i) = (destination.IsEmpty ? 0 : Next(), 0); i < destination.Length; i++, last >>= 8) destination[i] = (byte)last;
    }
}
