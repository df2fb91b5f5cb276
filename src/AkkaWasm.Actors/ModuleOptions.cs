using System.Collections.Immutable;

namespace AkkaWasm.Actors;

/// <summary>Who may sign modules, and limits of the store of modules in the data folder. Immutable.</summary>
public sealed record ModuleOptions
{
    /// <summary>Keys whose signatures count.</summary>
    public ImmutableArray<TrustedKey> TrustedKeys { get; init; } = [];

    /// <summary>Whether a module needs a signature of a trusted key to be pushed or to be an agent.</summary>
    public bool RequireSignature { get; init; }

    /// <summary>Largest module that is pushed, bytes; 64 MiB.</summary>
    public long MaxBytes { get; init; } = 64 << 20;

    /// <summary>How many versions of modules may have names; 100,000.</summary>
    public int MaxNames { get; init; } = 100_000;

    /// <summary>How long content stays that came or was asked for last, though nothing names it; 1 hour.</summary>
    public TimeSpan GcGrace { get; init; } = TimeSpan.FromHours(1);
}

/// <summary>A public key whose signatures count: ECDSA on P-256, or RSA of 2048 bits or more (PSS).</summary>
/// <param name="Name">What it is called where it is told who signed; the name of its file.</param>
/// <param name="Pem">The key, PEM (RFC 7468).</param>
public sealed record TrustedKey(string Name, string Pem);
