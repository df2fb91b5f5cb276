namespace AkkaWasm.Service.Configuration;

/// <summary>
/// A module or folder that is named by its content: <c>agents/ingest.wasm@sha256:…</c>, 64 lower-case hexadecimal digits. The name before it is for
/// messages; the bytes are in the data folder.
/// </summary>
/// <param name="Name">The name before the hash; may be empty.</param>
/// <param name="Hash">SHA-256 of the bytes.</param>
internal sealed record PinnedReference(string Name, string Hash)
{
    private const string Mark = "@sha256:";
    private const int Digits = 64;

    /// <summary>The reference, or null if the text is not one but a path.</summary>
    public static PinnedReference? Find(string written)
    {
        var at = written.Length - Mark.Length - Digits;
        if (at < 0 || !written.AsSpan(at).StartsWith(Mark, StringComparison.Ordinal)) return null;
        var hash = written[^Digits..];
        return hash.All(char.IsAsciiHexDigitLower) ? new PinnedReference(written[..at], hash) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}{Mark}{Hash}";
}
