using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A module is tried on a share of a family's keys: real guests that are awake, that sleep, and that come to be later get it or not, over restarts, and the log repeats itself.</summary>
public sealed class CanaryShareTests
{
    private static readonly Tally Good = new(1) { Traps = false };

    /// <summary>Counts tens, from a hundred times what was counted before, and traps on what begins with a t.</summary>
    private static readonly Tally Next = new(2) { Step = 10, Layout = 2, Migrate = Tally.TimesHundred };

    private static readonly string[] Awake = ["a0", "a1", "a2", "a3"], Asleep = ["s0", "s1", "s2", "s3"], New = ["n0", "n1", "n2", "n3"];

    private readonly Dictionary<string, int> events = [];
    private readonly TallyClient client = new();

    private static AgentDefinition Family(Tally tally) => tally.Agent("tally", "in.*") with { Key = new AgentKey(2) };

    private static MeshTopology Mesh(Tally tally) => TallyClient.Resuming(Family(tally));

    [Fact]
    public async Task Those_in_the_share_have_it_first_and_the_others_when_it_is_promoted()
    {
        using var folder = new TestFolder();
        KeyShare share;
        await using (var node = await TryAsync(folder))
        {
            share = (await node.TopologyAsync()).Canaries.Single().Share!;
            await node.AbortAsync(); // it dies right behind the change
        }
        await using (var node = await StartAsync(folder))
        {
            foreach (var key in (string[])[.. Awake, .. Asleep, .. New])
            {
                var before = events.GetValueOrDefault(key);
                await PublishAsync(node, key, "x");
                Assert.Equal(share.Includes($"tally/{key}") ? $"v2:{(before * 100) + 10}" : $"v1:{before + 1}", await TallyClient.LastAsync(node));
            }
            Assert.InRange((await node.TopologyAsync()).Canaries.Single().Living.Under, 1, events.Count - 1);
            await node.DrainAsync();
        }
        await using (var node = await StartAsync(folder))
        {
            var watched = Assert.Single((await node.TopologyAsync()).Canaries);
            Assert.Equal((share, (events.Keys.Count(k => share.Includes($"tally/{k}")), 12)), (watched.Share, watched.Living));
            await PublishAsync(node, Awake[0], "x"); // one that is awake, whichever side it is on
            Assert.Null(await node.PromoteCanaryAsync("tally"));
            foreach (var key in (string[])[.. Awake, .. Asleep, .. New])
            {
                await PublishAsync(node, key, "x");
                Assert.Equal(share.Includes($"tally/{key}") ? Tried(key) : $"v2:{((events[key] - 1) * 100) + 10}", await TallyClient.LastAsync(node));
            }
            Assert.Equal((Next.Hash, null), ((await node.TopologyAsync()).Topology.Agents[0].ModuleHash, (await node.TopologyAsync()).Topology.Agents[0].Canary));
            await node.DrainAsync();
        }
        CheckLog(folder);
    }

    [Fact]
    public async Task If_it_fails_too_often_those_in_the_share_go_back_and_nobody_else_is_touched()
    {
        using var folder = new TestFolder();
        await using (var node = await TryAsync(folder))
        {
            var share = (await node.TopologyAsync()).Canaries.Single().Share!;
            foreach (var key in New) await PublishAsync(node, key, "x");
            await PublishAsync(node, Awake.Concat(Asleep).First(k => !share.Includes($"tally/{k}")), "t0", "t1"); // the version before does not trap on it
            Assert.Equal(0, (await node.TopologyAsync()).Canaries.Single().Failures);
            await PublishAsync(node, Awake.Concat(Asleep).First(k => share.Includes($"tally/{k}")), "t2", "x", "t3");
            Assert.Equal((TopologyAuthor.Canary, 0, null), ((await node.TopologyAsync()).Changes[^1].Author, (await node.TopologyAsync()).Canaries.Count, (await node.TopologyAsync()).Topology.Agents[0].Canary));
            await node.AbortAsync();
            await using var again = await StartAsync(folder);
            foreach (var key in (string[])[.. Awake, .. Asleep, .. New])
            {
                await PublishAsync(again, key, "x");
                Assert.Equal($"v1:{events[key]}", await TallyClient.LastAsync(again));
                Assert.Equal(share.Includes($"tally/{key}"), (await again.AgentAsync($"tally/{key}"))!.Incarnation > 1);
            }
            await again.DrainAsync();
        }
        CheckLog(folder);
    }

    /// <summary>What one has counted that was tried from the change on.</summary>
    private string Tried(string key)
    {
        var before = New.Contains(key) ? 0 : Awake.Contains(key) ? 3 : 2;
        return $"v2:{(before * 100) + ((events[key] - before) * 10)}";
    }

    /// <summary>A node in which some agents sleep and some do not, under a version that is tried on half of them.</summary>
    private async Task<MeshNode> TryAsync(TestFolder folder)
    {
        await using (var first = await StartAsync(folder))
        {
            foreach (var key in (string[])[.. Awake, .. Asleep]) await PublishAsync(first, key, "x", "x");
            await first.DrainAsync();
        }
        var node = await StartAsync(folder);
        foreach (var key in Awake) await PublishAsync(node, key, "x");
        var target = Next.Target(Mesh(Next)) with { Canary = new CanaryPolicy { MaxFailures = 1, ShareBasisPoints = 5_000 } };
        Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(target, null, TopologyAuthor.Operator, "")).Outcome);
        return node;
    }

    private static async Task<MeshNode> StartAsync(TestFolder folder)
    {
        var node = await MeshNode.StartAsync(TallyClient.Options(folder, Good, Mesh(Good)));
        await node.WhenIdleAsync();
        return node;
    }

    private async Task PublishAsync(MeshNode node, string key, params string[] texts)
    {
        events[key] = events.GetValueOrDefault(key) + texts.Length;
        await client.PublishAsync(node, $"in.{key}", texts);
    }

    private static void CheckLog(TestFolder folder)
    {
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        foreach (var key in (string[])[.. Awake, .. Asleep, .. New]) Assert.Null(log.ReplayAgent($"tally/{key}", null, true)!.Divergence);
    }
}
