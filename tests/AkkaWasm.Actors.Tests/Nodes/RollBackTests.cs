using System.Text.Json;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A module that fails within its watch: real guests go back to the one before, with the states that they had, and the log repeats itself.</summary>
public sealed class RollBackTests
{
    private static readonly CanaryPolicy Budget = new() { MaxFailures = 1 };

    private static readonly Tally Good = new(1) { Traps = false, Saves = true };

    private readonly TallyClient client = new();

    public static TheoryData<string> Ways => ["layout", "migrate", "save", "replay", "none"];

    /// <summary>Counts tens and traps on what begins with a t.</summary>
    private static Tally Bad(string way = "layout") => way switch
    {
        "layout" => new Tally(2) { Step = 10 },
        "migrate" => new Tally(2) { Step = 10, Layout = 2, Migrate = Tally.TimesHundred },
        "save" => new Tally(2) { Step = 10, Layout = null, LoadAdds = 1_000 },
        _ => new Tally(2) { Step = 10, Layout = null },
    };

    private static AgentDefinition Single(Tally tally) => tally.Agent("tally", "in");

    private static AgentDefinition Family(Tally tally) => tally.Agent("tally", "in.*") with { Key = new AgentKey(2) };

    [Theory, MemberData(nameof(Ways))]
    public async Task An_agent_counts_on_from_before_and_its_log_repeats_itself(string way)
    {
        using var folder = new TestFolder();
        string hash;
        await using (var node = await MeshNode.StartAsync(Options(folder, Single(Good))))
        {
            await client.PublishAsync(node, "in", "x", "x", "x");
            await ApplyAsync(node, Bad(way), Single(Bad(way)), way == "none" ? MoveRequest.None : MoveRequest.Auto);
            await client.PublishAsync(node, "in", "x", "t1", "x", "t2");
            await client.PublishAsync(node, "in", "x"); // what the bad version handled is not told again
            Assert.Equal("v1:8", await TallyClient.LastAsync(node));
            var running = await node.TopologyAsync();
            Assert.Equal((TopologyAuthor.Canary, Good.Hash, 0), (running.Changes[^1].Author, running.Topology.Agents[0].ModuleHash, running.Canaries.Count));
            Assert.Equal((3, 0), ((await node.AgentAsync("tally"))!.Incarnation, (await node.AgentAsync("tally"))!.Quarantined));
            var told = JsonDocument.Parse(await OnlyAsync(node, Shard.RolledBackTopic)).RootElement;
            Assert.Equal(["tally"], told.GetProperty("agents").EnumerateArray().Select(a => a.GetString()));
            Assert.Equal(told.GetProperty("emitted_since").GetInt64(), (await TallyClient.ToldAsync(node)).Count(told => told.Text.StartsWith("v2", StringComparison.Ordinal)));
            hash = (await node.StateHashAsync("tally"))!.Value.ToString();
            await node.AbortAsync();
        }
        await using (var node = await MeshNode.StartAsync(Options(folder, Single(Good))))
        {
            await node.WhenIdleAsync();
            Assert.Equal(hash, (await node.StateHashAsync("tally"))!.Value.ToString());
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        var report = log.ReplayAgent("tally", null, true);
        Assert.Null(report!.Divergence);
        Assert.Equal(hash, report.StateHash!.Value.ToString());
        Assert.Equal(Bad(way).Hash, log.TopologyAt(log.Topologies().First(t => t.Change.Author == TopologyAuthor.Operator).At.Offset).Topology.Agents[0].ModuleHash);
    }

    [Fact]
    public async Task Those_that_sleep_and_those_that_came_to_be_since_go_back_too()
    {
        using var folder = new TestFolder();
        var bad = Bad("migrate");
        await using (var node = await MeshNode.StartAsync(Options(folder, Family(Good) with { PassivateIdleAfter = TimeSpan.FromMilliseconds(1) })))
        {
            foreach (var key in new[] { "a", "b" }) await client.PublishAsync(node, $"in.{key}", "x", "x");
            foreach (var key in new[] { "a", "b" }) await TallyClient.WhenAsleepAsync(node, $"tally/{key}");
            await ApplyAsync(node, bad, Family(bad) with { PassivateIdleAfter = TimeSpan.FromMilliseconds(1) });
            await client.PublishAsync(node, "in.b", "x");
            await client.PublishAsync(node, "in.new", "x", "t1", "x", "t2");
            foreach (var (key, count) in new[] { ("a", 3), ("b", 4), ("new", 5) })
            {
                await client.PublishAsync(node, $"in.{key}", "x");
                Assert.Equal($"v1:{count}", await TallyClient.LastAsync(node));
            }
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        foreach (var key in new[] { "a", "b", "new" }) Assert.Null(log.ReplayAgent($"tally/{key}", null, true)!.Divergence);
    }

    /// <summary>Each round ends the node without a word while a bad version is watched, or on its way back: what runs then is the old version or the new one, with every event.</summary>
    [Fact]
    public async Task A_node_that_dies_meanwhile_goes_on_with_the_new_version_or_the_old_one()
    {
        using var folder = new TestFolder();
        var (options, events) = (Options(folder, Single(Good)), 0);
        for (var round = 0; round < 6; round++)
        {
            var node = await MeshNode.StartAsync(options);
            await node.WhenIdleAsync();
            if ((await node.TopologyAsync()).Topology.Agents[0].ModuleHash == Good.Hash) await ApplyAsync(node, Bad(), Single(Bad()));
            await client.PublishAsync(node, "in", "x");
            await client.SendAsync(node, "in", "t", "t"); // taken and committed, perhaps not handled
            events += 3;
            for (var i = 0; i < 3 * round * round; i++) await Task.Yield();
            await node.AbortAsync();
        }
        await using (var back = await MeshNode.StartAsync(options))
        {
            await client.PublishAsync(back, "in", "t", "t", "x");
            Assert.Equal((1, events + 3), await TallyClient.LastCountAsync(back));
            await back.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Null(log.ReplayAgent("tally", null, true)!.Divergence);
    }

    private static async Task ApplyAsync(MeshNode node, Tally tally, AgentDefinition agent, MoveRequest way = MoveRequest.Auto) =>
        Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(tally.Target(TallyClient.Resuming(agent), way) with { Canary = Budget }, null, TopologyAuthor.Operator, "")).Outcome);

    private static MeshNodeOptions Options(TestFolder folder, AgentDefinition agent) => TallyClient.Options(folder, Good, TallyClient.Resuming(agent));

    private static async Task<ReadOnlyMemory<byte>> OnlyAsync(MeshNode node, string topic)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        await foreach (var e in node.CommittedAsync(TopicPattern.Parse(topic))) found.Add(e.Event.Data);
        return Assert.Single(found);
    }
}
