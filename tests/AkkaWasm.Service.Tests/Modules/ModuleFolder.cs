using System.Security.Cryptography;
using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Http;
using AkkaWasm.Service.Tests.Cli;
using AkkaWasm.Service.Tests.Configuration;
using AkkaWasm.Service.Tests.Hocon;
using AkkaWasm.Service.Tests.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaWasm.Service.Tests.Modules;

/// <summary>A folder with modules, keys and configurations, in which command lines are run; their words that name a file in it are taken so.</summary>
internal sealed class ModuleFolder : IDisposable
{
    private static readonly string[] FileEndings = [".wat", ".wasm", ".pem", ".conf", ".sig"];
    private readonly TemporaryFolder folder = new();

    public ModuleFolder()
    {
        folder.Write("histogram.wat", MeshFolder.Agent);
        folder.Write("better.wat", Agent(1));
        folder.Write("other.wat", Agent(2));
        folder.Write("broken.wat", "(module)");
        folder.Write("silent.wat", MeshFolder.Agent);
        folder.Write("mesh.conf", """akka-wasm { data.folder = data, http.port = 0, mesh.agents.h.module = "histogram@^1" }""");
        folder.Write("signed.conf", """akka-wasm { data.folder = signed-data, http.port = 0, modules { trusted-keys = ["public.pem"], require-signature = true }, mesh.agents.o.module = "other.wat" }""");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        folder.Write("private.pem", key.ExportECPrivateKeyPem());
        folder.Write("public.pem", key.ExportSubjectPublicKeyInfoPem());
    }

    public string Path => folder.Path;

    public string Data => System.IO.Path.Combine(Path, "data");

    public static string Agent(int n) => $"""(module (memory (export "memory") 1) (func (export "mesh_handle") (param i32) (result i32) (drop (i32.const {n})) (i32.const 0)))""";

    public string Write(string name, string text) => folder.Write(name, text);

    public string HashOf(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(System.IO.Path.Combine(Path, file))));

    /// <summary>Runs a command line; the folder's own path is left out of what it prints.</summary>
    public async Task<Outcome> RunAsync(params string[] words)
    {
        var outcome = await Terminal.RunAsync([.. words.Select(Placed)]);
        return outcome with { Out = Unplaced(outcome.Out), Error = Unplaced(outcome.Error) };
    }

    /// <summary>Serves a configuration in this process, over HTTP, until it is disposed of.</summary>
    public async Task<ServedMesh> ServeAsync(string file = "mesh.conf")
    {
        var configuration = ModuleLoader.Load(ConfigurationReader.Read(ConfigurationTree.Load(Placed(file), [])));
        var (node, access) = (await MeshNode.StartAsync(configuration.Node), new NodeAccess());
        access.Open(node);
        return new ServedMesh(node, await HttpServer.StartAsync(configuration.Http, access, NullLoggerFactory.Instance, TimeProvider.System));
    }

    public void Dispose() => folder.Dispose();

    /// <summary>A word of a command line; of one like <c>math=math.wat</c> what stands behind the sign.</summary>
    private string Placed(string word) => word.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && !word.StartsWith('-')
        ? $"{word[..at]}={Placed(word[(at + 1)..])}"
        : word is "data" or "signed-data" or "modules" || (!word.StartsWith('-') && FileEndings.Contains(System.IO.Path.GetExtension(word)) && !word.Contains('/', StringComparison.Ordinal))
        ? System.IO.Path.Combine(Path, word)
        : word.StartsWith("oci:", StringComparison.Ordinal) ? "oci:" + System.IO.Path.Combine(Path, word[4..]) : word;

    private string Unplaced(string text) => text.Replace(Path + System.IO.Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
}

/// <summary>A node that serves over HTTP.</summary>
internal sealed record ServedMesh(MeshNode Node, HttpServer Http) : IAsyncDisposable
{
    public HttpClient Client { get; } = new() { BaseAddress = Http.Url };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Http.DisposeAsync();
        await Node.DisposeAsync();
    }
}
