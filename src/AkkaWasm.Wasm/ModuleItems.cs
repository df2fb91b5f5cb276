namespace AkkaWasm.Wasm;

/// <summary>The kinds of things a module imports and exports.</summary>
public enum ExternalKind : byte
{
    /// <summary>A function.</summary>
    Function,

    /// <summary>A table.</summary>
    Table,

    /// <summary>A linear memory.</summary>
    Memory,

    /// <summary>A global.</summary>
    Global,

    /// <summary>An exception tag.</summary>
    Tag,
}

/// <summary>One import. Its type stands at <paramref name="Index"/> in the list of its kind.</summary>
/// <param name="Module">The module name, the first of the two names.</param>
/// <param name="Name">The item's name, the second.</param>
/// <param name="Kind">What is imported.</param>
/// <param name="Index">Its index in the index space of its kind.</param>
public sealed record ImportDescription(string Module, string Name, ExternalKind Kind, int Index);

/// <summary>One export.</summary>
/// <param name="Name">The export's name, unique in the module.</param>
/// <param name="Kind">What is exported.</param>
/// <param name="Index">Its index in the index space of its kind.</param>
public sealed record ExportDescription(string Name, ExternalKind Kind, int Index);

/// <summary>One function, imported or defined.</summary>
/// <param name="Index">The function index.</param>
/// <param name="TypeIndex">Its function type.</param>
/// <param name="Import">The import it comes from, or null if the module defines it.</param>
/// <param name="Name">Its name in the <c>name</c> section, or null.</param>
/// <param name="BodyOffset">Where its body begins in the file, in bytes; 0 for an import.</param>
/// <param name="BodySize">The length of its body in bytes; 0 for an import.</param>
public sealed record FunctionDescription(
    int Index, int TypeIndex, ImportDescription? Import, string? Name, int BodyOffset, int BodySize);

/// <summary>One table, imported or defined.</summary>
/// <param name="Index">The table index.</param>
/// <param name="ElementType">The reference type of its elements.</param>
/// <param name="Is64">Whether its indices are <c>i64</c>.</param>
/// <param name="Minimum">The least and initial number of elements.</param>
/// <param name="Maximum">The greatest number of elements, or null without a bound.</param>
/// <param name="HasInitializer">Whether an expression gives its first elements; without one they are null.</param>
/// <param name="Import">The import it comes from, or null.</param>
public sealed record TableDescription(
    int Index, WasmValueType ElementType, bool Is64, ulong Minimum, ulong? Maximum, bool HasInitializer, ImportDescription? Import);

/// <summary>One linear memory, imported or defined; pages are 64 KiB.</summary>
/// <param name="Index">The memory index.</param>
/// <param name="Is64">Whether its addresses are <c>i64</c>.</param>
/// <param name="MinimumPages">The least and initial size in pages.</param>
/// <param name="MaximumPages">The greatest size in pages, or null without a bound.</param>
/// <param name="Import">The import it comes from, or null.</param>
public sealed record MemoryDescription(int Index, bool Is64, ulong MinimumPages, ulong? MaximumPages, ImportDescription? Import)
{
    /// <summary>The size of a page in bytes. Custom page sizes are refused.</summary>
    public const int PageSizeBytes = 65_536;
}

/// <summary>One global, imported or defined.</summary>
/// <param name="Index">The global index.</param>
/// <param name="Type">The type of its value.</param>
/// <param name="IsMutable">Whether it can be set.</param>
/// <param name="Import">The import it comes from, or null.</param>
public sealed record GlobalDescription(int Index, WasmValueType Type, bool IsMutable, ImportDescription? Import);

/// <summary>One exception tag, imported or defined.</summary>
/// <param name="Index">The tag index.</param>
/// <param name="TypeIndex">The function type whose parameters are the payload.</param>
/// <param name="Import">The import it comes from, or null.</param>
public sealed record TagDescription(int Index, int TypeIndex, ImportDescription? Import);

/// <summary>When a segment is applied.</summary>
public enum SegmentMode : byte
{
    /// <summary>At instantiation; afterwards it counts as dropped.</summary>
    Active,

    /// <summary>When an instruction asks for it, until one drops it.</summary>
    Passive,

    /// <summary>Never; it only declares functions for <c>ref.func</c>.</summary>
    Declarative,
}

/// <summary>One data segment.</summary>
/// <param name="Index">The data index.</param>
/// <param name="Mode">Active or passive.</param>
/// <param name="Memory">The memory an active segment is written to; 0 otherwise.</param>
/// <param name="SizeBytes">Its length in bytes.</param>
public sealed record DataSegment(int Index, SegmentMode Mode, int Memory, int SizeBytes);

/// <summary>One element segment.</summary>
/// <param name="Index">The element index.</param>
/// <param name="Mode">Active, passive or declarative.</param>
/// <param name="Table">The table an active segment is written to; 0 otherwise.</param>
/// <param name="ElementType">The type of its references.</param>
/// <param name="Count">The number of its references.</param>
public sealed record ElementSegment(int Index, SegmentMode Mode, int Table, WasmValueType ElementType, int Count);

/// <summary>One section as it lies in the file.</summary>
/// <param name="Id">The section id; 0 is a custom section.</param>
/// <param name="Name">The standard's name of the section, or the custom section's own.</param>
/// <param name="Offset">Where its content begins in the file, after id and size, in bytes.</param>
/// <param name="SizeBytes">The length of its content in bytes.</param>
public sealed record SectionDescription(byte Id, string Name, int Offset, int SizeBytes);
