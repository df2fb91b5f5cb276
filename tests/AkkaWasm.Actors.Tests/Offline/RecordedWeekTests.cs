using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Topology;
using Xunit.Abstractions;

namespace AkkaWasm.Actors.Tests.Offline;

/// <summary>The recorded week, interrupted once on the way, looked at without a node.</summary>
public sealed class RecordedWeekTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_log_is_sound_and_every_agent_does_what_it_did()
    {
        var options = Earthquakes.Options(folder.Data);
        var failing = await MeshNode.StartAsync(options);
        await foreach (var _ in failing.StreamAsync(Mesh.Topics.TopicPattern.Parse("quake.>"), 0)) break;
        await failing.AbortAsync();
        MeshSummary summary;
        await using (var node = await MeshNode.StartAsync(options))
        {
            await node.WhenIdleAsync();
            summary = await node.SummaryAsync();
        }

        using var log = OfflineLog.Open(folder.Data);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var verified = log.Verify();
        output.WriteLine($"verify: {verified.Blocks} blocks, {verified.Records} records in {clock.ElapsedMilliseconds} ms");
        Assert.Empty(verified.Flaws);

        clock.Restart();
        var histogram = log.ReplayAgent("histogram")!;
        output.WriteLine($"replay histogram: {histogram.Turns} turns, {histogram.Failures} failures in {clock.ElapsedMilliseconds} ms");
        Assert.Equal((1_636, 44, true), (histogram.Turns, histogram.Failures, histogram.IsFaithful));
        Assert.Empty(histogram.Skipped);
        foreach (var agent in summary.Agents)
        {
            var report = log.ReplayAgent(agent.Status.Name)!;
            Assert.True(report.IsFaithful, report.Divergence?.Message);
            Assert.Equal(agent.StateHash, report.StateHash);
            Assert.Equal(agent.Status.Turns, report.Turns + report.Failures + report.Skipped.Length);
        }
        ExactlyTheQuarantinedTurnsChange(log, options.Topology, summary.Agents.Single(a => a.Status.Name == "histogram").Status.Quarantined);
    }

    /// <summary>What a histogram that takes negative magnitudes would have done, alone and as a change of the topology.</summary>
    private static void ExactlyTheQuarantinedTurnsChange(IOfflineLog log, MeshTopology topology, int quarantined)
    {
        var target = Earthquakes.WithSignedHistogram(topology);
        var module = Assert.Single(target.Modules.Values);
        var trial = log.Try("histogram", new TrialVersion(module.Bytes, module.File, null))!;
        Assert.Equal((44, 44L, 0L), (quarantined, trial.Differing, trial.Other.Failures));
        Assert.All(trial.Details, turn => Assert.Equal(("unreachable", null), (turn.Recorded.Fault?.Code, turn.Other.Fault)));
        Assert.Equal((1_680, 1_636, 1_680), (trial.Turns, trial.Recorded.Successes, trial.Other.Successes));

        var all = log.TryTopology(target, new TrialScope { Since = 0 });
        Assert.Equal((1_680, 44, 44, 44, 0), (all.Turns, all.Differing, all.Mended, all.QuarantinedMended, all.NewFailures));
        var histogram = Assert.Single(Assert.Single(all.Definitions).Agents);
        Assert.Equal((44, TrialStart.FirstTurn, null), (histogram.Quarantined, histogram.Start, histogram.Problem));
        Assert.Equal((true, false), (all.Meets(TrialRequirement.NoNewFailures), all.Meets(TrialRequirement.Identical)));
        var lately = log.TryTopology(target, new TrialScope { Turns = 400 });
        Assert.Equal((400, TrialStart.TakenOver), (lately.Turns, lately.Definitions[0].Agents[0].Start));
        Assert.Equal(histogram.Details.Skip(44 - (int)lately.Differing).Select(d => d.Input.Position), lately.Definitions[0].Agents[0].Details.Select(d => d.Input.Position));
    }
}
