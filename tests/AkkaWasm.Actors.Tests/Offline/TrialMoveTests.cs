using System.Text;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Tests.Offline;

/// <summary>A trial of another module begins with the state that a change of the topology would give it.</summary>
public sealed class TrialMoveTests : IAsyncLifetime, IDisposable
{
    private const int Events = 10;

    private static readonly Tally Good = new(1) { Traps = false, Saves = true };

    private readonly TestFolder folder = new();

    public static TheoryData<MoveRequest, TrialStart, string> Ways => new()
    {
        { MoveRequest.Auto, TrialStart.TakenOver, "v2:17" },
        { MoveRequest.Layout, TrialStart.TakenOver, "v2:17" },
        { MoveRequest.Migrate, TrialStart.Migrated, "v2:710" },
        { MoveRequest.Save, TrialStart.Loaded, "v2:1017" },
        { MoveRequest.Replay, TrialStart.Replayed, "v2:80" },
        { MoveRequest.None, TrialStart.BegunAnew, "v2:10" },
    };

    /// <summary>A version to whose state every way leads, each to another one.</summary>
    private static readonly Tally Next = new(2) { Step = 10, Migrate = Tally.TimesHundred, LoadAdds = 1_000 };

    public async Task InitializeAsync()
    {
        await using var node = await MeshNode.StartAsync(new MeshNodeOptions
        {
            Topology = Topologies.Of(Good.Agent("tally", "in")), DataFolder = folder.Data, Modules = new Dictionary<string, ModuleFile> { [Good.Hash] = Good.File },
        });
        for (var i = 0; i < Events; i++) await node.PublishAsync(new PublishBatch([new MeshEvent { Topic = "in", Id = $"e{i}", Source = "/t", Data = "x"u8.ToArray() }]));
        await node.WhenIdleAsync();
        await node.DrainAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => folder.Dispose();

    private TrialReport Try(Tally tally, MoveRequest way)
    {
        using var log = OfflineLog.Open(folder.Data);
        return log.TryTopology(tally.Target(Topologies.Of(tally.Agent("tally", "in")), way), new TrialScope { Turns = 3 }).Definitions[0].Agents[0];
    }

    [Theory, MemberData(nameof(Ways))]
    public void It_begins_by_the_way_that_was_asked_for_or_the_cheapest(MoveRequest way, TrialStart start, string count)
    {
        var report = Try(Next, way);
        Assert.Equal((null, start, 3L, 3L), (report.Problem, report.Start, report.Turns, report.Differing));
        Assert.Equal(start == TrialStart.Replayed ? Events - 2 : 0, report.TurnsBefore); // the turn 0 and those before the last three
        Assert.Equal(("v1:8", count), (Count(report.Details[0].Recorded), Count(report.Details[0].Other)));
    }

    [Fact]
    public void A_state_that_cannot_be_moved_is_a_problem_as_for_the_change()
    {
        Assert.StartsWith("The state of agent 'tally' could not be moved by migrate: An unreachable", Try(Next with { Migrate = "(unreachable)" }, MoveRequest.Migrate).Problem);
        Assert.Contains("not by save: the new module exports no mesh_load", Try(Next with { LoadAdds = null }, MoveRequest.Save).Problem);
    }

    [Fact]
    public void After_a_failure_it_goes_on_from_the_state_before_as_it_was_moved()
    {
        var report = Try(Next with { Migrate = "(global.set $count (i32.const 40)) (i32.const 0)", Layout = 2, LoadAdds = null }, MoveRequest.Auto);
        Assert.Equal((TrialStart.Migrated, "v2:50"), (report.Start, Count(report.Details[0].Other)));
        Assert.Equal(["v2:60", "v2:70"], report.Details.Skip(1).Select(d => Count(d.Other)));
    }

    private static string Count(TrialOutcome outcome) => Encoding.UTF8.GetString(outcome.Outputs.OfType<EventEmitted>().Single().Event.Data.Span);
}
