using AkkaWasm.Wasm.Snapshots.Inspection;

namespace AkkaWasm.Wasm;

/// <summary>A page that two snapshots differ in.</summary>
/// <param name="Address">Where it begins in its memory, bytes.</param>
/// <param name="Before">Its <see cref="SnapshotPage.SizeBytes"/> bytes, or nothing where they are all zeros or not there.</param>
/// <param name="After">The same afterwards.</param>
public sealed record PageDifference(ulong Address, ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After);

/// <summary>A memory that two snapshots differ in.</summary>
/// <param name="Name">Its name, as in <see cref="SavedMemory"/>.</param>
/// <param name="SizeBefore">Its size before, bytes.</param>
/// <param name="SizeAfter">Its size after, bytes.</param>
/// <param name="ChangedPages">How many pages differ.</param>
/// <param name="Pages">The first of them, in rising order.</param>
public sealed record MemoryDifference(string Name, ulong SizeBefore, ulong SizeAfter, int ChangedPages, IReadOnlyList<PageDifference> Pages);

/// <summary>A value that two snapshots differ in, in words as in <see cref="SavedValue"/>.</summary>
/// <param name="Name">A global's name, an element as <c>[3]</c>, a field as <c>field 1</c>.</param>
/// <param name="Before">What it was, or null where it was not there.</param>
/// <param name="After">What it is, or null where it is not there any more.</param>
public sealed record ValueDifference(string Name, string? Before, string? After);

/// <summary>A table that two snapshots differ in.</summary>
/// <param name="Name">Its name, as in <see cref="SavedTable"/>.</param>
/// <param name="SizeBefore">Its size before.</param>
/// <param name="SizeAfter">Its size after.</param>
/// <param name="ChangedElements">How many elements differ.</param>
/// <param name="Elements">The first of them.</param>
public sealed record TableDifference(string Name, int SizeBefore, int SizeAfter, int ChangedElements, IReadOnlyList<ValueDifference> Elements);

/// <summary>An object that is in only one of two snapshots, or in both with other contents.</summary>
/// <param name="Type">Its type by name.</param>
/// <param name="NumberBefore">Its number in the first snapshot, or null if it is not there.</param>
/// <param name="NumberAfter">Its number in the second snapshot, or null if it is not there.</param>
/// <param name="Fields">What differs; of an object that is in one of them only, the first of all its fields or elements.</param>
public sealed record ObjectDifference(string Type, int? NumberBefore, int? NumberAfter, IReadOnlyList<ValueDifference> Fields);

/// <summary>
/// What two snapshots of the same modules differ in. Objects have no names: those of the two snapshots that the same way leads to from globals and
/// tables, and that have the same type, count as the same object. An object's number is its place among those of its snapshot, breadth first from the
/// globals and tables; equal states number them alike.
/// </summary>
public sealed record SnapshotDiff
{
    /// <summary>Memories with other contents or sizes.</summary>
    public required IReadOnlyList<MemoryDifference> Memories { get; init; }

    /// <summary>Globals with other values.</summary>
    public required IReadOnlyList<ValueDifference> Globals { get; init; }

    /// <summary>Tables with other elements or sizes.</summary>
    public required IReadOnlyList<TableDifference> Tables { get; init; }

    /// <summary>Segments that were dropped in between, as <c>segment 2</c>.</summary>
    public required IReadOnlyList<ValueDifference> Segments { get; init; }

    /// <summary>The first of the objects that differ: changed ones, then those that are new, then those that are gone.</summary>
    public required IReadOnlyList<ObjectDifference> Objects { get; init; }

    /// <summary>How many objects are in both with other contents.</summary>
    public required int ChangedObjects { get; init; }

    /// <summary>How many objects are in the second snapshot only.</summary>
    public required int AddedObjects { get; init; }

    /// <summary>How many objects are in the first snapshot only.</summary>
    public required int RemovedObjects { get; init; }

    /// <summary>Whether nothing differs.</summary>
    public bool IsEmpty => Memories.Count + Globals.Count + Tables.Count + Segments.Count + ChangedObjects + AddedObjects + RemovedObjects == 0;

    /// <summary>Compares two snapshots.</summary>
    /// <param name="before">The first.</param>
    /// <param name="after">The second.</param>
    /// <param name="modules">The modules of their instances, in the order of instantiation.</param>
    /// <param name="maxDetails">How many pages of a memory, elements of a table, fields of an object and objects are listed at most; all are counted.</param>
    /// <exception cref="ArgumentException">The snapshots are not of these modules.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDetails"/> is negative.</exception>
    public static SnapshotDiff Between(WasmSnapshot before, WasmSnapshot after, IReadOnlyList<ModuleDescription> modules, int maxDetails = 1_000)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        ArgumentOutOfRangeException.ThrowIfNegative(maxDetails);
        return new SnapshotComparison(new SnapshotReading(before, modules), new SnapshotReading(after, modules), maxDetails).Compare();
    }
}
