using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Inspection;

/// <summary>A page of memory that two states differ in.</summary>
/// <param name="Address">Where it begins, bytes.</param>
/// <param name="Before">Its bytes, or nothing where they are all zeros or not there.</param>
/// <param name="After">The same afterwards.</param>
public sealed record PageChange(long Address, ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> After);

/// <summary>A memory that two states differ in.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeBefore">Its size before, bytes.</param>
/// <param name="SizeAfter">Its size after, bytes.</param>
/// <param name="ChangedPages">How many pages differ.</param>
/// <param name="Pages">The first of them.</param>
public sealed record MemoryChange(string Name, long SizeBefore, long SizeAfter, int ChangedPages, ImmutableArray<PageChange> Pages);

/// <summary>A value that two states differ in.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">What it was, or null where it was not there.</param>
/// <param name="After">What it is, or null where it is not there any more.</param>
public sealed record ValueChange(string Name, string? Before, string? After);

/// <summary>A table that two states differ in.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeBefore">Its size before.</param>
/// <param name="SizeAfter">Its size after.</param>
/// <param name="ChangedElements">How many elements differ.</param>
/// <param name="Elements">The first of them.</param>
public sealed record TableChange(string Name, int SizeBefore, int SizeAfter, int ChangedElements, ImmutableArray<ValueChange> Elements);

/// <summary>An object that is in one of two states only, or in both with other contents.</summary>
/// <param name="Type">Name of its type.</param>
/// <param name="NumberBefore">Its number in the first state, or null.</param>
/// <param name="NumberAfter">Its number in the second state, or null.</param>
/// <param name="Fields">What differs, or what it contains.</param>
public sealed record ObjectChange(string Type, int? NumberBefore, int? NumberAfter, ImmutableArray<ValueChange> Fields);

/// <summary>What two states of a guest differ in.</summary>
public sealed record StateDifference
{
    /// <summary>Nothing differs.</summary>
    public static StateDifference None { get; } = new();

    /// <summary>Memories.</summary>
    public ImmutableArray<MemoryChange> Memories { get; init; } = [];

    /// <summary>Globals.</summary>
    public ImmutableArray<ValueChange> Globals { get; init; } = [];

    /// <summary>Tables.</summary>
    public ImmutableArray<TableChange> Tables { get; init; } = [];

    /// <summary>Segments that were dropped.</summary>
    public ImmutableArray<ValueChange> Segments { get; init; } = [];

    /// <summary>The first of the objects.</summary>
    public ImmutableArray<ObjectChange> Objects { get; init; } = [];

    /// <summary>How many objects changed, came and went.</summary>
    public (int Changed, int Added, int Removed) ObjectCounts { get; init; }

    /// <summary>Files, by path.</summary>
    public ImmutableArray<ValueChange> Files { get; init; } = [];

    /// <summary>Whether nothing that can be told differs.</summary>
    public bool IsEmpty => Memories.IsEmpty && Globals.IsEmpty && Tables.IsEmpty && Segments.IsEmpty && ObjectCounts == default && Files.IsEmpty;
}
