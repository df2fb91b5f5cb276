using AkkaWasm.Actors.Tests.Support;
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
    }
}
