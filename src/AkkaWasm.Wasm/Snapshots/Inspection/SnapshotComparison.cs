namespace AkkaWasm.Wasm.Snapshots.Inspection;

/// <summary>Finds what two snapshots differ in.</summary>
internal sealed class SnapshotComparison
{
    private readonly SnapshotReading _before;
    private readonly SnapshotReading _after;
    private readonly ObjectPairing _pairs;
    private readonly int _maxDetails;

    /// <exception cref="ArgumentException">The two are not of the same modules.</exception>
    public SnapshotComparison(SnapshotReading before, SnapshotReading after, int maxDetails)
    {
        (_before, _after, _maxDetails) = (before, after, maxDetails);
        _pairs = new ObjectPairing(before, after);
    }

    public SnapshotDiff Compare()
    {
        var instances = Enumerable.Range(0, _before.Items.Instances.Length).ToList();
        var (objects, changed) = ChangedObjects();
        var (added, removed) = (_pairs.Added.ToList(), _pairs.Removed.ToList());
        foreach (var id in added.Take(Room(objects))) objects.Add(new ObjectDifference(TypeName(_after, id), null, id, Whole(_after, id, isAfter: true)));
        foreach (var id in removed.Take(Room(objects))) objects.Add(new ObjectDifference(TypeName(_before, id), id, null, Whole(_before, id, isAfter: false)));
        return new SnapshotDiff
        {
            Memories = [.. Enumerable.Range(0, _before.Memories.Length).Select(Memory).OfType<MemoryDifference>()],
            Globals = [.. instances.SelectMany(Globals)],
            Tables = [.. instances.SelectMany(Tables)],
            Segments = [.. instances.SelectMany(Segments)],
            Objects = objects,
            ChangedObjects = changed,
            AddedObjects = added.Count,
            RemovedObjects = removed.Count,
        };
    }

    private MemoryDifference? Memory(int number)
    {
        var (before, after) = (_before.Memories[number], _after.Memories[number]);
        var numbers = after.PagesNotIn(before).Select(p => p.Number)
            .Concat(before.PagesNotIn(after).Select(p => p.Number).Where(n => Contents(after, n).IsEmpty)).Order().ToList();
        if (numbers.Count == 0 && before.SizeBytes == after.SizeBytes) return null;
        var pages = numbers.Take(_maxDetails).Select(n => new PageDifference(n * PageBlock.PageBytes, Contents(before, n), Contents(after, n)));
        return new MemoryDifference(_after.MemoryNames[number], before.SizeBytes, after.SizeBytes, numbers.Count, [.. pages]);
    }

    private static ReadOnlyMemory<byte> Contents(MemoryImage memory, ulong page)
    {
        if (memory.BlockAt(page / PageBlock.PageCount) is not { } block) return default;
        var position = block.PositionOf((int)(page % PageBlock.PageCount));
        return position < 0 ? default : block.ContentsAt(position);
    }

    private IEnumerable<ValueDifference> Globals(int instance)
    {
        var (before, after) = (_before.Items.Instances[instance].Globals, _after.Items.Instances[instance].Globals);
        for (var i = 0; i < Math.Min(before.Length, after.Length); i++)
        {
            var isSame = before[i].Kind == WasmValueKind.Reference
                ? _pairs.AreSame((uint)before[i].Bits, (uint)after[i].Bits, _before.IsFunction(instance, before[i]))
                : before[i].Bits == after[i].Bits;
            if (!isSame) yield return new ValueDifference(_after.Names.Of(instance, ExternalKind.Global, after[i].Index), _before.TextOf(instance, before[i]), _after.TextOf(instance, after[i]));
        }
    }

    private IEnumerable<TableDifference> Tables(int instance)
    {
        var (before, after) = (_before.Items.Instances[instance].Tables, _after.Items.Instances[instance].Tables);
        for (var i = 0; i < Math.Min(before.Length, after.Length); i++)
        {
            var isFunction = _before.IsFunction(instance, before[i]);
            var (old, now) = (before[i].Elements, after[i].Elements);
            var changed = new List<int>();
            for (var e = 0; e < Math.Max(old.Length, now.Length); e++)
                if (e >= old.Length || e >= now.Length || !_pairs.AreSame(old[e], now[e], isFunction)) changed.Add(e);
            if (changed.Count == 0) continue;
            var elements = changed.Take(_maxDetails).Select(e => new ValueDifference(
                $"[{e}]", e < old.Length ? _before.TextOf(old[e], isFunction) : null, e < now.Length ? _after.TextOf(now[e], isFunction) : null));
            yield return new TableDifference(_after.Names.Of(instance, ExternalKind.Table, after[i].Index), old.Length, now.Length, changed.Count, [.. elements]);
        }
    }

    private IEnumerable<ValueDifference> Segments(int instance)
    {
        var (before, after) = (_before.Items.Instances[instance].DroppedSegments, _after.Items.Instances[instance].DroppedSegments);
        for (var i = 0; i < Math.Min(before.Length, after.Length); i++)
            if (before[i] != after[i]) yield return new ValueDifference($"segment {i}", Word(before[i]), Word(after[i]));

        static string Word(bool isDropped) => isDropped ? "dropped" : "there";
    }

    private (List<ObjectDifference> Listed, int Count) ChangedObjects()
    {
        var listed = new List<ObjectDifference>();
        var count = 0;
        foreach (var (before, after) in _pairs.Pairs)
        {
            var fields = ChangedFields(before, after);
            if (fields.Count == 0) continue;
            count++;
            if (listed.Count < _maxDetails) listed.Add(new ObjectDifference(TypeName(_after, after), before, after, fields));
        }
        return (listed, count);
    }

    private List<ValueDifference> ChangedFields(int before, int after)
    {
        var changed = new List<ValueDifference>();
        var (old, now) = (_before.Graph.FieldCount(before), _after.Graph.FieldCount(after));
        if (!_before.Graph.HasReferences(before) && SameBytes(before, after)) return changed;
        for (var i = 0; i < Math.Max(old, now) && changed.Count < Math.Max(1, _maxDetails); i++)
        {
            FieldPlace? was = i < old ? _before.Graph.Field(before, i) : null;
            FieldPlace? becomes = i < now ? _after.Graph.Field(after, i) : null;
            if (was is { } b && becomes is { } a && IsSame(b, a)) continue;
            changed.Add(new ValueDifference(FieldName(_after, after, i), was is { } w ? _before.TextOf(w) : null, becomes is { } n ? _after.TextOf(n) : null));
        }
        return changed;
    }

    private bool IsSame(FieldPlace before, FieldPlace after)
    {
        if (before.IsReference) return _pairs.AreSame(_before.Graph.CodeAt(before), _after.Graph.CodeAt(after), before.IsFunction);
        var bytes = ObjectGraph.BytesOf(before.Type.Kind);
        return _before.Graph.Contents.Slice(before.Offset, bytes).SequenceEqual(_after.Graph.Contents.Slice(after.Offset, bytes));
    }

    private bool SameBytes(int before, int after) => _before.Graph.ContentsOf(before).SequenceEqual(_after.Graph.ContentsOf(after));

    private List<ValueDifference> Whole(SnapshotReading of, int id, bool isAfter) =>
    [
        .. Enumerable.Range(0, Math.Min(of.Graph.FieldCount(id), _maxDetails)).Select(i =>
        {
            var text = of.TextOf(of.Graph.Field(id, i));
            return new ValueDifference(FieldName(of, id, i), isAfter ? null : text, isAfter ? text : null);
        }),
    ];

    private int Room(List<ObjectDifference> listed) => Math.Max(0, _maxDetails - listed.Count);

    private static string TypeName(SnapshotReading of, int id) => of.Names.OfType(of.Graph.TypeOf(id));

    private static string FieldName(SnapshotReading of, int id, int field) => of.Graph.IsArray(id) ? $"[{field}]" : $"field {field}";
}
