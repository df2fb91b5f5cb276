namespace AkkaWasm.Service.Hocon;

/// <summary>
/// Everything that bounds the work and memory one configuration may cost. All are far above what people write by hand;
/// passing one is a <see cref="HoconException"/> that names it.
/// </summary>
internal sealed record HoconLimits
{
    public static HoconLimits Default { get; } = new();

    /// <summary>Size of one file, in bytes (of one text, in UTF-16 units).</summary>
    public int MaxFileBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Nesting of objects and lists, in the files and after resolution.</summary>
    public int MaxDepth { get; init; } = 200;

    /// <summary>Files that include each other in a chain.</summary>
    public int MaxIncludeDepth { get; init; } = 32;

    /// <summary>Files read for one document, each counted as often as it is included.</summary>
    public int MaxFiles { get; init; } = 1_000;

    /// <summary>Values in all files together, and again in the resolved tree.</summary>
    public int MaxValues { get; init; } = 250_000;

    /// <summary>Substitutions that wait for each other while one value is resolved.</summary>
    public int MaxSubstitutionDepth { get; init; } = 500;

    /// <summary>UTF-16 units of a string put together from substitutions.</summary>
    public int MaxStringChars { get; init; } = 8 * 1024 * 1024;

    /// <summary>Fields and layers looked at or copied while a document is resolved.</summary>
    public long MaxResolveSteps { get; init; } = 2_000_000;
}
