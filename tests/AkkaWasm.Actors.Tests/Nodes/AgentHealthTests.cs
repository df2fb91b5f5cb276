using System.Text;
using System.Text.Json;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>What a guest says of its health, and what the node sees of it, in a whole mesh.</summary>
public sealed class AgentHealthTests
{
    /// <summary>Says its event as the reason for being degraded; pointers are as wide as its memory.</summary>
    private static string Wat(bool wide)
    {
        var (width, memory) = wide ? ("i64", "i64 1") : ("i32", "1");
        return $"""
            (module
              (import "mesh_v1" "event_read" (func $read (param {width} {width} {width}) (result {width})))
              (import "mesh_v1" "health" (func $health (param i32 {width} {width})))
              (memory (export "memory") {memory})
              (func (export "mesh_handle") (param $size {width}) (result i32)
                (call $health (i32.const 1) ({width}.const 8) (call $read ({width}.const 8) ({width}.const 0) ({width}.const 4096)))
                (i32.const 0)))
            """;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_guest_says_how_it_is_and_everybody_hears_it_once(bool wide)
    {
        var wat = Encoding.UTF8.GetBytes(Wat(wide));
        var hash = ModuleStore.HashOf(wat);
        using var folder = new TestFolder();
        await using var node = await MeshNode.StartAsync(new MeshNodeOptions
        {
            Topology = TestMesh.Topology(new AgentDefinition { Name = "a", ModuleHash = hash, ModuleFile = "a.wat", Subscriptions = ["in"] }), DataFolder = folder.Data,
            Modules = new Dictionary<string, ModuleFile> { [hash] = new(wat, "a.wat") },
        });
        foreach (var (id, text) in ((string, string)[])[("1", "slow"), ("2", "slow"), ("3", "slower")])
            await node.PublishAsync(new PublishBatch([new Mesh.Events.MeshEvent { Topic = "in", Id = id, Source = "/tests", Data = Encoding.UTF8.GetBytes(text) }]));
        await node.WhenIdleAsync();

        var told = new List<string>();
        await foreach (var e in node.StreamAsync(TopicPattern.Parse("mesh.health.>"), 0))
        {
            using var json = JsonDocument.Parse(e.Event.Data);
            told.Add($"{e.Event.Topic} {json.RootElement.GetProperty("level")} {json.RootElement.GetProperty("reason")}");
            if (told.Count == 2) break;
        }

        Assert.Equal(["mesh.health.a degraded slow", "mesh.health.a degraded slower"], told);
        var health = (await node.AgentAsync("a"))!.Health;
        Assert.Equal((AgentHealthLevel.Degraded, "slower"), (health.Level, health.Reported!.Reason));
        Assert.True(health.TurnNs > 0);
        Assert.Equal(64 << 10, health.MemoryBytes);
        Assert.Equal("a", Assert.Single((await node.TopAsync(AgentOrder.Health, 10)).Agents).Name);
    }

    [Fact]
    public async Task The_node_looks_once_a_second_and_says_that_an_agent_lags_and_that_it_does_not_any_more()
    {
        var time = new ManualTime();
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { Health = new HealthPolicy { DegradedLag = 2 } }));
        mesh.Options = mesh.Options with { Time = time };
        await mesh.StartAsync();
        Assert.Null(await mesh.Node.PauseAsync("a"));
        await mesh.PublishAsync("in", "1");
        await mesh.PublishAsync("in", "2");

        await LookAsync();
        var lagging = await mesh.FirstAsync("mesh.health.a");
        Assert.Equal((AgentHealthLevel.Degraded, HealthSignal.Lag), (await HealthAsync(), (await mesh.StatusAsync("a")).Health.Observed!.Signal));
        Assert.Contains("\"signal\":\"lag\"", Encoding.UTF8.GetString(lagging.Event.Data.Span), StringComparison.Ordinal);

        Assert.Null(await mesh.Node.ResumeAsync("a"));
        await mesh.Node.WhenIdleAsync();
        await LookAsync();
        await mesh.FirstAsync("mesh.health.a", e => Encoding.UTF8.GetString(e.Event.Data.Span).Contains("\"level\":\"well\"", StringComparison.Ordinal));
        Assert.Equal(AgentHealthLevel.Well, await HealthAsync());

        async Task<AgentHealthLevel> HealthAsync() => (await mesh.StatusAsync("a")).Health.Level;

        async Task LookAsync()
        {
            await time.WhenTimerIsSet(wait => wait == TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
