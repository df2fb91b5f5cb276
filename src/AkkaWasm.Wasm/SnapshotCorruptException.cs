namespace AkkaWasm.Wasm;

/// <summary>Bytes that are no sound snapshot. Nothing was restored from them.</summary>
public sealed class SnapshotCorruptException : Exception
{
    internal SnapshotCorruptException(string what, long offset)
        : base($"The snapshot is corrupt at byte {offset}: {what}. Use an older one and the log.") => Offset = offset;

    /// <summary>Where the damage was noticed, in bytes from the beginning.</summary>
    public long Offset { get; }
}
