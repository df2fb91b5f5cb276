using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>Structs of one type that wait to be made in one call.</summary>
internal sealed unsafe class StructBatch
{
    private readonly SlotWriter _writer;
    private readonly RawValue[] _values;
    private readonly int[] _ids;
    private readonly int[] _linkOf;
    private readonly uint[] _masks;
    private readonly int _fields;
    private NativeItem _make;

    /// <param name="helper">The instance of the type's <see cref="BatchModule"/>.</param>
    /// <param name="guest">The guest that has the type.</param>
    /// <param name="type">The type.</param>
    /// <param name="objects">How many of them are to be made in all.</param>
    public StructBatch(HelperInstance helper, ModuleDescription guest, CanonicalType type, int objects)
    {
        var links = BatchModule.LinkedFields(guest, type.Index);
        _fields = type.Fields.Length;
        _writer = new SlotWriter(helper);
        _writer.Prepare(objects);
        _make = helper.Find(BatchModule.Make);
        _ids = new int[BatchModule.ObjectsPerCall(_fields)];
        _masks = new uint[links.Length];
        _linkOf = new int[_fields];
        for (var i = 0; i < _fields; i++) _linkOf[i] = Array.IndexOf(links, i);
        _values = GC.AllocateArray<RawValue>(Math.Max((_ids.Length * _fields) + links.Length + 1, _ids.Length), pinned: true);
    }

    /// <summary>The objects that wait, by their numbers in the image.</summary>
    public ReadOnlySpan<int> Waiting => _ids.AsSpan(0, Count);

    public int Count { get; private set; }

    public bool IsFull => Count == _ids.Length;

    /// <summary>How many more were made in full batches than were left over for single calls.</summary>
    public long Gain { get; private set; }

    /// <summary>Where the field values of the next object go.</summary>
    public Span<RawValue> Next => ValuesOf(Count);

    public Span<RawValue> ValuesOf(int position) => _values.AsSpan(position * _fields, _fields);

    /// <summary>Adds the object whose values are in <see cref="Next"/>.</summary>
    public void Add(int id) => _ids[Count++] = id;

    /// <summary>Notes that a field of the next object is the last one added; false if it cannot be.</summary>
    public bool TryLink(int field)
    {
        if (_linkOf[field] < 0) return false;
        _masks[_linkOf[field]] |= 1u << Count;
        return true;
    }

    /// <summary>Whether a field of an object that waits is the object before it.</summary>
    public bool IsLinked(int position, int field) => _linkOf[field] >= 0 && (_masks[_linkOf[field]] >> position & 1) != 0;

    /// <summary>Forgets what was noted of the next object.</summary>
    public void Unlink()
    {
        for (var i = 0; i < _masks.Length; i++) _masks[i] &= ~(1u << Count);
    }

    /// <summary>Makes the objects of a full batch; their raw references are given by position and good until the batch is used again.</summary>
    /// <exception cref="WasmTrapException">There is no room.</exception>
    public ReadOnlySpan<RawValue> Make()
    {
        var masks = _values.AsSpan(_ids.Length * _fields);
        for (var i = 0; i < _masks.Length; i++) masks[i] = new RawValue { Low = _masks[i] };
        fixed (RawValue* values = _values) _writer.MakeMany(ref _make, values, (_ids.Length * _fields) + _masks.Length, _ids.Length);
        return _values.AsSpan(0, _ids.Length);
    }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Gain += IsFull ? Count : -Count;
        Count = 0;
        Array.Clear(_masks);
    }

    /// <summary>Lets go of the objects that were made.</summary>
    public void Release() => _writer.Clear();
}
