namespace AkkaWasm.Wasm;

/// <summary>The signature of a function: parameters and results. Two are equal if they list the same types.</summary>
public sealed class WasmFunctionType : IEquatable<WasmFunctionType>
{
    /// <summary>A signature of any value types.</summary>
    /// <param name="parameters">The parameters in order.</param>
    /// <param name="results">The results in order.</param>
    public WasmFunctionType(IEnumerable<WasmValueType> parameters, IEnumerable<WasmValueType> results)
    {
        Parameters = [.. parameters];
        Results = [.. results];
    }

    /// <summary>The parameters in order.</summary>
    public IReadOnlyList<WasmValueType> Parameters { get; }

    /// <summary>The results in order.</summary>
    public IReadOnlyList<WasmValueType> Results { get; }

    /// <summary>A signature of numbers and vectors only.</summary>
    /// <param name="parameters">The parameters in order.</param>
    /// <param name="results">The results in order.</param>
    /// <exception cref="ArgumentException">A kind is a reference or a packed integer.</exception>
    public static WasmFunctionType Of(ReadOnlySpan<WasmValueKind> parameters, ReadOnlySpan<WasmValueKind> results) =>
        new(Types(parameters), Types(results));

    /// <inheritdoc/>
    public bool Equals(WasmFunctionType? other) =>
        other is not null && Parameters.SequenceEqual(other.Parameters) && Results.SequenceEqual(other.Results);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as WasmFunctionType);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var type in Parameters) hash.Add(type);
        hash.Add(-1);
        foreach (var type in Results) hash.Add(type);
        return hash.ToHashCode();
    }

    /// <summary>As <c>(i32, i64) -> (f64)</c>.</summary>
    public override string ToString() => $"({string.Join(", ", Parameters)}) -> ({string.Join(", ", Results)})";

    internal static WasmFunctionType From(TypeDefinition type) => new(type.Parameters, type.Results);

    private static WasmValueType[] Types(ReadOnlySpan<WasmValueKind> kinds)
    {
        var types = new WasmValueType[kinds.Length];
        for (var i = 0; i < kinds.Length; i++)
        {
            if (kinds[i] > WasmValueKind.V128)
                throw new ArgumentException($"{kinds[i]} is neither a number nor a vector; spell the type out with WasmValueType.");
            types[i] = new WasmValueType(kinds[i]);
        }
        return types;
    }
}
