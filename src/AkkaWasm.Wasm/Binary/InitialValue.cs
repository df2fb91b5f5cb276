namespace AkkaWasm.Wasm.Binary;

/// <summary>What constant expressions make: the objects they allocate and the globals they read.</summary>
internal sealed class InitialValue
{
    private readonly HashSet<int> _allocatedTypes = [];
    private readonly HashSet<int> _globalsRead = [];

    public IReadOnlyCollection<int> AllocatedTypes => _allocatedTypes;

    public IReadOnlyCollection<int> GlobalsRead => _globalsRead;

    /// <summary>Whether it takes more than constants to know the value.</summary>
    public bool IsComputed { get; private set; }

    public void Computes() => IsComputed = true;

    public void Allocates(int typeIndex) => _allocatedTypes.Add(typeIndex);

    public void Reads(int globalIndex)
    {
        _globalsRead.Add(globalIndex);
        Computes();
    }
}
