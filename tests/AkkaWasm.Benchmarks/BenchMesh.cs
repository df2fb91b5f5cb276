using System.Collections.Immutable;
using System.Security.Cryptography;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Benchmarks;

/// <summary>A node on a folder of its own, with guests of the tests, ended and removed when it is disposed.</summary>
internal sealed class BenchMesh : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("akkawasm-bench-");
    private MeshNodeOptions options = null!;
    private MeshNode node = null!;

    public MeshNode Node => node;

    public string Folder => folder.FullName;

    /// <summary>What it was started with.</summary>
    public MeshTopology Topology => options.Topology;

    public static async Task<BenchMesh> StartAsync(string module, int agents, Func<int, AgentDefinition, AgentDefinition> define, SupervisionPolicy? policy = null,
        Func<MeshNodeOptions, MeshNodeOptions>? change = null)
    {
        var mesh = new BenchMesh();
        var (definition, file) = Define(module);
        var topology = new MeshTopology("bench", SupervisionPolicy.Default, [new GroupDefinition("default", null, policy ?? SupervisionPolicy.Default)],
            [.. Enumerable.Range(0, agents).Select(i => define(i, definition with { Name = $"a{i}" }))]);
        var options = new MeshNodeOptions
        {
            Topology = topology, DataFolder = Path.Combine(mesh.Folder, "data"), Modules = ImmutableDictionary<string, ModuleFile>.Empty.Add(definition.ModuleHash, file),
            Shard = new ShardOptions { MeshName = "bench", MaxCausalDepth = 1 << 19, MaxBacklog = 2_000_000 },
        };
        mesh.options = change?.Invoke(options) ?? options;
        await mesh.RestartAsync();
        await mesh.node.WhenIdleAsync();
        return mesh;
    }

    /// <summary>Ends the node as a crash would.</summary>
    public Task KillAsync() => node.AbortAsync();

    /// <summary>Starts the node on what is in its folder.</summary>
    public async Task RestartAsync() => node = await MeshNode.StartAsync(options);

    /// <summary>A definition that runs one of the guests of the tests.</summary>
    public static (AgentDefinition Definition, ModuleFile File) Define(string module)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Checkout.Root, "tests", "guests", module));
        var definition = new AgentDefinition { Name = "a", ModuleHash = Convert.ToHexStringLower(SHA256.HashData(bytes)), ModuleFile = module, SnapshotEveryTurns = 1_000 };
        return (definition, new ModuleFile(bytes, module));
    }

    /// <summary>Events of 100 bytes on the topics <c>in.0</c>, <c>in.1</c>, … in turn.</summary>
    public static PublishBatch Batch(int from, int count, int topics) => new([.. Enumerable.Range(from, count).Select(i => new MeshEvent
    {
        Topic = $"in.{i % topics}", Id = i.ToString("x", System.Globalization.CultureInfo.InvariantCulture), Source = "/bench", Data = new byte[100],
    })]);

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
