using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Inspection;

/// <summary>A memory of a guest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SizeBytes">Its size, bytes.</param>
/// <param name="ContentBytes">What of it is in pages that are not all zeros, bytes.</param>
public sealed record MemorySummary(string Name, long SizeBytes, long ContentBytes);

/// <summary>A value by its name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type, as the engine spells it.</param>
/// <param name="Text">The value, as the engine spells it.</param>
public sealed record NamedValue(string Name, string Type, string Text);

/// <summary>A table of a guest.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Elements">Its size.</param>
/// <param name="Set">How many elements are not null.</param>
public sealed record TableSummary(string Name, string Type, int Elements, int Set);

/// <summary>The objects of one type.</summary>
/// <param name="Type">Name of the type.</param>
/// <param name="Count">How many there are.</param>
/// <param name="ContentBytes">What their contents take in an image, bytes.</param>
public sealed record ObjectSummary(string Type, int Count, long ContentBytes);

/// <summary>A file that a guest keeps.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Kind"><c>file</c>, <c>directory</c> or <c>link</c>.</param>
/// <param name="SizeBytes">Its size, bytes.</param>
/// <param name="Digest">A digest of its contents; empty for a directory.</param>
public sealed record FileSummary(string Path, string Kind, long SizeBytes, string Digest);

/// <summary>What the state of a guest consists of.</summary>
/// <param name="Memories">Its memories.</param>
/// <param name="Globals">Its globals that can change.</param>
/// <param name="Tables">Its tables that can change.</param>
/// <param name="Objects">Its objects by type.</param>
/// <param name="Files">Its files by path.</param>
public sealed record StateSummary(
    ImmutableArray<MemorySummary> Memories, ImmutableArray<NamedValue> Globals, ImmutableArray<TableSummary> Tables, ImmutableArray<ObjectSummary> Objects,
    ImmutableArray<FileSummary> Files);
