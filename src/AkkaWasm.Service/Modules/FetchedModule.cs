using System.Security.Cryptography;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Modules;

/// <summary>A module that was fetched to be pushed.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Origin">Where it came from.</param>
internal sealed record FetchedModule(byte[] Bytes, string Origin)
{
    /// <summary>The name that its source gives it; null if none.</summary>
    public string? Name { get; init; }

    /// <summary>The version that its source gives it; null if none.</summary>
    public string? Version { get; init; }

    /// <summary>Signatures that stand beside it; null for none.</summary>
    public string? Signatures { get; init; }

    /// <summary>SHA-256 of the bytes.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>The same if its content is what somebody expects.</summary>
    /// <param name="sha256">The hash that is expected, or null for any.</param>
    /// <exception cref="CliException">It is not.</exception>
    public FetchedModule Expect(string? sha256) => sha256 is null || sha256.Equals(Hash, StringComparison.OrdinalIgnoreCase)
        ? this
        : throw new CliException(ExitCode.Failed, $"the module from {Origin} has SHA-256 {Hash}, not {sha256} as --sha256 expects; nothing was pushed");
}
