using System.Text;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Images that are written as a manifest and the pages that changed.</summary>
public sealed class LargeImageTests : IDisposable
{
    private const int MemoryPages = 512;

    /// <summary>Fills 2 MiB, each page with another content, then changes one page with every event.</summary>
    private const string Wide = """
        (module (memory (export "memory") 32)
          (global $turn (mut i32) (i32.const 0))
          (func (export "mesh_init") (result i32) (local $at i32)
            (loop $more
              (i32.store (local.get $at) (i32.add (local.get $at) (i32.const 1)))
              (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4096))) (i32.const 2097152))))
            (i32.const 0))
          (func (export "mesh_handle") (param i32) (result i32)
            (global.set $turn (i32.add (global.get $turn) (i32.const 1)))
            (i32.store offset=8 (i32.mul (i32.rem_u (global.get $turn) (i32.const 512)) (i32.const 4096)) (global.get $turn))
            (i32.const 0)))
        """;

    private static readonly byte[] Module = Encoding.UTF8.GetBytes(Wide);

    private readonly TestFolder folder = new();

    private static AgentDefinition Agent => new()
    {
        Name = "wide", ModuleHash = ModuleStore.HashOf(Module), ModuleFile = "wide.wat", Subscriptions = ["in"], SnapshotEveryTurns = 10, SnapshotAtMostEvery = TimeSpan.Zero,
    };

    private MeshNodeOptions Options => new()
    {
        Topology = Topologies.Of(Agent), DataFolder = folder.Data, Modules = new Dictionary<string, ModuleFile> { [Agent.ModuleHash] = new(Module, "wide.wat") },
    };

    [Fact]
    public async Task An_image_costs_what_changed_since_the_one_before_and_restores_the_whole()
    {
        var hash = await RunAsync(0, 60);

        // 512 pages at first, then 10 changed ones with each of the images after it
        Assert.InRange(Count(), MemoryPages, MemoryPages + 60);
        Assert.InRange(SizeOfSnapshots(), 1, 8 * 64 << 10);
        Assert.Equal(hash, await RunAsync(60, 0));
        Assert.Equal(await RunAsync(60, 15), await RunAsync(75, 0));
    }

    [Theory]
    [InlineData("DELETE FROM image_part WHERE rowid > 512")]
    [InlineData("UPDATE image_part SET content = zeroblob(4096) WHERE rowid > 512")]
    public async Task A_missing_or_damaged_page_is_named_and_the_agent_is_rebuilt_from_what_is_sound(string damage)
    {
        var hash = await RunAsync(0, 55);
        Execute(damage);
        using (var log = OfflineLog.Open(folder.Data)) Assert.Contains(log.Verify().Flaws, flaw => flaw.Message.Contains("missing or damaged", StringComparison.Ordinal));

        await using (var node = await MeshNode.StartAsync(Options))
        {
            Assert.Equal(hash, await node.StateHashAsync("wide"));
            var refused = new List<CommittedEvent>();
            await foreach (var e in node.CommittedAsync(Mesh.Topics.TopicPattern.Parse("mesh.agent.wide.image-refused"))) refused.Add(e);
            var detail = Encoding.UTF8.GetString(Assert.Single(refused).Event.Data.Span);
            Assert.True(detail.Contains("missing or damaged", StringComparison.Ordinal), detail);
            await node.DrainAsync();
        }
        Assert.Equal(hash, await RunAsync(55, 0));
    }

    [Fact]
    public async Task A_sound_log_with_large_images_is_found_sound()
    {
        await RunAsync(0, 30);
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
    }

    public void Dispose() => folder.Dispose();

    private async Task<Mesh.StateHash?> RunAsync(int from, int events)
    {
        await using var node = await MeshNode.StartAsync(Options);
        for (var i = 0; i < events; i++)
        {
            await node.PublishAsync(new PublishBatch([new MeshEvent { Topic = "in", Id = $"{from + i}", Source = "/test", Data = "x"u8.ToArray() }]));
            if (i % 10 == 9) await node.WhenIdleAsync();
        }
        await node.WhenIdleAsync();
        var hash = await node.StateHashAsync("wide");
        await node.DrainAsync();
        return hash;
    }

    private long Count() => (long)Query("SELECT count(*) FROM image_part")!;

    private long SizeOfSnapshots() => (long)Query("SELECT sum(length(snapshot)) FROM snapshot WHERE persistence_id = 'agent-wide'")!;

    private void Execute(string sql) => Query(sql);

    private object? Query(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder.Data, "snapshots.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
