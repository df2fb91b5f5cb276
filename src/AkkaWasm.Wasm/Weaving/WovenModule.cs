namespace AkkaWasm.Wasm.Weaving;

/// <summary>A module with its hidden state exported under reserved names, ready to compile.</summary>
/// <param name="Bytes">The woven binary.</param>
/// <param name="ApplyExport">The export that applies the active segments, or null if instantiation does that.</param>
/// <param name="StartExport">The export that runs the start function (turn 0), or null without one.</param>
/// <param name="Facts">What a snapshot needs to find and set the state.</param>
internal sealed record WovenModule(ReadOnlyMemory<byte> Bytes, string? ApplyExport, string? StartExport, RestoreFacts Facts);

/// <summary>A woven export: where the host finds an item of the guest.</summary>
/// <param name="Index">The item's index in its index space.</param>
/// <param name="ExportName">The reserved export name.</param>
internal readonly record struct WovenExport(int Index, string ExportName);

/// <summary>How to read the references of an element segment.</summary>
/// <param name="Index">The segment's index.</param>
/// <param name="Count">The number of its references.</param>
/// <param name="LoadExport">
/// A function <c>() -> ()</c> that copies them to the beginning of a private table. It traps if the table was not grown to that many elements, or if the
/// segment was dropped.
/// </param>
/// <param name="TableExport">The private table. It begins empty; what is left in it stays alive.</param>
internal readonly record struct SegmentContents(int Index, int Count, string LoadExport, string TableExport);

/// <summary>How to learn and to set whether a segment was dropped.</summary>
/// <param name="Index">The segment's index.</param>
/// <param name="ProbeExport">A function <c>() -> ()</c> that traps exactly if the segment was dropped, and changes nothing.</param>
/// <param name="DropExport">A function <c>() -> ()</c> that drops it.</param>
internal readonly record struct SegmentProbe(int Index, string ProbeExport, string DropExport);

/// <summary>Where the state lies that a snapshot saves. Lists are in index order.</summary>
internal sealed record RestoreFacts
{
    /// <summary>All memories.</summary>
    public required IReadOnlyList<WovenExport> Memories { get; init; }

    /// <summary>How many memories the woven module has beyond those of the guest.</summary>
    public required int AddedMemories { get; init; }

    /// <summary>All globals; only mutable ones are set on restore.</summary>
    public required IReadOnlyList<WovenExport> Globals { get; init; }

    /// <summary>All tables of the guest.</summary>
    public required IReadOnlyList<WovenExport> Tables { get; init; }

    /// <summary>All tags.</summary>
    public required IReadOnlyList<WovenExport> Tags { get; init; }

    /// <summary>The functions that can become references: a reference in a table or global is one of these or null.</summary>
    public required IReadOnlyList<WovenExport> Functions { get; init; }

    /// <summary>The data segments that can be dropped later than by instantiation.</summary>
    public required IReadOnlyList<SegmentProbe> DataSegments { get; init; }

    /// <summary>The element segments that can be dropped later than by instantiation.</summary>
    public required IReadOnlyList<SegmentProbe> ElementSegments { get; init; }

    /// <summary>The element segments whose objects live on, until the segment is dropped.</summary>
    public required IReadOnlyList<SegmentContents> Contents { get; init; }
}
