using System.Security.Cryptography;

namespace AkkaWasm.Actors;

/// <summary>
/// Detached signatures of modules: ECDSA on P-256 (DER) or RSA-PSS over the SHA-256 of the bytes, base64. So <c>openssl dgst -sha256 -sign KEY FILE | base64 -w0</c>
/// makes one too.
/// </summary>
public static class ModuleSignature
{
    /// <summary>Least size of an RSA key, bits.</summary>
    public const int MinRsaBits = 2_048;

    /// <summary>Most bytes of a signature before base64; RSA of 16,384 bits has these.</summary>
    public const int MaxBytes = 2_048;

    private const int P256Bits = 256;

    /// <summary>Signs a module.</summary>
    /// <param name="module">Its bytes.</param>
    /// <param name="privateKeyPem">The private key, PEM, not encrypted.</param>
    /// <returns>The signature, base64.</returns>
    /// <exception cref="MeshNodeException">The key cannot be used.</exception>
    public static string Sign(ReadOnlySpan<byte> module, string privateKeyPem)
    {
        var hash = SHA256.HashData(module);
        using var key = Load(privateKeyPem, "private key");
        try
        {
            return Convert.ToBase64String(key switch
            {
                ECDsa ecdsa => ecdsa.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence),
                RSA rsa => rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
                _ => throw Unusable("private key", "it is neither ECDSA nor RSA"),
            });
        }
        catch (CryptographicException e)
        {
            throw Unusable("private key", $"it does not sign ({e.Message.TrimEnd('.')}); is it the private one?");
        }
    }

    /// <summary>Reads the lines of a file of signatures.</summary>
    /// <exception cref="MeshNodeException">A line is no signature.</exception>
    internal static string[] Lines(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var buffer = new byte[MaxBytes];
        foreach (var line in lines)
            if (!Convert.TryFromBase64String(line, buffer, out var length) || length == 0)
                throw new MeshNodeException(NodeFailure.ModuleRefused, $"A signature must be base64 of at most {MaxBytes} bytes but is '{(line.Length > 40 ? line[..40] + "…" : line)}'; make it with module sign.");
        return lines;
    }

    /// <summary>Whether a signature is that of a key.</summary>
    internal static bool Verify(AsymmetricAlgorithm key, byte[] hash, string signature)
    {
        var bytes = Convert.FromBase64String(signature);
        return key switch
        {
            ECDsa ecdsa => ecdsa.VerifyHash(hash, bytes, DSASignatureFormat.Rfc3279DerSequence),
            RSA rsa => rsa.VerifyHash(hash, bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
            _ => false,
        };
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="MeshNodeException">It is none of a kind that can be used.</exception>
    internal static AsymmetricAlgorithm Load(string pem, string what)
    {
        if (TryImport(ECDsa.Create(), pem) is { } ecdsa)
        {
            if (ecdsa.KeySize == P256Bits && ecdsa.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value) return ecdsa;
            ecdsa.Dispose();
            throw Unusable(what, "its curve is not P-256");
        }
        if (TryImport(RSA.Create(), pem) is not { } rsa) throw Unusable(what, "it is neither an ECDSA nor an RSA key in PEM without a password (Ed25519 is not offered by this platform)");
        if (rsa.KeySize >= MinRsaBits) return rsa;
        var bits = rsa.KeySize;
        rsa.Dispose();
        throw Unusable(what, $"it has {bits} bits, and RSA keys need {MinRsaBits}");
    }

    private static T? TryImport<T>(T key, string pem) where T : AsymmetricAlgorithm
    {
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }

    private static MeshNodeException Unusable(string what, string why) =>
        new(NodeFailure.Configuration, $"The {what} cannot be used: {why}; make one with openssl ecparam -name prime256v1 -genkey -noout.");
}
