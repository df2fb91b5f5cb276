namespace AkkaWasm.Wasm.Wasi;

/// <summary>
/// What a program may hold and do in its world. A program that asks for more gets the error code that POSIX has for it, so these limits
/// are part of what a repeated turn must be given again.
/// </summary>
public sealed record WasiLimits
{
    /// <summary>The limits that hold unless others are given.</summary>
    public static readonly WasiLimits Default = new();

    /// <summary>Sizes of all files in memory together, bytes; past it <c>nospc</c>. 64 MiB.</summary>
    public long FileBytes { get; init; } = 64L << 20;

    /// <summary>Files, directories and symbolic links in memory; past it <c>nospc</c>. 10,000.</summary>
    public int Nodes { get; init; } = 10_000;

    /// <summary>Open descriptors, the standard streams and preopened folders included; past it <c>mfile</c>. 256.</summary>
    public int OpenDescriptors { get; init; } = 256;

    /// <summary>A path or the target of a symbolic link, bytes of UTF-8; past it <c>nametoolong</c>. 4,096.</summary>
    public int PathBytes { get; init; } = 4_096;

    /// <summary>Components of a path, those of symbolic links on the way included; past it <c>nametoolong</c>. 256.</summary>
    public int PathDepth { get; init; } = 256;

    /// <summary>A line of standard output or error, bytes; what a longer one leads to is the sink's. 1 MiB.</summary>
    public int LineBytes { get; init; } = 1 << 20;

    /// <summary>Bytes that a turn may write, to standard output, standard error and files together; past it <c>nospc</c>. 256 MiB.</summary>
    public long WrittenBytesPerTurn { get; init; } = 256L << 20;
}
