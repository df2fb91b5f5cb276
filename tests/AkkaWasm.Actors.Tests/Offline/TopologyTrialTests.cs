using System.Text;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Offline;

/// <summary>What the agents of a recorded mesh would have done under another topology.</summary>
public sealed class TopologyTrialTests(RecordedMesh mesh) : IClassFixture<RecordedMesh>
{
    private static readonly string Counter = Encoding.UTF8.GetString(Repository.Guest("counter"));

    private TopologyTarget Target(Func<AgentDefinition, AgentDefinition> change, params string[] names) =>
        new(mesh.Options.Topology with { Agents = [.. mesh.Options.Topology.Agents.Select(a => names.Contains(a.Name) ? change(a) : a)] });

    private TopologyTarget WithModule(string text, params string[] names)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var hash = ModuleStore.HashOf(bytes);
        return Target(a => a with { ModuleHash = hash, ModuleFile = "other.wat" }, names) with { Modules = new Dictionary<string, ModuleFile> { [hash] = new(bytes, "other.wat") } };
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(95)]
    [InlineData(int.MaxValue)]
    public void The_last_turns_begin_with_the_state_that_the_agent_had(int turns)
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var sameModule = log.TryTopology(Target(a => a with { Config = "other"u8.ToArray() }, "counter", "resetting", "family"), new TrialScope { Turns = turns });
        var sameText = log.TryTopology(WithModule(Counter + ";; the same in other bytes", "counter", "resetting"), new TrialScope { Turns = turns });
        Assert.Equal(["counter", "resetting", "family"], sameModule.Definitions.Select(d => d.Definition));
        Assert.Equal(["family/a", "family/b"], sameModule.Definitions[2].Agents.Select(a => a.Agent));
        foreach (var (trial, start) in new[] { (sameModule, TrialStart.TakenOver), (sameText, TrialStart.Replayed) })
        {
            Assert.True(trial.Meets(TrialRequirement.Identical), string.Join(' ', trial.Problems.Select(p => p.Problem)));
            Assert.All(trial.Definitions.SelectMany(d => d.Agents), a => Assert.InRange(a.Turns, 1, turns));
            var counter = trial.Definitions[0].Agents[0];
            Assert.Equal(turns == int.MaxValue ? TrialStart.FirstTurn : start, counter.Start);
            Assert.Equal(turns == int.MaxValue || start == TrialStart.TakenOver, counter.TurnsBefore == 0);
            if (turns < int.MaxValue) Assert.Equal(turns, counter.Turns);
        }
    }

    [Fact]
    public void Turns_that_fail_no_more_are_told_apart_from_those_that_newly_fail()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var mends = log.TryTopology(WithModule(Counter.Replace("(call $trap)", "(nop)", StringComparison.Ordinal), "counter"), new TrialScope { Since = 0 });
        var traps = log.Records().Where(e => e.Agent == "counter").Select(e => e.Record).OfType<TurnRecord>().Where(t => t.Fault?.Code == "unreachable").Select(t => t.Input).Distinct().Count();
        Assert.Equal((traps, traps, 0L), ((int)mends.Mended, (int)mends.QuarantinedMended, mends.NewFailures));
        Assert.Equal((true, false), (mends.Meets(TrialRequirement.NoNewFailures), mends.Meets(TrialRequirement.Identical)));
        var first = mends.Definitions[0].Agents[0].Details[0];
        Assert.Equal((TrialChange.Mended, true, "unreachable"), (first.Change, first.IsQuarantined, first.Recorded.Fault!.Code));

        var muted = log.TryTopology(Target(a => a with { Capabilities = Capabilities.None }, "counter"), new TrialScope { Turns = 10 });
        var counter = Assert.Single(muted.Definitions[0].Agents);
        Assert.Equal((counter.Recorded.Successes, false, true), (muted.NewFailures, muted.Meets(TrialRequirement.NoNewFailures), muted.Meets(TrialRequirement.None)));
        Assert.All(counter.Details.Where(d => d.Recorded.Fault is null), d => Assert.Equal(TrialChange.NewFailure, d.Change));
        Assert.Equal("capabilities.publish", muted.Definitions[0].Fields[0].Field);
    }

    [Fact]
    public void Only_turns_since_a_position_are_compared()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var turns = log.Records().Where(e => e.Agent == "counter").Select(e => e.Record).OfType<TurnRecord>().ToList();
        var since = turns[^30].Offset;
        var trial = log.TryTopology(Target(a => a with { Config = "other"u8.ToArray() }, "counter"), new TrialScope { Since = since });
        Assert.Equal(turns.Where(t => t.Offset >= since).Select(t => t.Input).Distinct().Count(), trial.Turns);
        Assert.Equal(log.TopologyAt().At, trial.BasedOn);
    }

    [Fact]
    public void Of_a_large_family_a_sample_is_tried_and_of_the_rest_what_is_named()
    {
        using var log = OfflineLog.Open(new LogLocation(mesh.Folder) { MaxReplayTurns = 1, Trials = new TrialLimits { MaxAgents = 1, Turns = 7, MaxDetails = 2 } });
        var target = Target(a => a with { Capabilities = Capabilities.None }, "family", "counter", "objects");
        var trial = log.TryTopology(target, new TrialScope());
        Assert.Equal([("counter", 1, 1), ("objects", 1, 1), ("family", 2, 1)], trial.Definitions.Select(d => (d.Definition, d.Living, d.Agents.Length)));
        Assert.All(trial.Definitions, d => Assert.Equal((7, 2), (d.Agents[0].Turns, d.Agents[0].Details.Length)));
        var named = log.TryTopology(target, new TrialScope { Agents = ["family/b", "objects"] });
        Assert.Equal(["objects", "family/b"], named.Definitions.SelectMany(d => d.Agents).Select(a => a.Agent));
        var none = Assert.Throws<MeshNodeException>(() => log.TryTopology(target, new TrialScope { Agents = ["resetting"] }));
        Assert.Equal("The change concerns no living agent 'resetting'; leave the name out to try all that it concerns.", none.Message);
    }

    [Fact]
    public void What_could_not_be_tried_shows_nothing()
    {
        using var hasty = OfflineLog.Open(new LogLocation(mesh.Folder) { Trials = new TrialLimits { MaxTime = TimeSpan.Zero } });
        var over = hasty.TryTopology(Target(a => a with { Config = "other"u8.ToArray() }, "counter"), new TrialScope { Turns = 3 });
        Assert.StartsWith("The time for the trial was over when 0 of 3 turns of agent 'counter' were compared", Assert.Single(over.Problems).Problem, StringComparison.Ordinal);

        using var log = OfflineLog.Open(mesh.Folder);
        var unknown = log.TryTopology(Target(a => a with { ModuleHash = new string('a', 64) }, "counter"), new TrialScope());
        Assert.Contains("cannot be read", Assert.Single(unknown.Problems).Problem, StringComparison.Ordinal);
        Assert.All(new[] { over, unknown }, t => Assert.Equal((false, true), (t.Meets(TrialRequirement.NoNewFailures), t.Meets(TrialRequirement.None))));
        Assert.Empty(log.TryTopology(Target(a => a with { Subscriptions = ["else"], SnapshotEveryTurns = 7 }, "counter"), new TrialScope()).Definitions);
    }
}
