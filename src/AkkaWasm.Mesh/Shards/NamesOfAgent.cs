using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Shards;

/// <summary>A name that an agent had before it was renamed.</summary>
/// <param name="Name">The name.</param>
/// <param name="Through">Its last incarnation under it.</param>
public readonly record struct FormerName(string Name, int Through);

/// <summary>The names of an agent: that which it has, and those that its earlier lives had. What a life did is told under the name that it had.</summary>
/// <param name="Present">The name that it has.</param>
/// <param name="Former">Those that it had before, the oldest first; empty for most agents.</param>
public readonly record struct NamesOfAgent(string Present, ImmutableArray<FormerName> Former)
{
    /// <summary>The names of an agent that was never renamed.</summary>
    public NamesOfAgent(string present) : this(present, [])
    {
    }

    /// <summary>All of them, the present one first; one may stand there twice.</summary>
    public IEnumerable<string> All => Former.Select(f => f.Name).Prepend(Present);

    /// <summary>The name that it had in one of its lives.</summary>
    /// <param name="incarnation">Which life.</param>
    public string In(int incarnation)
    {
        foreach (var former in Former)
            if (incarnation <= former.Through) return former.Name;
        return Present;
    }

    /// <summary>The same under another name from the next life on.</summary>
    /// <param name="name">The name.</param>
    /// <param name="through">The last incarnation under the present one.</param>
    public NamesOfAgent Renamed(string name, int through) => new(name, [.. Former, new FormerName(Present, through)]);
}
