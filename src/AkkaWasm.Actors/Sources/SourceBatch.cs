using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Sources;

/// <summary>Elements that are published together, and where the source stands when they are in the log.</summary>
/// <param name="Elements">The elements, in the order of the file; may be empty, if all were refused.</param>
/// <param name="Done">Elements of the file that are dealt with then.</param>
/// <param name="DoneBytes">Bytes of the file that are dealt with then.</param>
/// <param name="IsLast">Whether the file has no more.</param>
internal sealed record SourceBatch(ImmutableArray<SourceElement> Elements, long Done, long DoneBytes, bool IsLast)
{
    /// <summary>The batch without one element that the mesh does not take.</summary>
    public SourceBatch Without(int index) => this with { Elements = Elements.RemoveAt(index) };

    /// <summary>Two batches in its place, the second beginning with an element of this one.</summary>
    public (SourceBatch Before, SourceBatch From) SplitAt(int index)
    {
        var first = Elements[index];
        return (new SourceBatch(Elements[..index], first.Number - 1, first.Offset, false), this with { Elements = Elements[index..] });
    }

    /// <summary>The events, with the cursor that moves in the same append.</summary>
    public PublishBatch ToEvents(FileSourceOptions options, FileFingerprint file) => new([.. Elements.Select(e => EventOf(e, options))])
    {
        CursorOf = options.Name,
        Cursor = new SourceCursor(file, Done, IsLast).ToBytes(),
    };

    private static MeshEvent EventOf(SourceElement element, FileSourceOptions options) => new()
    {
        Topic = options.Topic,
        Id = element.Id,
        Source = options.EventSource ?? "file:///" + Uri.EscapeDataString(Path.GetFileName(options.Path)),
        ContentType = options.Format == FileSourceFormat.GeoJsonFeatures ? "application/geo+json" : "application/json",
        Data = element.Data,
    };
}
