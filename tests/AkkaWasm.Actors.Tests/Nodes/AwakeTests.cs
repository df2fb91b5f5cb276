using System.Globalization;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>More agents than may be awake: the least recently used sleep, and nothing else changes.</summary>
public sealed class AwakeTests
{
    private static async Task<TestMesh> StartAsync(GuestEngineOptions engine, Func<long>? resident = null, params AgentDefinition[] others)
    {
        var mesh = new TestMesh(TestMesh.Topology([TestMesh.Agent("f", "in.*") with { Key = new AgentKey(2) }, .. others]));
        mesh.Options = mesh.Options with { Engine = engine };
        if (resident is not null) mesh.Options = mesh.Options with { ResidentBytes = resident };
        return await mesh.StartAsync();
    }

    private static async Task HandleAsync(TestMesh mesh, int keys, string text)
    {
        for (var at = 0; at < keys; at += 500)
        {
            var events = Enumerable.Range(at, Math.Min(500, keys - at)).Select(key => new MeshEvent
            {
                Topic = $"in.{key}", Id = $"{text}-{key}", Source = "/test", Data = System.Text.Encoding.UTF8.GetBytes(text),
            });
            Assert.True((await mesh.Node.PublishAsync(new PublishBatch([.. events]))).IsAccepted);
        }
        await mesh.Node.WhenIdleAsync();
    }

    [Fact]
    public async Task Three_thousand_keys_live_with_a_hundred_awake()
    {
        const int keys = 3_000;
        await using var mesh = await StartAsync(new GuestEngineOptions { MaxAwake = 100 }, null, TestMesh.Agent("plain", "in.*"));

        await HandleAsync(mesh, keys, "one");
        await HandleAsync(mesh, 300, "two");

        Assert.InRange(mesh.Guests.MostLive, 90, 100);
        Assert.All(Enumerable.Range(0, keys), key => Assert.Equal(key < 300 ? "init one two" : "init one", mesh.Guests.States[$"f/{key.ToString(CultureInfo.InvariantCulture)}"]));
        var load = mesh.Node.Status.Load;
        Assert.Equal((keys + 1, 0), (load.Awake + load.Asleep, load.Queued));
        Assert.InRange(load.Sleeps, keys - 100, 2 * keys);
        Assert.Equal(0, (await mesh.Node.AgentsAsync()).Sum(a => a.Failures));
    }

    [Fact]
    public async Task The_state_of_an_agent_that_made_room_outlives_a_crash()
    {
        await using var mesh = await StartAsync(new GuestEngineOptions { MaxAwake = 2 });
        await HandleAsync(mesh, 6, "one");
        var hashes = new List<string?>();
        for (var key = 0; key < 6; key++) hashes.Add((await mesh.Node.StateHashAsync($"f/{key}"))?.ToString());

        await mesh.CrashAsync();
        for (var key = 0; key < 6; key++) Assert.Equal(hashes[key], (await mesh.Node.StateHashAsync($"f/{key}"))?.ToString());
        await HandleAsync(mesh, 6, "two");

        Assert.All(Enumerable.Range(0, 6), key => Assert.Equal("init one two", mesh.Guests.States[$"f/{key}"]));
        Assert.InRange(mesh.Guests.MostLive, 1, 2);
    }

    [Fact]
    public async Task Where_the_host_has_no_room_for_a_guest_others_sleep_and_nothing_is_lost()
    {
        await using var mesh = await StartAsync(new GuestEngineOptions { MaxAwake = 1_000 });
        mesh.Guests.Room = 20;

        await HandleAsync(mesh, 200, "one");
        await HandleAsync(mesh, 200, "two");

        Assert.Equal(20, mesh.Guests.MostLive);
        Assert.All(Enumerable.Range(0, 200), key => Assert.Equal("init one two", mesh.Guests.States[$"f/{key}"]));
        Assert.All(await mesh.Node.AgentsAsync(), agent => Assert.Equal((0L, 0), (agent.Failures, agent.Quarantined)));
    }

    [Fact]
    public async Task Images_of_those_that_go_to_sleep_wait_for_more_to_go_with_them_and_for_nothing_when_the_node_ends()
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("f", "in.*") with { Key = new AgentKey(2) }));
        await using var _ = mesh;
        mesh.Options = mesh.Options with { Engine = new GuestEngineOptions { MaxAwake = 1 }, Shard = mesh.Options.Shard with { SaveImagesEvery = TimeSpan.FromDays(1), MaxImagesInFlight = 4 } };
        await mesh.StartAsync();

        for (var key = 0; key < 5; key++) await mesh.HandleAsync($"in.{key}", "x");
        await WhenUnsavedAsync(mesh, 3); // the first went at once
        await mesh.HandleAsync("in.5", "x");
        await WhenUnsavedAsync(mesh, 0);
        for (var key = 6; key < 9; key++) await mesh.HandleAsync($"in.{key}", "x");
        await WhenUnsavedAsync(mesh, 3);

        await mesh.RestartAsync();

        Assert.All(await mesh.Node.AgentsAsync(), agent => Assert.Equal((2L, 0), (agent.Turns, agent.TurnsSinceImage)));
    }

    private static async Task WhenUnsavedAsync(TestMesh mesh, int images)
    {
        while (mesh.Node.Status.Load.UnsavedImages != images) await Task.Delay(10);
    }

    [Theory]
    [InlineData(GuestAllocation.Fast, 40)]
    [InlineData(GuestAllocation.Dense, 3)]
    public async Task At_the_limit_of_mappings_instances_give_way_to_others(GuestAllocation allocation, int mappings)
    {
        if (!OperatingSystem.IsLinux()) return;
        await using var folder = new FolderOf(Topologies.Of(Topologies.Wat("f", "counter", "in.*") with { Key = new AgentKey(2) }));
        var options = folder.Options with
        {
            Modules = Topologies.Modules("counter"), Engine = new GuestEngineOptions { Allocation = allocation, MaxMappings = mappings, MaxAwake = allocation == GuestAllocation.Fast ? 1_000 : 30 },
        };
        await using var node = await MeshNode.StartAsync(options);
        foreach (var round in new[] { "a", "b" })
        {
            var events = Enumerable.Range(0, 100).Select(key => new MeshEvent { Topic = $"in.{key}", Id = $"{round}{key}", Source = "/test", Data = "x"u8.ToArray() });
            Assert.True((await node.PublishAsync(new PublishBatch([.. events]))).IsAccepted);
            await node.WhenIdleAsync();
        }

        var agents = await node.AgentsAsync();
        Assert.All(agents, agent => Assert.Equal((3L, 0L), (agent.Turns, agent.Failures)));
        Assert.InRange(agents.Count(a => a.State == AgentState.Running), 1, allocation == GuestAllocation.Fast ? mappings / 2 : 30);
    }

    [Fact]
    public async Task While_memory_is_short_fewer_agents_stay_awake()
    {
        var (time, resident) = (new ManualTime(), 0L);
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("f", "in.*") with { Key = new AgentKey(2) }));
        await using var _ = mesh;
        mesh.Options = mesh.Options with { Engine = new GuestEngineOptions { MaxAwake = 1_000, MaxMemoryBytes = 1_000 }, ResidentBytes = () => Volatile.Read(ref resident), Time = time };
        await mesh.StartAsync();
        await HandleAsync(mesh, 64, "one");
        Assert.Equal(64, mesh.Guests.MostLive);

        Volatile.Write(ref resident, 1_001);
        while (mesh.Node.Status.Load.MaxAwake > AwakeGovernor.LeastAwake)
        {
            await time.WhenTimerIsSet(wait => wait == TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromSeconds(1));
        }
        int awake;
        do awake = (await mesh.Node.AgentsAsync()).Count(a => a.State == AgentState.Running);
        while (awake > AwakeGovernor.LeastAwake);

        Assert.Equal((AwakeGovernor.LeastAwake, AwakeGovernor.LeastAwake, 1_001L), (awake, mesh.Node.Status.Load.MaxAwake, mesh.Node.Status.Load.ResidentBytes));
        await HandleAsync(mesh, 64, "two");
        Assert.All(Enumerable.Range(0, 64), key => Assert.Equal("init one two", mesh.Guests.States[$"f/{key}"]));
    }

    [Fact]
    public void The_governor_lowers_by_a_share_holds_and_comes_back()
    {
        var governor = new AwakeGovernor(1_000, 100);
        Assert.False(governor.Look(100, 800));
        Assert.Equal(1_000, governor.MaxAwake);
        Assert.True(governor.Look(101, 800));
        Assert.Equal(750, governor.MaxAwake);
        Assert.False(governor.Look(101, 750));
        Assert.Equal(704, governor.MaxAwake);
        governor.Look(95, 704);
        Assert.Equal(704, governor.MaxAwake);
        for (var i = 0; i < 100; i++) governor.Look(101, Math.Min(20, governor.MaxAwake));
        Assert.Equal(AwakeGovernor.LeastAwake, governor.MaxAwake);
        for (var i = 0; i < 100; i++) governor.Look(10, governor.MaxAwake);
        Assert.Equal(1_000, governor.MaxAwake);
    }

    /// <summary>Options with a folder that is gone afterwards.</summary>
    private sealed class FolderOf(MeshTopology topology) : IAsyncDisposable
    {
        private readonly TestFolder folder = new();

        public MeshNodeOptions Options => new() { Topology = topology, DataFolder = folder.Data };

        public ValueTask DisposeAsync()
        {
            folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
