namespace AkkaWasm.Wasm.Snapshots.Inspection;

/// <summary>Says which objects of two snapshots are the same: those of one type that the same way leads to. Shorter ways are gone first.</summary>
internal sealed class ObjectPairing
{
    private const int None = -1;

    private readonly SnapshotReading _before;
    private readonly SnapshotReading _after;
    private readonly int[] _ofBefore;
    private readonly int[] _ofAfter;
    private readonly Queue<(int Before, int After)> _open = [];

    public ObjectPairing(SnapshotReading before, SnapshotReading after)
    {
        (_before, _after) = (before, after);
        _ofBefore = new int[before.Graph.Count];
        _ofAfter = new int[after.Graph.Count];
        Array.Fill(_ofBefore, None);
        Array.Fill(_ofAfter, None);
        PairRoots();
        while (_open.TryDequeue(out var pair)) PairFields(pair.Before, pair.After);
    }

    /// <summary>The pairs, by the number of the second snapshot.</summary>
    public IEnumerable<(int Before, int After)> Pairs => Enumerable.Range(0, _ofAfter.Length).Where(a => _ofAfter[a] != None).Select(a => (_ofAfter[a], a));

    public IEnumerable<int> Added => Enumerable.Range(0, _ofAfter.Length).Where(a => _ofAfter[a] == None);

    public IEnumerable<int> Removed => Enumerable.Range(0, _ofBefore.Length).Where(b => _ofBefore[b] == None);

    /// <summary>Whether two references stand for the same.</summary>
    public bool AreSame(uint before, uint after, bool isFunction)
    {
        if (isFunction) return _before.Function(before) == _after.Function(after);
        if (!ReferenceCode.IsObject(before) || !ReferenceCode.IsObject(after)) return before == after;
        var id = ReferenceCode.ObjectOf(before);
        return id < _ofBefore.Length && _ofBefore[id] == ReferenceCode.ObjectOf(after);
    }

    private void PairRoots()
    {
        for (var i = 0; i < _before.Items.Instances.Length; i++)
        {
            var (before, after) = (_before.Items.Instances[i], _after.Items.Instances[i]);
            for (var g = 0; g < Math.Min(before.Globals.Length, after.Globals.Length); g++)
                if (before.Globals[g].Kind == WasmValueKind.Reference && !_before.IsFunction(i, before.Globals[g])) Pair((uint)before.Globals[g].Bits, (uint)after.Globals[g].Bits);
            for (var t = 0; t < Math.Min(before.Tables.Length, after.Tables.Length); t++)
                if (!_before.IsFunction(i, before.Tables[t])) PairAll(before.Tables[t].Elements, after.Tables[t].Elements);
            for (var s = 0; s < Math.Min(before.ObjectSegments.Length, after.ObjectSegments.Length); s++) PairAll(before.ObjectSegments[s], after.ObjectSegments[s]);
        }
    }

    private void PairAll(uint[] before, uint[] after)
    {
        for (var i = 0; i < Math.Min(before.Length, after.Length); i++) Pair(before[i], after[i]);
    }

    private void PairFields(int before, int after)
    {
        if (!_before.Graph.MayRefer(before)) return;
        var count = Math.Min(_before.Graph.FieldCount(before), _after.Graph.FieldCount(after));
        for (var i = 0; i < count; i++)
        {
            var field = _before.Graph.Field(before, i);
            if (field is { IsReference: true, IsFunction: false }) Pair(_before.Graph.CodeAt(field), _after.Graph.CodeAt(_after.Graph.Field(after, i)));
        }
    }

    private void Pair(uint before, uint after)
    {
        if (!ReferenceCode.IsObject(before) || !ReferenceCode.IsObject(after)) return;
        var (b, a) = (ReferenceCode.ObjectOf(before), ReferenceCode.ObjectOf(after));
        if (b >= _ofBefore.Length || a >= _ofAfter.Length || _ofBefore[b] != None || _ofAfter[a] != None) return;
        if (_before.Graph.TypeOf(b) != _after.Graph.TypeOf(a)) return;
        (_ofBefore[b], _ofAfter[a]) = (a, b);
        _open.Enqueue((b, a));
    }
}
