using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Actors.Guests;

/// <summary>Reads images of guests for people: the snapshot of the instance, and the files of its world.</summary>
internal sealed class GuestInspection(GuestEngine engine) : IGuestInspection
{
    public StateSummary Describe(AgentDefinition definition, ReadOnlyMemory<byte> image) => Read(definition, image, (module, snapshot, files) =>
    {
        var summary = snapshot is null ? null : SnapshotSummary.Of(snapshot, [module.Module.Description]);
        return new StateSummary(
            [.. (summary?.Memories ?? []).Select(m => new MemorySummary(m.Name, (long)m.SizeBytes, (long)m.SavedPages * SnapshotPage.SizeBytes))],
            [.. (summary?.Globals ?? []).Select(g => new NamedValue(g.Name, g.Type, g.Text))],
            [.. (summary?.Tables ?? []).Select(t => new TableSummary(t.Name, t.Type, t.Elements, t.Set))],
            [.. (summary?.Objects ?? []).Select(o => new ObjectSummary(o.Type, o.Count, o.ContentBytes))],
            [.. files.Select(f => new FileSummary(f.Path, f.Kind, f.SizeBytes, f.Digest))]);
    });

    public StateDifference Compare(AgentDefinition definition, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, int maxDetails) =>
        Read(definition, before, (module, old, oldFiles) => Read(definition, after, (_, now, files) =>
        {
            var difference = old is null || now is null ? StateDifference.None : Of(SnapshotDiff.Between(old, now, [module.Module.Description], maxDetails));
            return difference with { Files = [.. FilesThatDiffer(oldFiles, files).Take(maxDetails)] };
        }));

    /// <exception cref="ImageCorruptException">The image is damaged or of another module.</exception>
    private T Read<T>(AgentDefinition definition, ReadOnlyMemory<byte> image, Func<AgentModule, WasmSnapshot?, IReadOnlyList<WasiFileEntry>, T> use)
    {
        var module = engine.ModuleOf(definition);
        try
        {
            if (!module.UsesWasi) return use(module, WasmSnapshot.FromBytes(image.Span), []);
            var parts = GuestImage.FromBytes(image);
            using var world = new GuestWorld(engine, definition);
            world.Restore(parts.World);
            return use(module, parts.Instance is { } instance ? WasmSnapshot.FromBytes(instance.Span) : null, world.World.ListFiles());
        }
        catch (Exception e) when (e is SnapshotCorruptException or ArgumentException)
        {
            throw new ImageCorruptException($"The image does not fit the module {module.Module.File}: {e.Message}", e);
        }
    }

    private static StateDifference Of(SnapshotDiff diff) => new()
    {
        Memories =
        [
            .. diff.Memories.Select(m => new MemoryChange(
                m.Name, (long)m.SizeBefore, (long)m.SizeAfter, m.ChangedPages, [.. m.Pages.Select(p => new PageChange((long)p.Address, p.Before, p.After))])),
        ],
        Globals = [.. diff.Globals.Select(Of)],
        Tables = [.. diff.Tables.Select(t => new TableChange(t.Name, t.SizeBefore, t.SizeAfter, t.ChangedElements, [.. t.Elements.Select(Of)]))],
        Segments = [.. diff.Segments.Select(Of)],
        Objects = [.. diff.Objects.Select(o => new ObjectChange(o.Type, o.NumberBefore, o.NumberAfter, [.. o.Fields.Select(Of)]))],
        ObjectCounts = (diff.ChangedObjects, diff.AddedObjects, diff.RemovedObjects),
    };

    private static ValueChange Of(ValueDifference value) => new(value.Name, value.Before, value.After);

    private static IEnumerable<ValueChange> FilesThatDiffer(IReadOnlyList<WasiFileEntry> before, IReadOnlyList<WasiFileEntry> after)
    {
        var (old, now) = (before.ToDictionary(f => f.Path), after.ToDictionary(f => f.Path));
        foreach (var path in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            var (was, becomes) = (old.GetValueOrDefault(path), now.GetValueOrDefault(path));
            if (was != becomes) yield return new ValueChange(path, Word(was), Word(becomes));
        }

        static string? Word(WasiFileEntry? file) => file switch
        {
            null => null,
            { Kind: "file" } => $"file of {file.SizeBytes} bytes, {file.Digest[..12]}",
            { Kind: "link" } => $"link to {file.Digest}",
            _ => file.Kind,
        };
    }
}
