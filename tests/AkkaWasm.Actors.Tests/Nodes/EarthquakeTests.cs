using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>The recorded week on real guests.</summary>
public sealed class EarthquakeTests
{
    [Fact]
    public async Task The_week_is_read_and_healed_to_the_same_state_with_and_without_crashes()
    {
        using var folder = new TestFolder();
        var straight = await RunAsync(Earthquakes.Options(Path.Combine(folder.Path, "straight")), crashes: 0);
        var broken = await RunAsync(Earthquakes.Options(Path.Combine(folder.Path, "broken")), crashes: 3);

        Assert.Equal(1_707, straight.Totals.EventsIn);
        Assert.Equal((44L, 44L), (straight.Totals.Healed, straight.Totals.Quarantined));
        Assert.Equal(44, straight.Totals.Failures[FaultKind.Trap]);
        Assert.Equal(States(straight), States(broken));
        Assert.Equal(Published(straight), Published(broken));
    }

    [Fact]
    public async Task A_second_run_on_the_same_folder_changes_nothing()
    {
        using var folder = new TestFolder();
        var first = await RunAsync(Earthquakes.Options(folder.Data), crashes: 0);
        var second = await RunAsync(Earthquakes.Options(folder.Data), crashes: 0);

        Assert.Equal((0L, 0L), (second.ThisRun.EventsIn, second.ThisRun.Turns));
        Assert.Equal(States(first), States(second));
    }

    private static IEnumerable<KeyValuePair<string, long>> Published(MeshSummary summary) =>
        summary.Totals.EventsByFirstToken.Where(t => t.Key != "mesh").OrderBy(t => t.Key, StringComparer.Ordinal);

    private static IEnumerable<(string, Mesh.StateHash?)> States(MeshSummary summary) => summary.Agents.Select(a => (a.Status.Name, a.StateHash));

    private static async Task<MeshSummary> RunAsync(MeshNodeOptions options, int crashes)
    {
        for (; crashes > 0; crashes--)
        {
            var failing = await MeshNode.StartAsync(options);
            await foreach (var _ in failing.StreamAsync(Mesh.Topics.TopicPattern.Parse("quake.>"), 0)) break;
            await failing.AbortAsync();
        }
        await using var node = await MeshNode.StartAsync(options);
        await node.WhenIdleAsync();
        return await node.SummaryAsync();
    }
}
