using System.Security.Cryptography;
using AkkaWasm.Actors.Modules;
using AkkaWasm.Actors.Persistence;

namespace AkkaWasm.Actors.Tests.Modules;

/// <summary>Detached signatures over the SHA-256 of modules.</summary>
public sealed class ModuleSignatureTests
{
    private static readonly byte[] Module = [0, 1, 2, 3];

    /// <summary>A key of Ed25519 as other programs write it: SubjectPublicKeyInfo of RFC 8410, section 10.1.</summary>
    private const string Ed25519 = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PUBLIC KEY-----
        """;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_signature_is_that_of_its_key_and_its_content_alone(bool isEcdsa)
    {
        var (keys, others) = (isEcdsa ? Keys.Ecdsa() : Keys.Rsa(), Keys.Ecdsa());
        var trust = new ModuleTrust(keys.Trusted());
        var hash = ModuleStore.HashOf(Module);
        var signature = ModuleSignature.Sign(Module, keys.Private);

        Assert.Equal("ours", Assert.Single(trust.SignersOf(hash, [ModuleSignature.Sign(Module, others.Private), signature])));
        Assert.Null(trust.ProblemOf(hash, [signature]));
        Assert.Contains("no signature", trust.ProblemOf(hash, []), StringComparison.Ordinal);
        Assert.Contains("none of the keys", trust.ProblemOf(hash, [ModuleSignature.Sign(Module, others.Private)]), StringComparison.Ordinal);
        Assert.Empty(trust.SignersOf(ModuleStore.HashOf([4]), [signature]));
        Assert.Empty(trust.SignersOf(hash, [Convert.ToBase64String([1, 2, 3])]));
    }

    [Fact]
    public void What_another_program_signs_of_the_bytes_counts()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = Convert.ToBase64String(key.SignData(Module, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal("k", Assert.Single(new ModuleTrust(new ModuleOptions { TrustedKeys = [new TrustedKey("k", key.ExportSubjectPublicKeyInfoPem())] }).SignersOf(ModuleStore.HashOf(Module), [signature])));
    }

    [Fact]
    public void Keys_of_other_kinds_are_refused()
    {
        Assert.Contains("P-256", Refusal(Keys.Ecdsa(ECCurve.NamedCurves.nistP384).Public), StringComparison.Ordinal);
        Assert.Contains("1024 bits", Refusal(Keys.Rsa(1024).Public), StringComparison.Ordinal);
        Assert.Contains("Ed25519", Refusal(Ed25519), StringComparison.Ordinal);
        Assert.Contains("neither", Refusal("no key"), StringComparison.Ordinal);
        Assert.Contains("is it the private one", Assert.Throws<MeshNodeException>(() => ModuleSignature.Sign(Module, Keys.Ecdsa().Public)).Message, StringComparison.Ordinal);
        Assert.Contains("no key is trusted", Assert.Throws<MeshNodeException>(() => new ModuleTrust(new ModuleOptions { RequireSignature = true })).Message, StringComparison.Ordinal);

        static string Refusal(string pem)
        {
            var failure = Assert.Throws<MeshNodeException>(() => new ModuleTrust(new ModuleOptions { TrustedKeys = [new TrustedKey("k", pem)] }));
            Assert.Equal(NodeFailure.Configuration, failure.Failure);
            return failure.Message;
        }
    }
}
