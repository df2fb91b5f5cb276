using AkkaWasm.Actors.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>How often an agent that handles many events is saved.</summary>
public sealed class SnapshotIntervalTests
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(37);

    private static async Task<TestMesh> StartAsync(TimeProvider time, TimeSpan shortest)
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { SnapshotEveryTurns = 2, SnapshotAtMostEvery = shortest }));
        mesh.Options = mesh.Options with { Time = time };
        return await mesh.StartAsync();
    }

    [Fact]
    public async Task What_comes_too_soon_after_the_last_image_is_saved_when_the_time_is_over_though_no_event_comes()
    {
        var time = new ManualTime();
        await using var mesh = await StartAsync(time, Shortest);
        await mesh.HandleAsync("in", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        Assert.Equal(1, mesh.Guests.CapturesOf("a"));

        await time.WhenTimerIsSet(wait => wait == Shortest);
        time.Advance(Shortest);
        await mesh.HandleAsync("in", "10");
        Assert.Equal(2, mesh.Guests.CapturesOf("a"));

        time.Advance(Shortest);
        await mesh.HandleAsync("in", "11", "12", "13");
        Assert.Equal(3, mesh.Guests.CapturesOf("a"));
    }

    [Fact]
    public async Task Turns_whose_image_was_held_back_are_run_again_after_a_crash_and_the_first_image_of_the_new_life_does_not_wait()
    {
        await using var mesh = await StartAsync(new ManualTime(), Shortest);
        await mesh.HandleAsync("in", "1", "2", "3", "4", "5", "6", "7");
        await mesh.CrashAsync();
        await mesh.HandleAsync("in", "8");

        Assert.Equal("init 1 2 3 4 5 6 7 8", mesh.Guests.States["a"]);
        Assert.Equal(2, mesh.Guests.CapturesOf("a"));
    }

    [Fact]
    public async Task Without_a_shortest_interval_turns_alone_count()
    {
        await using var mesh = await StartAsync(new ManualTime(), TimeSpan.Zero);
        await mesh.HandleAsync("in", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        Assert.Equal(5, mesh.Guests.CapturesOf("a"));
    }
}
