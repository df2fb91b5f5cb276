using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>What a node keeps over its own end, orderly or not.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task After_a_crash_every_agent_is_what_it_was_and_what_was_acknowledged_is_there()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"), TestMesh.Agent("b", "out"))).StartAsync();
        await mesh.HandleAsync("in", [.. Enumerable.Range(0, 500).Select(i => $"emit out")]);
        var before = await HashesAsync(mesh);
        var events = (await mesh.EventsAsync(">")).Select(e => e.Id).ToList();

        await mesh.CrashAsync();
        await mesh.Node.WhenIdleAsync();

        Assert.Equal(before, await HashesAsync(mesh));
        Assert.Equal(events, (await mesh.EventsAsync(">")).Select(e => e.Id));
        Assert.Equal(501, (await mesh.StatusAsync("b")).Turns);
    }

    [Fact]
    public async Task After_a_crash_in_the_middle_of_the_work_each_event_is_handled_once()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"), TestMesh.Agent("b", "out"))).StartAsync();
        for (var i = 0; i < 200; i++) await mesh.PublishAsync("in", "emit out");

        await mesh.CrashAsync();
        await mesh.Node.WhenIdleAsync();

        Assert.Equal("init" + string.Concat(Enumerable.Repeat(" emit out", 200)), mesh.Guests.States["a"]);
        Assert.Equal(200, (await mesh.EventsAsync("out")).Select(e => e.Id).Distinct().Count());
        Assert.Equal(201, (await mesh.StatusAsync("b")).Turns);
    }

    [Fact]
    public async Task An_event_published_again_is_acknowledged_with_its_first_position()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        var first = await mesh.PublishAsync("in", "one", "same");
        await mesh.RestartAsync();

        var second = await mesh.PublishAsync("in", "one", "same");

        Assert.Equal(first.Positions[0].Offset, second.Positions[0].Offset);
        Assert.Equal((0, 1), (first.Duplicates, second.Duplicates));
        Assert.Single(await mesh.EventsAsync("in"));
    }

    [Fact]
    public async Task The_same_id_with_another_content_is_refused()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.PublishAsync("in", "one", "same");

        var reply = await mesh.PublishAsync("in", "two", "same");

        Assert.Equal(PublishRefusal.Conflict, reply.Problem?.Reason);
        Assert.Null(reply.RetryAfter);
    }

    [Fact]
    public async Task An_image_is_taken_every_so_many_turns_and_healing_begins_from_it()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { SnapshotEveryTurns = 10 })).StartAsync();
        await mesh.HandleAsync("in", [.. Enumerable.Range(0, 25).Select(i => $"{i}")]);
        await mesh.CrashAsync();
        await mesh.HandleAsync("in", "trap", "end");

        var status = await mesh.StatusAsync("a");
        Assert.True(status.ImageInput > 0);
        Assert.InRange(status.TurnsSinceImage, 0, 20);
        Assert.EndsWith(" 23 24 end", mesh.Guests.States["a"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_image_is_replaced_by_an_older_one_and_the_log()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { SnapshotEveryTurns = 10 })).StartAsync();
        for (var i = 0; i < 5; i++) await mesh.HandleAsync("in", [.. Enumerable.Range(0, 10).Select(n => $"{i}{n}")]);
        await mesh.Node.DrainAsync();
        var hash = mesh.Guests.States["a"];
        Execute(mesh, "UPDATE snapshot SET snapshot = zeroblob(100) WHERE sequence_number = (SELECT max(sequence_number) FROM snapshot WHERE persistence_id = 'agent-a')");

        await mesh.StartAsync();
        await mesh.HandleAsync("in", "end");

        Assert.Equal(hash + " end", mesh.Guests.States["a"]);
        Assert.Equal(0, (await mesh.StatusAsync("a")).Failures);
    }

    [Theory]
    [InlineData(0, 0)] // the magic
    [InlineData(30, 0)] // the state hash
    [InlineData(60, 0)] // the guest's image
    [InlineData(-1, 0)] // the checksum
    [InlineData(0, 20)] // cut to less than a header
    [InlineData(0, 55)] // cut in the middle
    public async Task A_flipped_bit_or_a_cut_in_an_image_is_noticed_told_and_mended(int flipped, int cut)
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { SnapshotEveryTurns = 3 })).StartAsync();
        for (var i = 0; i < 4; i++) await mesh.HandleAsync("in", $"{i}0", $"{i}1", $"{i}2");
        var hash = await mesh.Node.StateHashAsync("a");
        await mesh.Node.DrainAsync();
        Damage(mesh, bytes =>
        {
            if (cut > 0) return bytes[..cut];
            bytes[flipped < 0 ? bytes.Length + flipped : flipped] ^= 0x10;
            return bytes;
        });

        await mesh.StartAsync();

        Assert.Equal(hash, await mesh.Node.StateHashAsync("a"));
        Assert.Single(await mesh.EventsAsync("mesh.agent.a.image-refused"));
        await mesh.Node.DrainAsync();
        await mesh.StartAsync();
        Assert.Equal(hash, await mesh.Node.StateHashAsync("a"));
        Assert.Single(await mesh.EventsAsync("mesh.agent.a.image-refused"));
    }

    private static void Damage(TestMesh mesh, Func<byte[], byte[]> change)
    {
        const string newest = "persistence_id = 'agent-a' AND sequence_number = (SELECT max(sequence_number) FROM snapshot WHERE persistence_id = 'agent-a')";
        using var connection = new SqliteConnection($"Data Source={Path.Combine(mesh.Folder.Data, "snapshots.db")};Pooling=False");
        connection.Open();
        using var read = new SqliteCommand($"SELECT snapshot FROM snapshot WHERE {newest}", connection);
        using var write = new SqliteCommand($"UPDATE snapshot SET snapshot = $bytes WHERE {newest}", connection);
        write.Parameters.AddWithValue("$bytes", change((byte[])read.ExecuteScalar()!));
        Assert.Equal(1, write.ExecuteNonQuery());
    }

    [Fact]
    public async Task With_all_images_damaged_an_agent_is_replayed_from_its_first_turn()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { SnapshotEveryTurns = 10 })).StartAsync();
        for (var i = 0; i < 5; i++) await mesh.HandleAsync("in", [.. Enumerable.Range(0, 10).Select(n => $"{i}{n}")]);
        await mesh.Node.DrainAsync();
        var state = mesh.Guests.States["a"];
        Execute(mesh, "UPDATE snapshot SET snapshot = zeroblob(100) WHERE persistence_id = 'agent-a'");

        await mesh.StartAsync();
        await mesh.HandleAsync("in", "end");

        Assert.Equal(state + " end", mesh.Guests.States["a"]);
    }

    [Fact]
    public async Task A_damaged_state_of_the_shard_is_replaced_by_an_older_one_or_the_log()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.HandleAsync("in", "one");
        await mesh.RestartAsync();
        await mesh.HandleAsync("in", "two");
        await mesh.Node.DrainAsync();
        Execute(mesh, "UPDATE snapshot SET snapshot = zeroblob(100) WHERE persistence_id = 'shard-0' AND sequence_number = (SELECT max(sequence_number) FROM snapshot WHERE persistence_id = 'shard-0')");

        await mesh.StartAsync();
        await mesh.HandleAsync("in", "three");

        Assert.Equal("init one two three", mesh.Guests.States["a"]);
    }

    [Fact]
    public async Task A_guest_that_cannot_be_captured_is_healed_by_replay_from_its_first_turn()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in") with { Config = ScriptedGuests.Uncapturable, SnapshotEveryTurns = 2 })).StartAsync();
        await mesh.HandleAsync("in", "1", "2", "3", "trap", "4");
        await mesh.RestartAsync();
        await mesh.HandleAsync("in", "5");

        Assert.Equal("init 1 2 3 4 5", mesh.Guests.States["a"]);
        Assert.Equal(Position.None, (await mesh.StatusAsync("a")).ImageInput);
    }

    [Fact]
    public async Task A_log_whose_end_was_cut_off_is_noticed_and_left_as_it_is()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.HandleAsync("in", "one");
        await mesh.HandleAsync("in", "two");
        var end = mesh.Node.Status.CommittedOffset;
        await mesh.Node.AbortAsync();
        Execute(mesh, "DELETE FROM journal WHERE sequence_number = (SELECT max(sequence_number) FROM journal)", "journal.db");

        var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);

        Assert.Equal(NodeFailure.LogCorrupt, failure.Failure);
        Assert.Contains($"committed up to offset {end}", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(LogHeadFile.Read(Path.Combine(mesh.Folder.Data, "log.head")));
    }

    [Fact]
    public async Task A_log_whose_end_was_cut_off_is_noticed_too_where_the_state_was_saved_after_it()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.HandleAsync("in", "one");
        await mesh.Node.DrainAsync();
        Execute(mesh, "DELETE FROM journal WHERE sequence_number = (SELECT max(sequence_number) FROM journal)", "journal.db");

        var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);

        Assert.Equal(NodeFailure.LogCorrupt, failure.Failure);
        Assert.Contains("cut off", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_flipped_bit_in_the_log_stops_the_node_with_one_sentence()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.HandleAsync("in", "one");
        await mesh.Node.AbortAsync();
        Execute(mesh, "UPDATE journal SET message = CAST(substr(message, 1, length(message) - 20) || x'55' || substr(message, length(message) - 18) AS BLOB) WHERE sequence_number = 2", "journal.db");

        var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);

        Assert.Equal(NodeFailure.LogCorrupt, failure.Failure);
        Assert.Contains("offset", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_of_another_mesh_is_a_conflict()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        await mesh.Node.DrainAsync();
        mesh.Options = mesh.Options with { Topology = TestMesh.Topology(TestMesh.Agent("a", "in")) with { Name = "other" } };

        var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);

        Assert.Equal(NodeFailure.TopologyConflict, failure.Failure);
    }

    [Fact]
    public async Task A_data_folder_in_use_is_refused_with_its_holder()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();

        var failure = await Assert.ThrowsAsync<MeshNodeException>(() => MeshNode.StartAsync(mesh.Options, mesh.Guests, CancellationToken.None));

        Assert.Equal(NodeFailure.Locked, failure.Failure);
        Assert.Contains($"process {Environment.ProcessId}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_gives_the_past_and_the_present_without_gap_or_repetition()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();
        for (var i = 0; i < 20; i++) await mesh.PublishAsync("in", $"{i}", $"n{i}");
        var read = ReadAsync();
        for (var i = 20; i < 200; i++) await mesh.PublishAsync("in", $"{i}", $"n{i}");

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"n{i}"), await read);

        async Task<List<string>> ReadAsync()
        {
            var ids = new List<string>();
            await foreach (var e in mesh.Node.StreamAsync(TopicPattern.Parse("in"), 0))
            {
                ids.Add(e.Id);
                if (ids.Count == 200) break;
            }
            return ids;
        }
    }

    [Fact]
    public async Task The_databases_sync_every_commit_and_write_ahead()
    {
        await using var mesh = await new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in"))).StartAsync();

        foreach (var (file, pageSize) in new[] { ("journal.db", 16_384L), ("snapshots.db", 4_096L) })
        {
            using var connection = new SqliteConnection(SqliteFiles.StoreIn(Path.Combine(mesh.Folder.Data, file)).ConnectionString);
            connection.Open();
            Assert.Equal(("wal", 2L, pageSize), ((string)Scalar(connection, "PRAGMA journal_mode"), (long)Scalar(connection, "PRAGMA synchronous"), (long)Scalar(connection, "PRAGMA page_size")));
        }
    }

    private static async Task<List<Mesh.StateHash?>> HashesAsync(TestMesh mesh) => [.. (await mesh.Node.SummaryAsync()).Agents.Select(a => a.StateHash)];

    private static object Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }

    private static void Execute(TestMesh mesh, string sql, string file = "snapshots.db")
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(mesh.Folder.Data, file)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }
}
