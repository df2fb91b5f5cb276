using AkkaWasm.Wasm.Snapshots.Inspection;

namespace AkkaWasm.Wasm;

/// <summary>A memory in a snapshot.</summary>
/// <param name="Name">Its export name, else <c>memory[0]</c>.</param>
/// <param name="SizeBytes">Its size in bytes.</param>
/// <param name="SavedPages">How many pages of <see cref="SnapshotPage.SizeBytes"/> are not all zeros; 0 for a scratch memory, which is not saved.</param>
public sealed record SavedMemory(string Name, ulong SizeBytes, int SavedPages);

/// <summary>A value by its name.</summary>
/// <param name="Name">The export's name, that of the <c>name</c> section, or <c>global[3]</c>.</param>
/// <param name="Type">Its type as the text format spells it.</param>
/// <param name="Text">The value in words: a number, <c>null</c>, <c>i31 5</c>, <c>func $add</c>, or an object as <c>point #3</c>.</param>
public sealed record SavedValue(string Name, string Type, string Text);

/// <summary>A table in a snapshot.</summary>
/// <param name="Name">Its export name, else <c>table[0]</c>.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Elements">Its size.</param>
/// <param name="Set">How many of them are not null.</param>
public sealed record SavedTable(string Name, string Type, int Elements, int Set);

/// <summary>The objects of one type in a snapshot.</summary>
/// <param name="Type">Their type by name.</param>
/// <param name="Count">How many there are.</param>
/// <param name="ContentBytes">What their fields and elements take in the snapshot, bytes.</param>
public sealed record SavedObjects(string Type, int Count, long ContentBytes);

/// <summary>What a snapshot holds, for people to read.</summary>
/// <param name="Memories">The memories, in their order.</param>
/// <param name="Globals">The globals that can change or hold objects.</param>
/// <param name="Tables">The tables that can change or hold objects.</param>
/// <param name="Objects">The objects by type, those with the most contents first.</param>
/// <param name="Segments">Segments that can be dropped.</param>
/// <param name="DroppedSegments">How many of these were.</param>
public sealed record SnapshotSummary(
    IReadOnlyList<SavedMemory> Memories, IReadOnlyList<SavedValue> Globals, IReadOnlyList<SavedTable> Tables, IReadOnlyList<SavedObjects> Objects, int Segments, int DroppedSegments)
{
    /// <summary>Reads a snapshot.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="modules">The modules of its instances, in the order of instantiation.</param>
    /// <exception cref="ArgumentException">The snapshot is not of these modules.</exception>
    public static SnapshotSummary Of(WasmSnapshot snapshot, IReadOnlyList<ModuleDescription> modules)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return new SnapshotReading(snapshot, modules).Summarize();
    }
}
