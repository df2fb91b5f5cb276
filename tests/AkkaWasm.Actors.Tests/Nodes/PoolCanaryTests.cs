using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A pool of real guests gets another module, is watched, and goes back as a whole: nothing is lost, each key has its events in order, and the log repeats itself.</summary>
public sealed class PoolCanaryTests
{
    private const int Members = 3;

    private static readonly string[] Keys = [.. Enumerable.Range(0, 12).Select(i => $"k{i}")];

    private static readonly Tally Good = new(1) { Traps = false };

    /// <summary>Counts tens, from a hundred times what was counted before, and traps on what begins with a t.</summary>
    private static readonly Tally Next = new(2) { Step = 10, Layout = 2, Migrate = Tally.TimesHundred };

    private readonly TallyClient client = new();

    private static MeshTopology Mesh(Tally tally) => TallyClient.Resuming(tally.Agent("crew", "in.*") with
    {
        Pool = new PoolPolicy { Key = new AgentKey(2), Size = Members, Max = Members + 1, GrowLag = null, GrowAge = null, ShrinkAfter = null },
    });

    [Fact]
    public async Task All_members_go_back_together_and_a_crash_on_the_way_changes_nothing_of_it()
    {
        using var folder = new TestFolder();
        await using (var node = await StartAsync(folder))
        {
            await PublishAsync(node, "x");
            await ApplyAsync(node);
            await PublishAsync(node, "x");
            Assert.All(await CountsAsync(node), count => Assert.StartsWith("v2:", count, StringComparison.Ordinal));
            Assert.Contains("is watched since its change at", await node.ResizePoolAsync("crew", Members + 1), StringComparison.Ordinal);
            await node.AbortAsync(); // what the new version did stands in the log, and so does that it is watched
        }
        await using (var node = await StartAsync(folder))
        {
            Assert.Equal("crew", Assert.Single((await node.TopologyAsync()).Canaries).Definition);
            await PublishAsync(node, "t0", Keys[0], Keys[1]); // the version before does not trap on it
            await PublishAsync(node, "x");
            Assert.Equal((Good.Hash, TopologyAuthor.Canary, 0), await RunningAsync(node));
            await node.AbortAsync();
        }
        await using (var node = await StartAsync(folder))
        {
            await PublishAsync(node, "x");
            var events = (4 * Keys.Length) + 2;
            Assert.All(await node.AgentsAsync(), agent => Assert.Equal((3, 0), (agent.Incarnation, agent.Quarantined)));
            Assert.Equal(events, (await CountsAsync(node)).Sum(count => TallyClient.Parse(count).Count));
            Assert.Null(await node.ResizePoolAsync("crew", Members + 1)); // it is watched no more
            await PublishAsync(node, "x");
            await node.DrainAsync();
        }
        Check(folder);
    }

    [Fact]
    public async Task A_pool_that_holds_its_budget_keeps_the_module_and_what_its_members_had_counted()
    {
        using var folder = new TestFolder();
        await using (var node = await StartAsync(folder))
        {
            await PublishAsync(node, "x");
            var before = await CountsAsync(node);
            await ApplyAsync(node);
            Assert.Null(await node.PromoteCanaryAsync("crew"));
            await PublishAsync(node, "x");
            Assert.Equal(before.Select(count => $"v2:{TallyClient.Parse(count).Count * 110}"), await CountsAsync(node));
            await node.DrainAsync();
        }
        Check(folder);
    }

    private static async Task ApplyAsync(MeshNode node)
    {
        var target = Next.Target(Mesh(Next)) with { Canary = new CanaryPolicy { MaxFailures = 1 } };
        Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(target, null, TopologyAuthor.Operator, "")).Outcome);
    }

    private static async Task<MeshNode> StartAsync(TestFolder folder)
    {
        var node = await MeshNode.StartAsync(TallyClient.Options(folder, Good, Mesh(Good)));
        await node.WhenIdleAsync();
        return node;
    }

    /// <summary>Publishes an event for each key, or for those that are named.</summary>
    private async Task PublishAsync(MeshNode node, string text, params string[] keys)
    {
        foreach (var key in keys.Length > 0 ? keys : Keys) await client.SendAsync(node, $"in.{key}", text);
        await node.WhenIdleAsync();
    }

    private static async Task<(string Module, string Author, int Watched)> RunningAsync(MeshNode node)
    {
        var running = await node.TopologyAsync();
        return (running.Topology.Agents[0].ModuleHash, running.Changes[^1].Author, running.Canaries.Count);
    }

    /// <summary>What each member that ever published told last, by their numbers.</summary>
    private static async Task<string[]> CountsAsync(MeshNode node)
    {
        var counts = new SortedDictionary<int, string>();
        foreach (var (agent, text) in await TallyClient.ToldAsync(node)) counts[agent] = text;
        return [.. counts.Values];
    }

    /// <summary>The log is sound, its turns make the states, and those of each key in each life are in the order of the log.</summary>
    private static void Check(TestFolder folder)
    {
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        for (var member = 1; member <= Members; member++) Assert.Null(log.ReplayAgent($"crew/{member}", null, true)!.Divergence);
        var (keys, last) = (new Dictionary<long, string>(), new Dictionary<(string, int), long>());
        foreach (var record in log.Records().Select(entry => entry.Record))
        {
            if (record is EventRecord { Event: { Origin: EventOrigin.External } e }) keys[e.Offset] = e.Topic;
            if (record is not TurnRecord { Fault: null } turn || !keys.TryGetValue(turn.Input, out var key)) continue;
            Assert.True(last.GetValueOrDefault((key, turn.Incarnation), -1) < turn.Input, $"{key} at {turn.Input}");
            last[(key, turn.Incarnation)] = turn.Input;
        }
    }
}
