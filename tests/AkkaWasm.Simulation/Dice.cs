using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation;

/// <summary>Chance, drawn from a seed; the only source of it in a simulation.</summary>
internal sealed class Dice(ulong seed)
{
    private TurnRandom random = new(seed);

    /// <summary>A number from 0 up to, and without, <paramref name="bound"/>.</summary>
    public int Next(int bound) => random.NextInt(bound);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => random.NextInt(times) == 0;

    public T Of<T>(IReadOnlyList<T> items) => items[random.NextInt(items.Count)];
}
