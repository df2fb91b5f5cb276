using System.Text;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Rules in a whole node, which looks once a second.</summary>
public sealed class RuleTests
{
    private static RuleDefinition Rule(string of, RuleSignal signal, double above, params RuleAction[] then) => new()
    {
        Name = "rule", Of = of, When = [new RuleLine(signal, above, above)], For = TimeSpan.Zero, CoolDown = TimeSpan.FromSeconds(2), Then = [.. then],
    };

    private static async Task LookAsync(ManualTime time)
    {
        await time.WhenTimerIsSet(wait => wait == TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
    }

    private static async Task LookUntilAsync(ManualTime time, MeshNode node, RuleStep step)
    {
        while ((await node.RulesAsync())[0].CountOf(step) == 0) await LookAsync(time);
    }

    [Fact]
    public async Task What_waits_for_a_slow_agent_is_shed_and_handled_when_it_is_released()
    {
        var time = new ManualTime();
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("one", "in")) with { Rules = [Rule("one", RuleSignal.Lag, 4, new RuleAction(RuleVerb.Shed) { Keep = 2 })] });
        mesh.Options = mesh.Options with { Time = time, Shard = new ShardOptions { MailboxWindow = 1 } };
        await mesh.StartAsync();
        await mesh.PublishAsync("in", "wait gate");
        await mesh.Guests.WhenAt("gate");
        for (var i = 0; i < 5; i++) await mesh.PublishAsync("in", $"{i}");
        await LookUntilAsync(time, mesh.Node, RuleStep.Acted);
        Assert.Equal((2, 4), ((await mesh.StatusAsync("one")).Pending, (await mesh.StatusAsync("one")).Quarantined));
        Assert.Contains("4 events from", Encoding.UTF8.GetString((await mesh.FirstAsync("mesh.agent.one.shed")).Event.Data.Span), StringComparison.Ordinal);
        await mesh.FirstAsync("mesh.rule.rule");

        mesh.Guests.Open("gate");
        await mesh.Node.WhenIdleAsync();
        Assert.Equal((4, default(string)), await mesh.Node.ReleaseAsync(QuarantineFilter.All));
        await mesh.Node.WhenIdleAsync();
        Assert.Equal(0, (await mesh.StatusAsync("one")).Quarantined);
        for (var i = 0; i < 5; i++) Assert.Contains($"{i}", mesh.Guests.States["one"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_grows_by_a_rule_while_its_member_is_slow()
    {
        var time = new ManualTime();
        var pool = new PoolPolicy { Size = 1, Max = 3, Key = new AgentKey(2), GrowLag = null, GrowAge = null, ShrinkAfter = null };
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("crew", "work.>") with { Pool = pool }) with { Rules = [Rule("crew", RuleSignal.Lag, 3, new RuleAction(RuleVerb.Replicate))] });
        mesh.Options = mesh.Options with { Time = time };
        await mesh.StartAsync();
        await mesh.PublishAsync("work.a", "wait gate");
        await mesh.Guests.WhenAt("gate");
        for (var i = 0; i < 6; i++) await mesh.PublishAsync($"work.k{i}", $"{i}");
        await LookUntilAsync(time, mesh.Node, RuleStep.Acted);
        Assert.Equal((2, PoolCause.Rule), ((await mesh.Node.PoolsAsync())[0].Size, (await mesh.Node.PoolsAsync())[0].Cause));
        mesh.Guests.Open("gate");
        await mesh.Node.WhenIdleAsync();
    }

    [Fact]
    public async Task A_definition_gets_another_module_with_its_state_and_the_log_repeats_itself()
    {
        using var folder = new TestFolder();
        var (time, first, next) = (new ManualTime(), new Tally(1), new Tally(2) { Step = 10 });
        var target = next.Target(Topologies.Of(next.Agent("tally", "in")));
        var replace = new RuleAction(RuleVerb.Replace) { Replacement = new RuleReplacement(target.Topology.Agents[0].ModuleHash, "next.wasm", null) };
        var before = first.Target(Topologies.Of(first.Agent("tally", "in")));
        var options = new MeshNodeOptions
        {
            Topology = before.Topology with { Rules = [Rule("tally", RuleSignal.TurnTime, 1, replace)] }, DataFolder = folder.Data, Time = time,
            Modules = before.Modules.Concat(target.Modules).DistinctBy(m => m.Key).ToDictionary(),
        };
        await using (var node = await MeshNode.StartAsync(options))
        {
            await PublishAsync(node, 0, 5);
            await LookUntilAsync(time, node, RuleStep.Acted);
            await PublishAsync(node, 5, 1);
            Assert.Equal((2, target.Topology.Agents[0].ModuleHash), ((await node.AgentAsync("tally"))!.Incarnation, (await node.TopologyAsync()).Topology.Agents[0].ModuleHash));
            Assert.Equal(TopologyAuthor.Rule, (await node.TopologyAsync()).Changes[^1].Author);
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        Assert.Null(log.ReplayAgent("tally", null, true)!.Divergence);
    }

    private static async Task PublishAsync(MeshNode node, int from, int count)
    {
        for (var i = from; i < from + count; i++) await node.PublishAsync(new PublishBatch([new MeshEvent { Topic = "in", Id = $"{i}", Source = "/t", Data = "1"u8.ToArray() }]));
        await node.WhenIdleAsync();
    }
}
