namespace AkkaWasm.Wasm;

/// <summary>Several modules linked into one.</summary>
public sealed record ComposedModule
{
    /// <summary>The binary. It names its parts in a custom section.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>SHA-256 of <see cref="Bytes"/>, 64 lower-case hexadecimal digits.</summary>
    public required string ContentHash { get; init; }

    /// <summary>The parts in the order in which they are instantiated.</summary>
    public required IReadOnlyList<ModulePartDescription> Parts { get; init; }

    /// <summary>What serves what, in the order of the parts and of their imports.</summary>
    public required IReadOnlyList<PartLink> Links { get; init; }
}
