using System.Collections.Immutable;
using System.Text;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Tests.Offline;

/// <summary>
/// A data folder that a node wrote in two runs: guests that count, fail in every way and are healed, a family, images, hashes. Each test gets a
/// copy.
/// </summary>
public sealed class RecordedMesh : IAsyncLifetime, IDisposable
{
    public const int Batches = 40;
    public const int BatchEvents = 5;

    private readonly TestFolder folder = new();

    /// <summary>The folder as the node left it.</summary>
    public string Folder => folder.Data;

    /// <summary>The folder as it was while the node ran.</summary>
    public string RunningFolder => Path.Combine(folder.Path, "running");

    /// <summary>Hash of the state of each agent at the end.</summary>
    public IReadOnlyDictionary<string, StateHash?> Hashes { get; private set; } = ImmutableDictionary<string, StateHash?>.Empty;

    /// <summary>What was found while the node ran.</summary>
    public LogVerification? WhileRunning { get; private set; }

    public async Task InitializeAsync()
    {
        await using (var node = await MeshNode.StartAsync(Options))
        {
            await PublishAsync(node, 0, Batches / 2);
            using (var log = OfflineLog.Open(Folder)) WhileRunning = log.Verify();
            CopyTo(Folder, RunningFolder);
            await node.DrainAsync();
        }
        await using (var node = await MeshNode.StartAsync(Options))
        {
            await PublishAsync(node, Batches / 2, Batches);
            Hashes = (await node.SummaryAsync()).Agents.ToDictionary(a => a.Status.Name, a => a.StateHash);
            await node.DrainAsync();
        }
        SqliteConnection.ClearAllPools();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => folder.Dispose();

    /// <summary>A copy of the folder, to be damaged.</summary>
    internal DataCopy Copy() => new(Folder);

    internal static void CopyTo(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file).StartsWith("node.", StringComparison.Ordinal)) continue;
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var target = File.Create(copy);
            source.CopyTo(target);
        }
    }

    /// <summary>What the node ran.</summary>
    internal MeshNodeOptions Options
    {
        get
        {
            var objects = Encoding.UTF8.GetBytes(ReplayTests.CounterWithGcState());
            var quick = AgentLimits.Default with { Deadline = TimeSpan.FromMilliseconds(100) };
            return new MeshNodeOptions
            {
                DataFolder = Folder,
                Topology = Topologies.Of(
                    [Group("restarting", HealingDirective.Restart), Group("resetting", HealingDirective.Reset)],
                    Topologies.Wat("counter", "counter", "in.>") with { Group = "restarting", SnapshotEveryTurns = 30, HashEveryTurns = 8, Limits = quick },
                    Topologies.Wat("resetting", "counter", "in.a") with { Group = "resetting", HashEveryTurns = 4 },
                    Topologies.Wat("objects", "counter", "in.b") with { Group = "restarting", HashEveryTurns = 4, ModuleHash = ModuleStore.HashOf(objects), ModuleFile = "objects.wat", Limits = quick },
                    Topologies.Wat("family", "echo", "in.>") with { Key = new AgentKey(2) }),
                Modules = new Dictionary<string, ModuleFile>(Topologies.Modules("counter", "echo")) { [ModuleStore.HashOf(objects)] = new ModuleFile(objects, "objects.wat") },
            };
        }
    }

    private static GroupDefinition Group(string name, HealingDirective directive) =>
        new(name, null, SupervisionPolicy.Default with { Directive = directive, MaxNrOfRetries = -1, MinBackoff = TimeSpan.Zero, MaxBackoff = TimeSpan.Zero });

    private static async Task PublishAsync(MeshNode node, int from, int to)
    {
        for (var batch = from; batch < to; batch++)
            Assert.True((await node.PublishAsync(new PublishBatch([.. Enumerable.Range(batch * BatchEvents, BatchEvents).Select(EventOf)]))).IsAccepted);
        await node.WhenIdleAsync();
    }

    private static MeshEvent EventOf(int number) => new()
    {
        Topic = number % 3 == 0 ? "in.a" : "in.b", Id = $"e{number}", Source = "/tests", Data = Encoding.ASCII.GetBytes(WordOf(number)),
    };

    private static string WordOf(int number) => number switch
    {
        77 => "loop",
        _ when number % 20 == 10 => "trap",
        _ when number % 50 == 7 => "status",
        _ when number % 50 == 8 => "fail",
        _ when number % 50 == 9 => "div",
        _ => "plain",
    };
}
