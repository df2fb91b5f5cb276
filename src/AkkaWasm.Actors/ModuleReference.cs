using System.Diagnostics.CodeAnalysis;
using Semver;

namespace AkkaWasm.Actors;

/// <summary>
/// How a module in the store is named: by the SHA-256 of its bytes (64 lower-case hexadecimal digits), as <c>NAME@1.2.0</c> (Semantic Versioning 2.0.0),
/// as <c>NAME@^1.2</c> (a range, of which the newest version is meant), or as <c>NAME</c> (the newest version of all).
/// </summary>
public sealed class ModuleReference
{
    /// <summary>Longest name, characters.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Longest version or range, characters.</summary>
    public const int MaxVersionLength = 200;

    private const int HashDigits = 64;
    private const string HashMark = "sha256:";
    private const string NameRule = "a name has letters from a to z, digits, '.', '-' and '_', begins with a letter and has at most 100 characters";
    private readonly SemVersionRange? range;

    private ModuleReference(string text, string? name, string? hash, SemVersion? version, SemVersionRange? range)
    {
        (Text, Name, Hash, Version) = (text, name, hash, version);
        this.range = range;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The name, or null where the content is named by its hash.</summary>
    public string? Name { get; }

    /// <summary>The hash, or null where there is a name.</summary>
    public string? Hash { get; }

    /// <summary>Whether it is one version of a name and can become no other.</summary>
    public bool IsExact => Version is not null;

    internal SemVersion? Version { get; }

    /// <summary>Whether a version of that name is meant.</summary>
    internal bool Allows(SemVersion version) => Version is not null ? Version.Equals(version) : range?.Contains(version) ?? true;

    /// <summary>Whether versions that lead to a release count; they do if they are asked for, or if nothing else is there.</summary>
    internal bool TakesAny => Version is null && range is null;

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Reads a reference.</summary>
    /// <param name="text">The text.</param>
    /// <param name="reference">The reference, or null.</param>
    /// <param name="problem">What is wrong, one sentence, or null.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ModuleReference? reference, [NotNullWhen(false)] out string? problem)
    {
        reference = null;
        var hash = text.StartsWith(HashMark, StringComparison.Ordinal) ? text[HashMark.Length..] : text;
        if (IsHash(hash)) reference = new ModuleReference(text, null, hash, null, null);
        else if (text.Split('@', 2) is [var name, var wanted])
        {
            problem = ProblemOfName(name) ?? ParseWanted(text, name, wanted, out reference);
            return reference is not null && problem is null;
        }
        else if (ProblemOfName(text) is { } wrong)
        {
            problem = wrong;
            return false;
        }
        else reference = new ModuleReference(text, text, null, null, null);
        problem = null;
        return true;
    }

    /// <summary>Whether a text that may be a path names a module in the store: <c>NAME@…</c> without a slash and without the ending of a file of a module.</summary>
    public static bool LooksLikeOne(string text) =>
        text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && !text.Contains('/', StringComparison.Ordinal) && !text.Contains('\\', StringComparison.Ordinal)
        && !text.EndsWith(".wasm", StringComparison.Ordinal) && !text.EndsWith(".wat", StringComparison.Ordinal)
        && !text.AsSpan(at + 1).StartsWith(HashMark, StringComparison.Ordinal) && ProblemOfName(text[..at]) is null;

    /// <summary>What is wrong with a name and a version that content shall have, one sentence, or null.</summary>
    public static string? ProblemOf(string name, string version) => ProblemOfName(name) ?? (FindVersion(version) is null ? ProblemOfVersion(version) : null);

    internal static SemVersion? FindVersion(string text) =>
        SemVersion.TryParse(text, SemVersionStyles.Strict, out var version, MaxVersionLength) && version.Metadata.Length == 0 ? version : null;

    internal static bool IsHash(string text) => text.Length == HashDigits && text.All(char.IsAsciiHexDigitLower);

    private static string ProblemOfVersion(string version) => version.Contains('+', StringComparison.Ordinal)
        ? $"The version '{version}' has build metadata (+…), and two versions that differ in nothing else would have the same rank; leave it out."
        : $"'{version}' is no version of Semantic Versioning 2.0.0; write one as 1.2.0 or 1.2.0-rc.1.";

    private static string? ProblemOfName(string name) =>
        name.Length is > 0 and <= MaxNameLength && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_')
        && !name.EndsWith(".wasm", StringComparison.Ordinal) && !name.EndsWith(".wat", StringComparison.Ordinal)
            ? null
            : $"'{name}' cannot name a module: {NameRule}, and no ending .wasm or .wat.";

    private static string? ParseWanted(string text, string name, string wanted, out ModuleReference? reference)
    {
        reference = null;
        if (FindVersion(wanted) is { } version) reference = new ModuleReference(text, name, null, version, null);
        else if (wanted.Length is > 0 and <= MaxVersionLength && !wanted.Contains('+', StringComparison.Ordinal) && SemVersionRange.TryParseNpm(wanted, out var parsed, MaxVersionLength))
            reference = new ModuleReference(text, name, null, null, parsed);
        return reference is null ? $"'{wanted}' in '{text}' is neither a version nor a range of versions; write one as 1.2.0, ^1.2, ~1.2.3 or >=1.2 <3." : null;
    }
}
