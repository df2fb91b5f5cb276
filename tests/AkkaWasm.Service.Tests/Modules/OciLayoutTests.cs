using AkkaWasm.Service.Cli;
using AkkaWasm.Service.Modules;
using AkkaWasm.Service.Tests.Hocon;

namespace AkkaWasm.Service.Tests.Modules;

/// <summary>Modules in folders with the OCI image layout.</summary>
public sealed class OciLayoutTests : IDisposable
{
    private static readonly byte[] Module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    private readonly TemporaryFolder folder = new();

    private Layout NewLayout => new(Path.Combine(folder.Path, "layout"));

    public void Dispose() => folder.Dispose();

    private static string Refusal(string place, long maxBytes = 1 << 20) => Assert.Throws<CliException>(() => OciLayout.Read(place, maxBytes)).Message;

    [Theory]
    [InlineData(false, Layout.ModuleType)]
    [InlineData(true, "application/wasm")]
    public void The_one_module_of_an_image_is_read_with_its_name_and_version(bool nested, string type)
    {
        var layout = NewLayout;
        layout.Add(Module, "v1", "histogram", "1.2.0", type, nested);
        var module = OciLayout.Read(layout.Folder, 1 << 20);
        Assert.Equal(("histogram", "1.2.0"), (module.Name, module.Version));
        Assert.Equal(Module, module.Bytes);
        Assert.Equal(Module, OciLayout.Read(layout.Folder + ":v1", 1 << 20).Bytes);
        Assert.Contains("more than 7", Refusal(layout.Folder, 7), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_images_the_tag_says_which_one()
    {
        var layout = NewLayout;
        layout.Add(Module, "v1");
        layout.Add([.. Module, 0], "v2");
        Assert.Equal(9, OciLayout.Read(layout.Folder + ":v2", 1 << 20).Bytes.Length);
        Assert.Contains("of: v1, v2", Refusal(layout.Folder), StringComparison.Ordinal);
        Assert.Contains("0 images with the tag 'v3'", Refusal(layout.Folder + ":v3"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_that_was_changed_in_any_blob_is_found()
    {
        var layout = NewLayout;
        layout.Add(Module, "v1", nested: true);
        foreach (var file in Directory.GetFiles(layout.Blobs))
        {
            var bytes = File.ReadAllBytes(file);
            if (bytes is [(byte)'x']) continue; // a layer of another type is not looked at
            bytes[^1] ^= 1;
            File.WriteAllBytes(file, bytes);
            Assert.Contains("is damaged", Refusal(layout.Folder), StringComparison.Ordinal);
            File.WriteAllBytes(file, bytes[..^1]);
            Assert.Contains("is damaged", Refusal(layout.Folder), StringComparison.Ordinal);
            bytes[^1] ^= 1;
            File.WriteAllBytes(file, bytes);
        }
        Assert.Equal(Module, OciLayout.Read(layout.Folder, 1 << 20).Bytes);
    }

    [Fact]
    public void What_is_no_such_layout_is_refused_with_a_sentence()
    {
        Assert.Contains("cannot be read", Refusal(Path.Combine(folder.Path, "nothing")), StringComparison.Ordinal);
        var layout = NewLayout;
        layout.Add(Module, "v1", type: "application/octet-stream");
        Assert.Contains("0 layers", Refusal(layout.Folder), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(layout.Folder, "index.json"), """{"manifests":[{"mediaType":"m","digest":"sha256:../../../secret","size":3}]}""");
        Assert.Contains("'sha256:../../../secret'", Refusal(layout.Folder), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(layout.Folder, "index.json"), "[]");
        Assert.Contains("not as OCI", Refusal(layout.Folder), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(layout.Folder, "oci-layout"), """{"imageLayoutVersion":"2.0.0"}""");
        Assert.Contains("version 2.0.0", Refusal(layout.Folder), StringComparison.Ordinal);
    }
}
