using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using static AkkaWasm.Simulation.Topologies;

namespace AkkaWasm.Mesh.Tests.Shards;

public sealed class PublishingTests
{
    private static TestMesh Mesh(ShardOptions? options = null) =>
        new TestMesh(Of(Agent("noter", "in.>")), new TestGuests().With("noter", TestGuests.Note), options).Run();

    [Fact]
    public void An_event_published_twice_is_appended_once_and_answered_with_its_first_offset()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "x", "id-1", "first");
        mesh.Run().Publish("in.a", "x", "id-1", "second");
        mesh.Run();
        Assert.Equal(["first", "second"], mesh.Acknowledged.Select(a => a.Ticket));
        Assert.Equal(mesh.Acknowledged[0].Offsets.ToArray(), mesh.Acknowledged[1].Offsets.ToArray());
        Assert.Equal([0, 1], mesh.Acknowledged.Select(a => a.Duplicates));
        Assert.Equal(["in.a:x"], mesh.Seen("noter"));
    }

    [Fact]
    public void The_same_id_with_another_content_is_refused_and_nothing_of_the_batch_is_appended()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "x", "id-1");
        var next = mesh.Shard.NextOffset;
        var problem = mesh.Publish(TestMesh.Batch(TestMesh.Event("in.a", "new", "id-2"), TestMesh.Event("in.a", "y", "id-1")));
        Assert.Equal((PublishRefusal.Conflict, 1), (problem!.Reason, problem.Index));
        Assert.Contains("'id-1'", problem.Message);
        Assert.Equal(next, mesh.Shard.NextOffset);
        Assert.Equal(["in.a:x"], mesh.Seen("noter"));
    }

    [Fact]
    public void A_twin_in_the_same_batch_gets_the_offset_of_the_first_one()
    {
        var mesh = Mesh();
        mesh.Publish(TestMesh.Batch(TestMesh.Event("in.a", "x", "1"), TestMesh.Event("in.a", "z", "2"), TestMesh.Event("in.a", "x", "1")), "t");
        mesh.Run();
        var acknowledged = Assert.Single(mesh.Acknowledged);
        Assert.Equal(acknowledged.Offsets[0], acknowledged.Offsets[2]);
        Assert.Equal(1, acknowledged.Duplicates);
        Assert.Equal(["in.a:x", "in.a:z"], mesh.Seen("noter"));
    }

    [Theory]
    [InlineData(8, 1 << 20)]
    [InlineData(10_000, 512)]
    public void A_full_block_is_closed_and_what_is_appended_together_is_never_divided(int records, int bytes)
    {
        var options = new ShardOptions { MaxBlockRecords = records, MaxBlockBytes = bytes };
        var shard = new Shard(options);
        shard.Open(Of(Agent("noter", "in.>")), 1);
        for (var batch = 0; batch < 40; batch++)
            Assert.Null(shard.Publish(TestMesh.Batch([.. Enumerable.Range(0, 5).Select(i => TestMesh.Event("in.a", $"{batch}", $"{batch}-{i}"))]), null, 2));
        Assert.Throws<InvalidOperationException>(() => shard.SaveState());

        var blocks = new List<LogBlock>();
        while (shard.CutBlock() is { } block) blocks.Add(block);

        Assert.InRange(blocks.Count, 10, 41);
        Assert.All(blocks.Skip(1), block => Assert.Equal(0, block.Events.Length % 5));
        var recovered = new Shard(options);
        foreach (var block in blocks) recovered.Recover(block.Bytes);
        Assert.Equal((shard.NextOffset, 200L), (recovered.NextOffset, recovered.Totals.EventsIn));
    }

    [Fact]
    public void A_conflict_within_one_batch_refuses_all_of_it()
    {
        var mesh = Mesh();
        var problem = mesh.Publish(TestMesh.Batch(TestMesh.Event("in.a", "x", "1"), TestMesh.Event("in.a", "y", "1")));
        Assert.Equal(PublishRefusal.Conflict, problem!.Reason);
        Assert.Contains("in the same batch", problem.Message);
        Assert.Empty(mesh.Seen("noter"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_was_published_is_known_after_a_restart(bool useStates)
    {
        var mesh = Mesh(new ShardOptions { MeshName = "test", StateEveryRecords = 1 });
        mesh.Publish("in.a", "x", "id-1", "t");
        mesh = mesh.Run().Restart(useStates: useStates);
        Assert.Null(mesh.Publish("in.a", "x", "id-1", "t"));
        Assert.Equal(PublishRefusal.Conflict, mesh.Publish("in.a", "y", "id-1")!.Reason);
        mesh.Run();
        Assert.Equal(1, Assert.Single(mesh.Acknowledged).Duplicates);
        Assert.Equal(["in.a:x"], mesh.Seen("noter"));
    }

    [Fact]
    public void The_oldest_ids_are_forgotten_when_there_are_too_many_or_their_time_is_over()
    {
        var mesh = Mesh(new ShardOptions { MeshName = "test", IdempotencyKeys = 2, IdempotencyWindow = TimeSpan.FromHours(1) });
        foreach (var id in new[] { "1", "2", "3" }) mesh.Publish("in.a", id, id);
        mesh.Publish("in.a", "3", "3");
        mesh.Publish("in.a", "1", "1");
        mesh.Pass(TimeSpan.FromHours(2));
        mesh.Publish("in.a", "4", "4");
        mesh.Publish("in.a", "3", "3");
        Assert.Equal(["in.a:1", "in.a:2", "in.a:3", "in.a:1", "in.a:4", "in.a:3"], mesh.Seen("noter"));
    }

    [Fact]
    public void An_acknowledgement_waits_for_the_commit()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "x", "1", "t");
        mesh.Cut();
        Assert.Empty(mesh.Acknowledged);
        mesh.Take(new(StepKind.Commit));
        Assert.Single(mesh.Acknowledged);
    }

    [Fact]
    public void A_twin_of_an_uncommitted_event_is_acknowledged_only_when_the_first_is_committed()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "x", "1");
        mesh.Cut();
        mesh.Publish("in.a", "x", "1", "twin");
        Assert.Empty(mesh.Acknowledged);
        mesh.Take(new(StepKind.Commit));
        Assert.Equal("twin", Assert.Single(mesh.Acknowledged).Ticket);
    }

    [Fact]
    public void The_cursor_of_a_source_moves_with_its_batch_and_survives()
    {
        var mesh = Mesh();
        mesh.Publish(TestMesh.Batch(TestMesh.Event("in.a", "x", "1")) with { CursorOf = "file", Cursor = new byte[] { 7 } }, "t");
        mesh.CommitAll();
        var blocks = mesh.Store.Blocks.Count;
        mesh.Publish(TestMesh.Batch(TestMesh.Event("in.a", "y", "2")) with { CursorOf = "file", Cursor = new byte[] { 8 } });
        Assert.Equal([8], mesh.Shard.SourceCursor("file")!.Value.ToArray());
        mesh = mesh.Restart(commitFirst: false);
        Assert.Equal(blocks, mesh.Store.Blocks.Count);
        Assert.Equal([7], mesh.Shard.SourceCursor("file")!.Value.ToArray());
        Assert.Null(mesh.Shard.SourceCursor("other"));
    }

    [Fact]
    public void A_cursor_that_moves_over_known_events_is_acknowledged_when_it_is_safe()
    {
        var mesh = Mesh();
        mesh.Publish("in.a", "x", "1");
        mesh.Run();
        mesh.Publish(TestMesh.Batch(TestMesh.Event("in.a", "x", "1")) with { CursorOf = "file", Cursor = new byte[] { 1 } }, "t");
        Assert.Empty(mesh.Acknowledged);
        mesh.CommitAll();
        Assert.Single(mesh.Acknowledged);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { "mesh.agent.x.started", "belong to the mesh" }, { "", "the topic is empty" }, { "a..b", "empty token" }, { "a.*", "illegal character" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_illegal_topic_is_refused_with_the_reason(string topic, string reason)
    {
        var problem = Mesh().Publish(topic, "x", "1");
        Assert.Equal(PublishRefusal.Illegal, problem!.Reason);
        Assert.Contains(reason, problem.Message);
    }

    [Fact]
    public void Events_without_id_too_big_or_with_broken_text_are_refused()
    {
        var mesh = Mesh(new ShardOptions { MeshName = "test", MaxEventBytes = 4, MaxBatchEvents = 2 });
        var good = TestMesh.Event("in.a", "x", "1");
        Assert.Contains("no id", mesh.Publish(TestMesh.Batch(good with { Id = null }))!.Message);
        Assert.Contains("no source", mesh.Publish(TestMesh.Batch(good with { Source = "" }))!.Message);
        Assert.Contains("max-event-bytes", mesh.Publish(TestMesh.Batch(good with { Data = new byte[5] }))!.Message);
        Assert.Contains("max-batch-events", mesh.Publish(TestMesh.Batch(good, good, good))!.Message);
        Assert.Contains("surrogate", mesh.Publish(TestMesh.Batch(good with { Subject = "\ud800" }))!.Message);
        Assert.Contains("characters", mesh.Publish(TestMesh.Batch(good with { Subject = new string('s', Shard.MaxAttributeLength + 1) }))!.Message);
        Assert.Null(mesh.Publish(TestMesh.Batch(good with { Subject = "\ud83c\udf0b" })));
    }

    [Fact]
    public void What_a_publisher_says_of_place_and_cause_is_not_taken_over()
    {
        var mesh = Mesh();
        var forged = TestMesh.Event("in.a", "x", "1") with { Origin = EventOrigin.Lifecycle, Agent = 0, Depth = 60, Cause = 3, Correlation = 9 };
        mesh.Publish(TestMesh.Batch(forged));
        mesh.Run();
        var e = Assert.Single(mesh.On("in.a"));
        Assert.Equal((EventOrigin.External, -1, 0, Position.None, 0L), (e.Origin, e.Agent, e.Depth, e.Cause, e.Correlation));
        Assert.Equal(Position.None, forged.Offset);
    }

    [Fact]
    public void Publishers_are_refused_while_too_much_waits_and_taken_again_later()
    {
        var mesh = Mesh(new ShardOptions { MeshName = "test", MaxBacklog = 2 });
        foreach (var i in Enumerable.Range(0, 3)) Assert.Null(mesh.Publish("in.a", $"{i}"));
        Assert.Equal(3, mesh.Shard.Backlog);
        Assert.Equal(PublishRefusal.Overloaded, mesh.Publish("in.a", "3", "late")!.Reason);
        Assert.Null(mesh.Publish("in.a", "0", "e0"));
        mesh.Run();
        Assert.Equal(0, mesh.Shard.Backlog);
        Assert.Null(mesh.Publish("in.a", "3", "late"));
        Assert.Equal(4, mesh.Seen("noter").Length);
    }
}
