using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Events from outside that are appended together or not at all.</summary>
/// <param name="Events">The events; each needs an id and a source.</param>
public sealed record PublishBatch(ImmutableArray<MeshEvent> Events)
{
    /// <summary>The source whose cursor moves with the batch, or null.</summary>
    public string? CursorOf { get; init; }

    /// <summary>Where that cursor moves to.</summary>
    public ReadOnlyMemory<byte> Cursor { get; init; }
}

/// <summary>Why a batch was not taken.</summary>
public enum PublishRefusal : byte
{
    /// <summary>An event is no legal event: no id, an illegal topic.</summary>
    Illegal = 1,

    /// <summary>An event or the batch is too big.</summary>
    TooBig = 2,

    /// <summary>An id is known with another content.</summary>
    Conflict = 3,

    /// <summary>The mesh has more work than it may keep waiting; the same batch may be published again later.</summary>
    Overloaded = 4,
}

/// <summary>A batch was not taken; nothing of it is in the log.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Index">Which event of the batch, from 0.</param>
/// <param name="Message">One sentence: what, where, what to do.</param>
public sealed record PublishProblem(PublishRefusal Reason, int Index, string Message);
