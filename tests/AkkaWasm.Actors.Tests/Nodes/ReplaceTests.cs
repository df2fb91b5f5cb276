using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>Living agents get another module: what they have become goes on, whatever way it is moved, and can be rebuilt from the log alone.</summary>
public sealed class ReplaceTests
{
    private static readonly Tally First = new(1) { Saves = true };

    private readonly TallyClient client = new();

    public static TheoryData<string, string> Ways => new()
    {
        { "layout", "v2:15" }, { "layout, which a function gives", "v2:15" }, { "migrate", "v2:510" }, { "save", "v2:1015" }, { "replay", "v2:60" }, { "none", "v2:10" },
    };

    private static Tally Next(string way) => way switch
    {
        "layout" => new Tally(2) { Step = 10 },
        "layout, which a function gives" => new Tally(2) { Step = 10, LayoutCode = "(result i32) (i32.const 1)" },
        "migrate" => new Tally(2) { Step = 10, Layout = 2, Migrate = Tally.TimesHundred },
        "save" => new Tally(2) { Step = 10, Layout = null, LoadAdds = 1_000 },
        _ => new Tally(2) { Step = 10, Layout = null },
    };

    [Theory, MemberData(nameof(Ways))]
    public async Task An_agent_goes_on_under_another_module_and_its_log_repeats_itself(string way, string published)
    {
        using var folder = new TestFolder();
        var next = Next(way);
        var options = Options(folder, First, "tally");
        string hash;
        await using (var node = await MeshNode.StartAsync(options))
        {
            await PublishAsync(node, 5);
            var target = next.Target(Topologies.Of(next.Agent("tally", "in")), way == "none" ? MoveRequest.None : MoveRequest.Auto);
            var plan = (await node.PlanTopologyAsync(target)).Plan;
            Assert.Equal((true, way.Split(',')[0]), (plan.IsPossible, MoveChooser.Word(Assert.Single(plan.Moves).Way)));
            Assert.Equal(TopologyStepKind.AgentReplaced, Assert.Single(plan.Steps).Kind);
            Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(target, null, TopologyAuthor.Operator, "")).Outcome);
            await PublishAsync(node, 1);
            Assert.Equal(published, await TallyClient.LastAsync(node));
            Assert.Equal(2, (await node.AgentAsync("tally"))!.Incarnation);
            hash = (await node.StateHashAsync("tally"))!.Value.ToString();
            await node.AbortAsync();
        }
        await using (var node = await MeshNode.StartAsync(Options(folder, next, "tally")))
        {
            await node.WhenIdleAsync();
            Assert.Equal(hash, (await node.StateHashAsync("tally"))!.Value.ToString());
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        var report = log.ReplayAgent("tally", null, true);
        Assert.Null(report!.Divergence);
        Assert.Equal(hash, report!.StateHash!.Value.ToString());
    }

    [Theory, InlineData("layout"), InlineData("replay")]
    public async Task An_agent_goes_back_to_the_module_before_and_its_log_repeats_itself(string way)
    {
        using var folder = new TestFolder();
        var next = Next(way);
        string hash;
        await using (var node = await MeshNode.StartAsync(Options(folder, First, "tally")))
        {
            await PublishAsync(node, 5);
            await node.ApplyTopologyAsync(next.Target(Topologies.Of(next.Agent("tally", "in"))), null, TopologyAuthor.Operator, "");
            await PublishAsync(node, 2);
            var target = new RewindTarget { PreviousVersion = true };
            Assert.Equal((First.Agent("tally", "in").ModuleHash, 2), ((await node.LookAtRewindAsync("tally", target)).Outlook!.Module, (await node.LookAtRewindAsync("tally", target)).Outlook!.UndoneTurns));
            Assert.Null(await node.RewindAsync("tally", target));
            await PublishAsync(node, 1);
            Assert.Equal("v1:8", await TallyClient.LastAsync(node));
            hash = (await node.StateHashAsync("tally"))!.Value.ToString();
            await node.AbortAsync();
        }
        await using (var node = await MeshNode.StartAsync(Options(folder, next, "tally")))
        {
            await node.WhenIdleAsync();
            Assert.Equal((hash, First.Agent("tally", "in").ModuleHash), ((await node.StateHashAsync("tally"))!.Value.ToString(), (await node.AgentAsync("tally"))!.RunsModule));
            Assert.Contains((await node.PlanTopologyAsync(next.Target(Topologies.Of(next.Agent("tally", "in"))))).Plan.Warnings, w => w.Message.Contains("'tally' went back to an older version", StringComparison.Ordinal));
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        var report = log.ReplayAgent("tally", null, true);
        Assert.Equal((null, hash), (report!.Divergence, report.StateHash!.Value.ToString()));
        var stray = Assert.Single(log.StraysAt());
        Assert.Equal(("tally", First.Agent("tally", "in").ModuleHash), (stray.Agent, stray.RunsAs.ModuleHash));
        Assert.Empty(log.StraysAt(stray.Since.Offset - 1));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_the_reason_and_nothing_changes()
    {
        using var folder = new TestFolder();
        await using var node = await MeshNode.StartAsync(Options(folder, First, "tally"));
        await PublishAsync(node, 5);
        var other = new Tally(2) { Layout = 7 };
        var refused = await node.ApplyTopologyAsync(other.Target(Topologies.Of(other.Agent("tally", "in")), MoveRequest.Layout), null, TopologyAuthor.Operator, "");
        Assert.Equal(TopologyOutcome.Refused, refused.Outcome);
        Assert.Contains("mesh_layout is 1 in the old module and 7 in the new one", Assert.Single(refused.Plan.Problems).Message, StringComparison.Ordinal);
        var bad = new Tally(3) { Layout = 2, Migrate = "(unreachable)" };
        refused = await node.ApplyTopologyAsync(bad.Target(Topologies.Of(bad.Agent("tally", "in"))), null, TopologyAuthor.Operator, "");
        Assert.Equal(TopologyOutcome.Refused, refused.Outcome);
        Assert.Contains("'tally' could not be moved by migrate", Assert.Single(refused.Plan.Problems).Message, StringComparison.Ordinal);
        var loud = new Tally(3) { Layout = 2, Migrate = "(call $publish (i32.const 64) (i32.const 9) (i32.const 64) (i32.const 1)) (i32.const 0)" };
        refused = await node.ApplyTopologyAsync(loud.Target(Topologies.Of(loud.Agent("tally", "in"))), null, TopologyAuthor.Operator, "");
        Assert.Contains("mesh_migrate did something outside the agent", Assert.Single(refused.Plan.Problems).Message, StringComparison.Ordinal);
        foreach (var (code, says) in new[]
                 {
                     ("(result i64) (i64.const 1)", "exports the function 'mesh_layout' as () -> (i64); it has to be () -> (i32)"),
                     ("(result i32) (unreachable)", "The function 'mesh_layout' of the module tally3.wat gives no number: "),
                     ("(result i32) (loop (br 0)) (i32.const 1)", "The function 'mesh_layout' of the module tally3.wat gives no number: "),
                     ("(result i32) (call $publish (i32.const 64) (i32.const 9) (i32.const 64) (i32.const 1)) (i32.const 1)", "The guest called the mesh outside of a turn"),
                 })
        {
            var odd = new Tally(3) { LayoutCode = code };
            refused = await node.ApplyTopologyAsync(odd.Target(Topologies.Of(odd.Agent("tally", "in"))), null, TopologyAuthor.Operator, "");
            Assert.Equal(TopologyOutcome.Refused, refused.Outcome);
            Assert.Contains(says, Assert.Single(refused.Plan.Problems).Message, StringComparison.Ordinal);
        }
        await PublishAsync(node, 1);
        Assert.Equal(("v1:6", 1), (await TallyClient.LastAsync(node), (await node.AgentAsync("tally"))!.Incarnation));
    }

    [Fact]
    public async Task Agents_that_sleep_move_their_state_when_they_wake_twice_if_they_were_replaced_twice()
    {
        using var folder = new TestFolder();
        var (second, third) = (new Tally(2) { Step = 10, Layout = 2, Migrate = Tally.TimesHundred }, new Tally(3) { Step = 1, Layout = 2 });
        AgentDefinition Family(Tally tally) => tally.Agent("tally", "in.*") with { Key = new AgentKey(2), PassivateIdleAfter = TimeSpan.FromMilliseconds(1) };
        var options = Options(folder, First, "tally") with { Topology = Topologies.Of(Family(First)) };
        await using (var node = await MeshNode.StartAsync(options))
        {
            foreach (var key in new[] { "a", "b", "a", "a" }) await PublishAsync(node, 1, $"in.{key}");
            await TallyClient.WhenAsleepAsync(node, "tally/a");
            await TallyClient.WhenAsleepAsync(node, "tally/b");
            Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(second.Target(Topologies.Of(Family(second))), null, TopologyAuthor.Operator, "")).Outcome);
            await PublishAsync(node, 1, "in.b");
            Assert.Equal("v2:110", await TallyClient.LastAsync(node));
            Assert.Equal(TopologyOutcome.Applied, (await node.ApplyTopologyAsync(third.Target(Topologies.Of(Family(third))), null, TopologyAuthor.Operator, "")).Outcome);
            await PublishAsync(node, 1, "in.a");
            Assert.Equal("v3:301", await TallyClient.LastAsync(node));
            await PublishAsync(node, 1, "in.b");
            Assert.Equal("v3:111", await TallyClient.LastAsync(node));
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        foreach (var key in new[] { "a", "b" }) Assert.Null(log.ReplayAgent($"tally/{key}", null, true)!.Divergence);
    }

    [Fact]
    public async Task Under_load_no_event_is_lost_or_handled_twice_and_a_failure_after_the_swap_is_healed()
    {
        using var folder = new TestFolder();
        await using (var node = await MeshNode.StartAsync(Options(folder, First, "tally")))
        {
            var published = Task.Run(async () =>
            {
                for (var i = 0; i < 300; i++) await client.SendAsync(node, "in", "x");
            });
            for (var version = 2; !published.IsCompleted; version++)
            {
                var next = new Tally(2 + (version % 5));
                await node.ApplyTopologyAsync(next.Target(Topologies.Of(next.Agent("tally", "in"))), null, TopologyAuthor.Operator, "");
            }
            await published;
            await node.WhenIdleAsync();
            Assert.Equal("300", (await TallyClient.LastAsync(node)).Split(':')[1]);
            await client.PublishAsync(node, "in", "trap");
            await PublishAsync(node, 1);
            Assert.Equal("301", (await TallyClient.LastAsync(node)).Split(':')[1]);
            await node.DrainAsync();
        }
        using var log = OfflineLog.Open(folder.Data);
        Assert.Empty(log.Verify().Flaws);
        Assert.Null(log.ReplayAgent("tally", null, true)!.Divergence);
    }

    /// <summary>Each round ends the node without a word while a replacement is under way: what runs then is the old version or the new one, with every event.</summary>
    [Fact]
    public async Task A_node_that_dies_while_it_replaces_goes_on_with_the_old_version_or_the_new_one()
    {
        using var folder = new TestFolder();
        var (options, version, events) = (Options(folder, First, "tally"), 1, 0);
        for (var round = 0; round < 6; round++)
        {
            var node = await MeshNode.StartAsync(options);
            await PublishAsync(node, 2);
            events += 2;
            var (was, count) = await TallyClient.LastCountAsync(node);
            Assert.Equal(events, count);
            Assert.InRange(was, version, round + 1);
            version = was;
            var next = new Tally(round + 2);
            var applying = node.ApplyTopologyAsync(next.Target(Topologies.Of(next.Agent("tally", "in"))), null, TopologyAuthor.Operator, "");
            if (round % 3 == 1) await Task.Yield();
            if (round % 3 == 2) Assert.Equal(TopologyOutcome.Applied, (await applying).Outcome);
            await node.AbortAsync();
            if (round % 3 == 2) version = round + 2;
            _ = applying.ContinueWith(answer => answer.Exception, TaskScheduler.Default); // who asked may be told that nobody knows
        }
        await using var last = await MeshNode.StartAsync(options);
        await PublishAsync(last, 1);
        Assert.Equal((7, events + 1), await TallyClient.LastCountAsync(last));
        await last.DrainAsync();
        using var log = OfflineLog.Open(folder.Data);
        Assert.Null(log.ReplayAgent("tally", null, true)!.Divergence);
    }

    private static MeshNodeOptions Options(TestFolder folder, Tally tally, string name) => TallyClient.Options(folder, tally, Topologies.Of(tally.Agent(name, "in")));

    private Task PublishAsync(MeshNode node, int count, string topic = "in") => client.PublishAsync(node, topic, [.. Enumerable.Repeat("x", count)]);
}
