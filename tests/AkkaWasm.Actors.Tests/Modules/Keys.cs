using System.Security.Cryptography;

namespace AkkaWasm.Actors.Tests.Modules;

/// <summary>A pair of keys, PEM.</summary>
internal sealed record Keys(string Private, string Public)
{
    public static Keys Ecdsa(ECCurve? curve = null)
    {
        using var key = ECDsa.Create(curve ?? ECCurve.NamedCurves.nistP256);
        return new Keys(key.ExportECPrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
    }

    public static Keys Rsa(int bits = 2048)
    {
        using var key = RSA.Create(bits);
        return new Keys(key.ExportPkcs8PrivateKeyPem(), key.ExportSubjectPublicKeyInfoPem());
    }

    public ModuleOptions Trusted(bool isRequired = true) => new() { TrustedKeys = [new TrustedKey("ours", Public)], RequireSignature = isRequired, GcGrace = TimeSpan.Zero };
}
