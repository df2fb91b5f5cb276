using System.Runtime.InteropServices;
using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>
/// Makes structs of types that have very many by batches. An object that waits for its batch to fill has an odd number in the list of raw references, its
/// position there; who needs it sooner settles it.
/// </summary>
/// <param name="graph">The objects.</param>
/// <param name="functions">The functions by their codes less one, as calls take them.</param>
/// <param name="raws">Raw references by object, 0 for those that are still to be made.</param>
/// <param name="writer">Makes single objects.</param>
internal sealed class StructBatches(HeapGraph graph, nint[] functions, uint[] raws, ObjectWriter writer)
{
    /// <summary>Of fewer objects of a type the batch's helper costs more than it saves.</summary>
    public const int LeastObjects = 10_000;

    /// <summary>When so many more were made singly than in batches, the objects of a type hang together in a way that no batch can be filled with.</summary>
    private const int MostLoss = 1_000;

    private readonly Dictionary<int, StructBatch> _all = [];
    private readonly RawValue[] _single = GC.AllocateArray<RawValue>(BatchModule.MaxFields + 1, pinned: true);
    private StructBatch?[] _batches = [];

    private enum Outcome
    {
        /// <summary>The values are in their place.</summary>
        Put,

        /// <summary>The batch was made, since one of them was needed; the object can be put into the next.</summary>
        Settled,

        /// <summary>A field must be set that cannot be.</summary>
        Refused,
    }

    /// <summary>Makes the objects of that type by batches from now on.</summary>
    public void Add(CanonicalType type, StructBatch batch)
    {
        if (_batches.Length <= type.Number) Array.Resize(ref _batches, type.Number + 1);
        _all.Add(type.Number, _batches[type.Number] = batch);
    }

    /// <summary>Lets an object wait for its batch; false if it is to be made singly.</summary>
    /// <param name="id">The object.</param>
    /// <param name="type">Its type.</param>
    /// <param name="isComplete">Whether all of its fields are as they are to be.</param>
    public bool TryAdd(int id, CanonicalType type, out bool isComplete)
    {
        isComplete = true;
        while (BatchOf(type) is { } batch)
        {
            isComplete = true;
            switch (TryPut(batch, type.Fields, graph.Fields(id), ref isComplete))
            {
                case Outcome.Put:
                    raws[id] = ((uint)batch.Count << 1) | 1;
                    batch.Add(id);
                    if (batch.IsFull) Settle(type, batch);
                    return true;
                case Outcome.Refused:
                    batch.Unlink();
                    return false;
                default:
                    continue;
            }
        }
        return false;
    }

    /// <summary>The raw reference of an object, made now if it waits; 0 if it is still to be made.</summary>
    public uint Settled(int id)
    {
        if ((raws[id] & 1) != 0) Settle(id);
        return raws[id];
    }

    /// <summary>Makes all that waits.</summary>
    public void SettleAll()
    {
        foreach (var (number, batch) in _all)
        {
            if (batch.Count > 0) Settle(batch.Waiting[0]);
            _batches[number] = null;
        }
    }

    /// <summary>Lets go of the objects that were made.</summary>
    public void Release()
    {
        foreach (var batch in _all.Values) batch.Release();
    }

    private StructBatch? BatchOf(CanonicalType type) => type.Number < _batches.Length ? _batches[type.Number] : null;

    private Outcome TryPut(StructBatch batch, FieldPlan[] plans, ReadOnlySpan<byte> fields, ref bool isComplete)
    {
        var values = batch.Next;
        for (var i = 0; i < plans.Length; i++)
        {
            ref readonly var plan = ref plans[i];
            var saved = fields[plan.ImageOffset..];
            if (plan.Kind == FieldKind.Number)
            {
                values[i] = HeapBuilder.DecodeNumber(plan.Bytes, saved);
                continue;
            }
            var code = MemoryMarshal.Read<uint>(saved);
            if (plan.Kind == FieldKind.Function) values[i].Low = code == 0 ? 0 : (ulong)functions[code - 1];
            else if (!ReferenceCode.IsObject(code)) values[i].Low = code;
            else
            {
                var target = ReferenceCode.ObjectOf(code);
                var raw = raws[target];
                if ((raw & 1) != 0)
                {
                    var other = BatchOf((CanonicalType)graph.DefinitionOf(target)!);
                    if (other != batch) raw = Settled(target);
                    else if (raw >> 1 == batch.Count - 1 && batch.TryLink(i)) raw = 0;
                    else
                    {
                        Settle(target);
                        return Outcome.Settled;
                    }
                }
                else if (raw == 0)
                {
                    if (!plan.IsMutable || !plan.Type.Nullable) return Outcome.Refused;
                    isComplete = false;
                }
                values[i].Low = raw;
            }
        }
        return Outcome.Put;
    }

    private void Settle(int id)
    {
        var type = (CanonicalType)graph.DefinitionOf(id)!;
        Settle(type, _batches[type.Number]!);
    }

    private void Settle(CanonicalType type, StructBatch batch)
    {
        var waiting = batch.Waiting;
        if (batch.IsFull)
        {
            var made = batch.Make();
            for (var i = 0; i < made.Length; i++) raws[waiting[i]] = (uint)made[i].Low;
        }
        else
        {
            for (var i = 0; i < waiting.Length; i++) raws[waiting[i]] = MakeSingly(type, batch, i);
        }
        batch.Clear();
        if (batch.Gain < -MostLoss) _batches[type.Number] = null;
    }

    private uint MakeSingly(CanonicalType type, StructBatch batch, int position)
    {
        var values = batch.ValuesOf(position);
        for (var field = 0; field < values.Length; field++)
        {
            _single[field] = values[field];
            if (batch.IsLinked(position, field)) _single[field].Low = raws[batch.Waiting[position - 1]];
        }
        return writer.NewStruct(type, _single);
    }
}
