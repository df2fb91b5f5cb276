using System.Security.Cryptography;
using System.Text.Json;
using AkkaWasm.Service.Cli;

namespace AkkaWasm.Service.Modules;

/// <summary>
/// A module in a folder with the image layout of the Open Container Initiative (OCI Image Layout 1.0): <c>oci-layout</c>, <c>index.json</c>, <c>blobs/sha256</c>. The
/// module is the one layer of an image whose media type says so. Size and digest of every blob on the way are checked.
/// </summary>
internal sealed class OciLayout
{
    private const string LayoutFile = "oci-layout";
    private const string IndexFile = "index.json";
    private const string IndexType = "application/vnd.oci.image.index.v1+json";
    private const string RefName = "org.opencontainers.image.ref.name";
    private const string Title = "org.opencontainers.image.title";
    private const string VersionKey = "org.opencontainers.image.version";
    private const string DigestPrefix = "sha256:";
    private const int MaxNesting = 4;

    /// <summary>Largest manifest, index or configuration, bytes.</summary>
    private const int MaxDocumentBytes = 4 << 20;

    private static readonly string[] ModuleTypes = ["application/vnd.wasm.content.layer.v1+wasm", "application/wasm"];

    private readonly string folder;
    private readonly string what;
    private readonly long maxBytes;

    private OciLayout(string folder, string what, long maxBytes) => (this.folder, this.what, this.maxBytes) = (folder, what, maxBytes);

    /// <summary>Reads it.</summary>
    /// <param name="place">The folder, or the folder and a tag as <c>PATH:TAG</c>.</param>
    /// <param name="maxBytes">Largest module, bytes.</param>
    /// <exception cref="CliException">It is no such layout, is damaged, or has no one such module.</exception>
    public static FetchedModule Read(string place, long maxBytes)
    {
        var colon = place.LastIndexOf(':');
        var (folder, tag) = Directory.Exists(place) || colon <= 0 ? (place, null) : (place[..colon], place[(colon + 1)..]);
        try
        {
            return new OciLayout(folder, $"oci:{place}", maxBytes).Read(tag);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.BadInput, $"the layout 'oci:{place}' cannot be read: {e.Message.TrimEnd('.')}; check the path", e);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CliException(ExitCode.BadInput, $"the layout 'oci:{place}' is not as OCI Image Layout 1.0 has it: {e.Message.TrimEnd('.')}", e);
        }
    }

    private FetchedModule Read(string? tag)
    {
        using var layout = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, LayoutFile)));
        if (layout.RootElement.GetProperty("imageLayoutVersion").GetString() is not "1.0.0" and var version) throw Refused($"has version {version}, and 1.0.0 is known");
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, IndexFile)));
        var all = Manifests(index.RootElement, 0).ToArray();
        var fitting = tag is null ? all : [.. all.Where(m => Annotation(m, RefName) == tag)];
        if (fitting.Length != 1)
        {
            var tags = string.Join(", ", all.Select(m => Annotation(m, RefName)).OfType<string>().Order(StringComparer.Ordinal));
            throw Refused($"has {fitting.Length} images{(tag is null ? "" : $" with the tag '{tag}'")}; say which one as oci:PATH:TAG, of: {(tags.Length == 0 ? "no tags" : tags)}");
        }
        using var manifest = JsonDocument.Parse(Blob(fitting[0], MaxDocumentBytes));
        if (manifest.RootElement.TryGetProperty("config", out var config)) Blob(config, MaxDocumentBytes);
        var layers = manifest.RootElement.GetProperty("layers").EnumerateArray().Where(layer => ModuleTypes.Contains(layer.GetProperty("mediaType").GetString())).ToArray();
        if (layers.Length != 1) throw Refused($"has {layers.Length} layers of type {string.Join(" or ", ModuleTypes)}, and a module is one; push its file instead");
        var (root, layer) = (manifest.RootElement, layers[0]);
        return new FetchedModule(Blob(layer, maxBytes), what)
        {
            Name = Annotation(root, Title) ?? Annotation(layer, Title), Version = Annotation(root, VersionKey) ?? Annotation(layer, VersionKey),
        };
    }

    /// <summary>The descriptors of images, also those of indexes within the index.</summary>
    private IEnumerable<JsonElement> Manifests(JsonElement index, int depth)
    {
        if (depth > MaxNesting) throw Refused($"has indexes within each other, more than {MaxNesting} deep");
        foreach (var descriptor in index.GetProperty("manifests").EnumerateArray())
        {
            if (descriptor.GetProperty("mediaType").GetString() != IndexType)
            {
                yield return descriptor.Clone();
                continue;
            }
            using var inner = JsonDocument.Parse(Blob(descriptor, MaxDocumentBytes));
            foreach (var manifest in Manifests(inner.RootElement, depth + 1)) yield return manifest;
        }
    }

    /// <summary>The bytes that a descriptor names, checked.</summary>
    private byte[] Blob(JsonElement descriptor, long limit)
    {
        var (digest, size) = (descriptor.GetProperty("digest").GetString() ?? "", descriptor.GetProperty("size").GetInt64());
        var hash = digest.StartsWith(DigestPrefix, StringComparison.Ordinal) ? digest[DigestPrefix.Length..] : "";
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower)) throw Refused($"names a blob by '{digest}', and sha256 is known");
        if (size > limit) throw Refused($"has a blob of {size} bytes ({digest}), more than {limit} (modules.max-bytes)");
        var file = Path.Combine(folder, "blobs", "sha256", hash);
        if (new FileInfo(file) is { Exists: true, Length: var length } && length != size) throw Refused($"is damaged: the blob {digest} has {length} bytes, not {size} as is said of it");
        var bytes = File.ReadAllBytes(file);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == hash ? bytes : throw Refused($"is damaged: the blob {digest} has SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes))}");
    }

    private static string? Annotation(JsonElement of, string key) =>
        of.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty(key, out var value) ? value.GetString() : null;

    private CliException Refused(string why) => new(ExitCode.BadInput, $"the layout '{what}' {why}");
}
