using Akka.Actor;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>
/// Publishers that wait when the shard, or the gateway, is killed: each has its acknowledgement or is told to publish the same batch again, and who does so
/// has each event in the log once, whatever became of the first try.
/// </summary>
[Collection(StallingJournal.Collection)]
public sealed class LostShardTests
{
    private const int Publishers = 8;

    private static readonly TimeSpan Backoff = TimeSpan.FromMinutes(7);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_waits_when_the_shard_is_killed_is_told_to_publish_again_whether_the_batch_came_into_the_log_or_not(bool written)
    {
        var time = new ManualTime();
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { AkkaConfig = StallingJournal.Config, Time = time, MinBackoff = Backoff, MaxBackoff = Backoff };
        await mesh.StartAsync();
        await mesh.HandleAsync("in", "before");
        var (stalled, restarts) = (StallingJournal.Stall(), time.WhenTimerIsSet(wait => wait == Backoff));
        var waiting = new List<Task<PublishReply>> { mesh.PublishAsync("in", "0", "id-0") };
        await stalled;
        for (var i = 1; i < Publishers; i++) waiting.Add(mesh.PublishAsync("in", $"{i}", $"id-{i}"));
        Assert.All(waiting, w => Assert.False(w.IsCompleted));

        Kill(mesh, "shard-0");
        var told = await Task.WhenAll(waiting);
        await restarts;
        StallingJournal.End(written);
        time.Advance(Backoff);

        Assert.All(told, reply => Assert.True(reply is { IsAccepted: false, RetryAfter: not null, Problem.Reason: PublishRefusal.Overloaded }, $"{reply}"));
        Assert.All(told, reply => Assert.Contains("whether the batch is in it is not known yet; publish the same batch again", reply.Problem!.Message, StringComparison.Ordinal));
        var taken = new List<PublishReply>();
        for (var i = 0; i < Publishers; i++) taken.Add(await PublishUntilTakenAsync(mesh, $"{i}", $"id-{i}"));
        Assert.Equal(written ? 1 : 0, taken[0].Duplicates);
        Assert.Equal(Publishers, taken.Select(t => t.Positions.Single().Offset).Distinct().Count());
        for (var i = 0; i < Publishers; i++)
        {
            var again = await mesh.PublishAsync("in", $"{i}", $"id-{i}");
            Assert.Equal((1, taken[i].Positions.Single().Offset), (again.Duplicates, again.Positions.Single().Offset));
        }
        await mesh.Node.WhenIdleAsync();
        Assert.Equal("init before " + string.Join(' ', Enumerable.Range(0, Publishers)), mesh.Guests.States["a"]);
        Assert.Equal((Publishers + 2L, 2), ((await mesh.StatusAsync("a")).Turns, mesh.Node.Status.Epoch));
    }

    [Theory]
    [InlineData("shard-0")]
    [InlineData("gateway")]
    public async Task However_often_it_is_killed_each_publisher_gets_an_answer_and_each_event_is_handled_once(string part)
    {
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        mesh.Options = mesh.Options with { MaxBackoff = TimeSpan.FromMilliseconds(1) };
        await mesh.StartAsync();
        var publishers = new PatientPublishers(mesh.Node, Publishers);
        for (var kill = 0; kill < 5; kill++)
        {
            await publishers.MoreAsync(Publishers);
            var before = Restarts(mesh, part);
            Kill(mesh, part);
            // whether anyone is refused is a matter of luck: it may be back before the next publisher comes
            while (Restarts(mesh, part) == before) await Task.Yield();
        }
        var acknowledged = await publishers.EndAsync();
        await mesh.Node.WhenIdleAsync();

        Assert.Equal(acknowledged.Order(), (await mesh.EventsAsync("in")).Select(e => e.Event.Id).Order());
        Assert.Equal(acknowledged.Count + 1, (await mesh.StatusAsync("a")).Turns);
        Assert.Equal(5, Restarts(mesh, part));
    }

    private static long Restarts(TestMesh mesh, string part) => mesh.Node.Status.Components.Single(c => c.Name == part).Restarts;

    private static void Kill(TestMesh mesh, string part) => mesh.Node.System.ActorSelection($"/user/mesh/{part}").Tell(Akka.Actor.Kill.Instance);

    private static async Task<PublishReply> PublishUntilTakenAsync(TestMesh mesh, string data, string id)
    {
        PublishReply reply;
        do reply = await mesh.PublishAsync("in", data, id);
        while (!reply.IsAccepted);
        return reply;
    }
}
