using System.Net.Sockets;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>An agent that wakes while its image cannot be read.</summary>
public sealed class StoreOutageTests
{
    [Fact]
    public async Task An_agent_waits_for_its_image_while_the_database_is_out_of_reach()
    {
        var logs = new LogCatcher();
        await using var mesh = await AsleepAsync(logs);
        FailingSnapshots.FailNext(3, new Npgsql.NpgsqlException("Exception while reading from stream", new IOException("Broken pipe", new SocketException(32))));

        await mesh.HandleAsync("a", "two");

        Assert.Equal("init one two", mesh.Guests.States["a"]);
        Assert.Equal(0, FailingSnapshots.FailuresLeft);
        Assert.Equal((3L, AgentState.Running), (await mesh.StatusAsync("a")) is var status ? (status.Turns, status.State) : default);
        Assert.Equal(3, logs.Lines.Count(line => line.Contains("Agent 'a' waits for the database", StringComparison.Ordinal)));
        Assert.DoesNotContain(logs.Lines, line => line.Contains("cannot be used", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_that_cannot_be_read_for_another_reason_is_done_without()
    {
        var logs = new LogCatcher();
        await using var mesh = await AsleepAsync(logs);
        FailingSnapshots.FailNext(1, new FormatException("The test says so."));

        await mesh.HandleAsync("a", "two");

        Assert.Equal("init one two", mesh.Guests.States["a"]);
        Assert.Contains(logs.Lines, line => line.StartsWith("The image of agent 'a'", StringComparison.Ordinal) && line.Contains("The test says so.", StringComparison.Ordinal));
    }

    /// <summary>A mesh with room for one agent that is awake: a, which has handled an event, had to make room for b.</summary>
    private static async Task<TestMesh> AsleepAsync(LogCatcher logs)
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "a"), TestMesh.Agent("b", "b")));
        mesh.Options = mesh.Options with { Logs = logs, AkkaConfig = FailingSnapshots.Config, Engine = new GuestEngineOptions { MaxAwake = 1 }, Shard = mesh.Options.Shard with { SaveImagesEvery = TimeSpan.Zero } };
        await mesh.StartAsync();
        await mesh.HandleAsync("a", "one");
        await mesh.HandleAsync("b", "x");
        Assert.Equal(AgentState.Asleep, (await mesh.StatusAsync("a")).State);
        return mesh;
    }
}
