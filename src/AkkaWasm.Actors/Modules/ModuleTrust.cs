using System.Collections.Immutable;
using System.Security.Cryptography;

namespace AkkaWasm.Actors.Modules;

/// <summary>Whose signatures count, and whether one is required. May be used by any thread.</summary>
internal sealed class ModuleTrust
{
    private readonly ModuleOptions options;
    private readonly ImmutableArray<(string Name, AsymmetricAlgorithm Key)> keys;
    private readonly Lock entry = new();

    /// <exception cref="MeshNodeException">A key cannot be used, or a signature is required and there is no key.</exception>
    public ModuleTrust(ModuleOptions options)
    {
        this.options = options;
        keys = [.. options.TrustedKeys.Select(key => (key.Name, ModuleSignature.Load(key.Pem, $"trusted key '{key.Name}'")))];
        if (options.RequireSignature && keys.IsEmpty)
            throw new MeshNodeException(NodeFailure.Configuration, "Modules need a signature (modules.require-signature), but no key is trusted; name one in modules.trusted-keys.");
    }

    /// <summary>Whether a signature is required.</summary>
    public bool IsRequired => options.RequireSignature;

    /// <summary>Whether any signature could count.</summary>
    public bool HasKeys => !keys.IsEmpty;

    /// <summary>Names of the keys whose signatures are among those given.</summary>
    /// <param name="hash">SHA-256 of the content, hexadecimal.</param>
    /// <param name="signatures">Signatures, base64.</param>
    public ImmutableArray<string> SignersOf(string hash, IReadOnlyCollection<string> signatures)
    {
        if (signatures.Count == 0 || keys.IsEmpty) return [];
        var bytes = Convert.FromHexString(hash);
        lock (entry) return [.. keys.Where(key => signatures.Any(signature => ModuleSignature.Verify(key.Key, bytes, signature))).Select(key => key.Name)];
    }

    /// <summary>What is wrong with the signatures of content, following its name in a sentence, or null.</summary>
    public string? ProblemOf(string hash, IReadOnlyCollection<string> signatures)
    {
        if (!IsRequired || SignersOf(hash, signatures).Length > 0) return null;
        return signatures.Count == 0
            ? "has no signature, and this node requires one (modules.require-signature); sign it with module sign and push it with the signature"
            : $"is signed by none of the keys that this node trusts ({string.Join(", ", keys.Select(key => key.Name))}); sign it with one of them, or add the key to modules.trusted-keys";
    }
}
