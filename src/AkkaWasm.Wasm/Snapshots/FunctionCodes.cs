namespace AkkaWasm.Wasm.Snapshots;

/// <summary>Gives functions their codes in an image, in the order in which they are found: 0 is null, then 1, 2 and so on.</summary>
internal sealed class FunctionCodes(FunctionMap functions)
{
    private readonly Dictionary<nint, uint> _codes = [];
    private readonly List<FunctionName> _names = [];

    /// <summary>Gives the functions of an image the codes that they have there.</summary>
    public FunctionCodes(FunctionMap functions, IReadOnlyList<FunctionName> names)
        : this(functions)
    {
        foreach (var name in names)
        {
            _names.Add(name);
            _codes.Add(functions.RawOf(name), (uint)_names.Count);
        }
    }

    public FunctionName[] Names => [.. _names];

    public uint CodeOf(nint raw)
    {
        if (raw == 0) return 0;
        if (_codes.TryGetValue(raw, out var code)) return code;
        _names.Add(functions.NameOf(raw));
        return _codes[raw] = (uint)_names.Count;
    }
}
