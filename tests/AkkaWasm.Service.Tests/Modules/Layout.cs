using System.Security.Cryptography;
using System.Text;

namespace AkkaWasm.Service.Tests.Modules;

/// <summary>Writes a folder with the OCI image layout.</summary>
internal sealed class Layout
{
    public const string ModuleType = "application/vnd.wasm.content.layer.v1+wasm";
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private readonly List<string> manifests = [];

    public Layout(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(Blobs);
        File.WriteAllText(Path.Combine(folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
    }

    public string Folder { get; }

    public string Blobs => Path.Combine(Folder, "blobs", "sha256");

    /// <summary>Writes a blob and says its hash.</summary>
    public string Blob(byte[] bytes)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        File.WriteAllBytes(Path.Combine(Blobs, hash), bytes);
        return hash;
    }

    /// <summary>Adds an image with a layer and says the hash of the layer.</summary>
    public string Add(byte[] module, string? tag, string? title = null, string? version = null, string type = ModuleType, bool nested = false)
    {
        var (layer, config) = (Blob(module), Blob("{}"u8.ToArray()));
        var annotations = title is null ? "" : $$""","annotations":{"org.opencontainers.image.title":"{{title}}","org.opencontainers.image.version":"{{version}}"}""";
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"config":{{Descriptor("application/vnd.wasm.config.v0+json", config, 2)}},"layers":[{{Descriptor("text/plain", Blob("x"u8.ToArray()), 1)}},{{Descriptor(type, layer, module.Length)}}]{{annotations}}}""");
        var named = tag is null ? "" : $$""","annotations":{"org.opencontainers.image.ref.name":"{{tag}}"}""";
        var descriptor = Descriptor(ManifestType, Blob(manifest), manifest.Length, named);
        if (nested)
        {
            var inner = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[{{descriptor}}]}""");
            descriptor = Descriptor("application/vnd.oci.image.index.v1+json", Blob(inner), inner.Length);
        }
        manifests.Add(descriptor);
        File.WriteAllText(Path.Combine(Folder, "index.json"), $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', manifests)}}]}""");
        return layer;
    }

    private static string Descriptor(string type, string hash, int size, string more = "") => $$"""{"mediaType":"{{type}}","digest":"sha256:{{hash}}","size":{{size}}{{more}}}""";
}
