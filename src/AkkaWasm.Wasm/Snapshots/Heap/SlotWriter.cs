using AkkaWasm.Wasm.Interop;

namespace AkkaWasm.Wasm.Snapshots.Heap;

/// <summary>A helper that makes objects, and the table that keeps them alive until they hang together.</summary>
internal sealed unsafe class SlotWriter(HelperInstance helper)
{
    private const int GrowthSlots = 1024;

    private NativeItem _reserve = helper.Find(HelperNames.Reserve);
    private int _capacity;
    private int _used;
    private int _mostUsed;

    public NativeItem Find(string export) => helper.Find(export);

    /// <summary>Makes room for that many more objects.</summary>
    /// <exception cref="WasmEngineException">The host has no room.</exception>
    public void Prepare(int objects)
    {
        if (_capacity == 0) _capacity = Reserve(0);
        if (_used + objects <= _capacity) return;
        var added = Math.Max(_used + objects - _capacity, GrowthSlots);
        if (Reserve(added) < 0) throw new WasmEngineException($"There is no room to restore {objects} objects.", isTransient: true);
        _capacity += added;
    }

    /// <summary>Adds slots; gives how many there were, or -1 if there is no room.</summary>
    private int Reserve(int slots)
    {
        RawValue value = new() { Low = (uint)slots };
        helper.Call(ref _reserve, &value, 1);
        return value.I32;
    }

    /// <summary>Calls a function that makes an object; its last argument, the slot, is set here.</summary>
    /// <returns>The object's raw reference.</returns>
    public uint Make(ref NativeItem function, RawValue* values, int arguments)
    {
        if (_used == _capacity) Prepare(1);
        values[arguments] = new RawValue { Low = (uint)_used++ };
        _mostUsed = Math.Max(_mostUsed, _used);
        helper.Call(ref function, values, arguments + 1);
        return (uint)values[0].Low;
    }

    /// <summary>The same of a function that makes several objects and puts them into successive slots; they are the results.</summary>
    public void MakeMany(ref NativeItem function, RawValue* values, int arguments, int objects)
    {
        if (_used + objects > _capacity) Prepare(objects);
        values[arguments] = new RawValue { Low = (uint)_used };
        _used += objects;
        _mostUsed = Math.Max(_mostUsed, _used);
        helper.Call(ref function, values, Math.Max(arguments + 1, objects));
    }

    /// <summary>Lets the next object have the slot of the last one.</summary>
    public void GiveBack() => _used--;

    public void Call(ref NativeItem function, RawValue* values, int count) => helper.Call(ref function, values, count);

    /// <summary>Lets go of all objects.</summary>
    public void Clear()
    {
        if (_mostUsed == 0) return;
        var clear = helper.Find(HelperNames.Clear);
        RawValue count = new() { Low = (uint)_mostUsed };
        helper.Call(ref clear, &count, 1);
        (_used, _mostUsed) = (0, 0);
    }
}
