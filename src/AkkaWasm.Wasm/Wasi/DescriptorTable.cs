using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi;

/// <summary>The open descriptors by their numbers. New ones get the lowest free number above the standard streams.</summary>
internal sealed class DescriptorTable(WasiLimits limits) : IDisposable
{
    private const int FirstFree = 3;

    private readonly SortedDictionary<int, WasiDescriptor> _open = [];

    public int Count => _open.Count;

    public IEnumerable<KeyValuePair<int, WasiDescriptor>> All => _open;

    public bool TryGet(int number, out WasiDescriptor descriptor) => _open.TryGetValue(number, out descriptor!);

    /// <summary>Whether there is room for one more.</summary>
    public bool HasRoom => _open.Count < limits.OpenDescriptors;

    public int Add(WasiDescriptor descriptor)
    {
        var number = FirstFree;
        while (_open.ContainsKey(number)) number++;
        Put(number, descriptor);
        return number;
    }

    public void Put(int number, WasiDescriptor descriptor)
    {
        _open.Add(number, descriptor);
        if (descriptor.Node is { Files.IsReadOnly: false } node) node.Opened++;
    }

    public bool Close(int number)
    {
        if (!_open.Remove(number, out var descriptor)) return false;
        if (descriptor.Node is { Files.IsReadOnly: false } node)
        {
            node.Opened--;
            node.Files.Release(node);
        }
        descriptor.Dispose();
        return true;
    }

    /// <summary>Gives a descriptor another number, closing what had it.</summary>
    public bool Renumber(int from, int to)
    {
        if (!_open.TryGetValue(from, out var descriptor) || !_open.ContainsKey(to)) return false;
        if (from == to) return true;
        Close(to);
        _open.Remove(from);
        _open.Add(to, descriptor);
        return true;
    }

    public void Dispose()
    {
        foreach (var descriptor in _open.Values) descriptor.Dispose();
        _open.Clear();
    }
}
