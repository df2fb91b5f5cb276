using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Service.Tests.Hocon;

namespace AkkaWasm.Service.Tests.Configuration;

/// <summary>A folder with a configuration, two modules and a file to read.</summary>
internal sealed class MeshFolder : IDisposable
{
    /// <summary>A module that can be an agent and does nothing.</summary>
    public const string Agent = """(module (memory (export "memory") 1) (func (export "mesh_handle") (param i32) (result i32) (i32.const 0)))""";

    private readonly TemporaryFolder folder = new();

    public MeshFolder()
    {
        folder.Write("agents/a.wat", Agent);
        folder.Write("week.geojson", """{"type":"FeatureCollection","features":[]}""");
    }

    public string Path => folder.Path;

    public string Write(string name, string text) => folder.Write(name, text);

    public ConfigurationTree Tree(string text, params string[] settings) => ConfigurationTree.Load(Write("mesh.conf", text), settings);

    public ServiceConfiguration Read(string text, params string[] settings) => ConfigurationReader.Read(Tree(text, settings));

    /// <summary>What a configuration is refused with, the folder's own path left out.</summary>
    public string Refusal(string text, params string[] settings)
    {
        var exception = Record.Exception(() => ModuleLoader.Load(Read(text, settings)));
        Assert.True(exception is HoconException or ConfigurationException, $"The configuration was not refused as one: {exception}");
        return exception.Message.Replace(Path + System.IO.Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();
}
