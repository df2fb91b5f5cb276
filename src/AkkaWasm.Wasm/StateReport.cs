namespace AkkaWasm.Wasm;

/// <summary>What of an instance's state lives on between two calls: what a snapshot carries.</summary>
public sealed record StateReport
{
    /// <summary>The indices of all memories: each is saved whole.</summary>
    public required IReadOnlyList<int> Memories { get; init; }

    /// <summary>
    /// The indices of the globals to save: those that code sets or that are exported or imported as mutable, and all that can hold an object, whose
    /// fields can change. Every new instance makes the others alike.
    /// </summary>
    public required IReadOnlyList<int> Globals { get; init; }

    /// <summary>
    /// The indices of the tables to save: those that code writes or that are exported or imported, and all that can hold an object. Every new instance
    /// makes the others alike.
    /// </summary>
    public required IReadOnlyList<int> Tables { get; init; }

    /// <summary>
    /// The data segments that can be dropped later than by instantiation, and so whether each was is part of the state: passive ones that code can
    /// drop, and in a module that imports a memory or a table the active ones, which are applied before the start function.
    /// </summary>
    public required IReadOnlyList<int> DroppableData { get; init; }

    /// <summary>The element segments that can be dropped later than by instantiation, as <see cref="DroppableData"/> has it for data.</summary>
    public required IReadOnlyList<int> DroppableElements { get; init; }
}
