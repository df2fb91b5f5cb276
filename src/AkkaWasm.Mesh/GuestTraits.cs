namespace AkkaWasm.Mesh;

/// <summary>What a module says of how the state of its guests can be moved to another module.</summary>
public sealed record GuestTraits
{
    /// <summary>A module that says nothing.</summary>
    public static GuestTraits None { get; } = new();

    /// <summary>Its version: what it exports as <c>mesh_version</c>, a global or a function; 0 if it has none.</summary>
    public int Version { get; init; }

    /// <summary>How it lays out its state: what it exports as <c>mesh_layout</c>, a global or a function; null if it does not say.</summary>
    public int? Layout { get; init; }

    /// <summary>Whether it exports <c>mesh_migrate</c>.</summary>
    public bool Migrates { get; init; }

    /// <summary>Whether it exports <c>mesh_save</c>.</summary>
    public bool Saves { get; init; }

    /// <summary>Whether it exports <c>mesh_load</c>.</summary>
    public bool Loads { get; init; }
}
