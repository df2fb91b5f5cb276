using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A log of which the beginning goes, while a node runs and without one, on both databases; and whatever reads such a log.</summary>
[Collection(PostgresCollection.Name)]
public sealed class RetentionTests(PostgresServer server)
{
    private const int Events = 60;

    private static readonly RetentionOptions All = new() { Bytes = 0, Snapshots = 1, LeastBytes = 0, Every = TimeSpan.FromMinutes(1) };

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task What_is_not_kept_goes_while_the_node_runs_and_everything_reads_the_rest(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        var time = new ManualTime();
        await using var mesh = Mesh(place, time);
        await mesh.StartAsync();
        await FeedAsync(mesh, "a", "trap", "b");
        await mesh.Node.DropAsync("noter", (await mesh.Node.QuarantineAsync("noter")).Single().Input);
        for (var i = 0; i < Events; i++) await mesh.HandleAsync("in", $"{i}");
        var before = await mesh.Node.StateHashAsync("noter");
        var beginning = await RetainAsync(place, mesh, time);

        Assert.True(beginning.Row > Events, $"{beginning.Row} rows are removed.");
        await mesh.HandleAsync("in", "on");
        var after = await mesh.Node.StateHashAsync("noter");
        Assert.NotEqual(before, after);
        await Assert.ThrowsAsync<LogBeginsLaterException>(async () =>
        {
            await foreach (var _ in mesh.Node.StreamAsync(TopicPattern.Parse(">"), 1)) break;
        });
        await mesh.CrashAsync();
        Assert.Equal(after, await mesh.Node.StateHashAsync("noter"));
        await mesh.Node.DrainAsync();
        Read(place, mesh, beginning, after!.Value);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Without_a_node_it_is_compacted_and_begins_again_from_the_state_that_stands_in(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var mesh = Mesh(place, TimeProvider.System);
        await mesh.StartAsync();
        for (var i = 0; i < Events; i++) await mesh.HandleAsync("in", $"{i}");
        var hash = await mesh.Node.StateHashAsync("noter");
        await mesh.Node.DrainAsync();
        var log = Location(place, mesh);

        var outlook = LogMaintenance.Compact(log, dryRun: true);
        Assert.True(outlook is { Blocks: > Events, BlockBytes: > 0 }, $"{outlook}");
        Assert.Equal(0, LogMaintenance.Count(log).Beginning.Row);
        var report = LogMaintenance.Compact(log, dryRun: false);
        Assert.Equal((outlook.Blocks, outlook.Beginning.Offset), (report.Blocks, report.Beginning.Offset));
        var found = LogMaintenance.Count(log);
        Assert.Equal((report.Beginning, report.Beginning.Offset), (found.Beginning, found.First!.Value.Offset));
        using (var offline = Open(place, mesh)) Assert.Empty(Flaws(offline));

        // The newest state is damaged: the one that the log begins with does.
        place.InSnapshots("UPDATE snapshot SET snapshot = @none WHERE persistence_id = 'shard-0' AND sequence_number > @row", ("@none", new byte[] { 1 }), ("@row", report.Beginning.Row));
        await mesh.StartAsync();
        Assert.Equal(hash, await mesh.Node.StateHashAsync("noter"));
    }

    [Fact]
    public async Task A_log_to_which_nothing_comes_stays_as_it_is_however_often_it_is_looked_at()
    {
        using var place = new StorePlace(StoreKind.Sqlite, server);
        await using var mesh = Mesh(place, TimeProvider.System);
        await mesh.StartAsync();
        for (var i = 0; i < Events; i++) await mesh.HandleAsync("in", $"{i}");
        await mesh.Node.DrainAsync();
        var log = Location(place, mesh);

        Assert.True(LogMaintenance.Compact(log, dryRun: false).Blocks > Events);
        Assert.Equal(1, LogMaintenance.Compact(log, dryRun: false).Blocks); // the last row never goes, and now another one is the last
        var before = LogMaintenance.Count(log);
        for (var i = 0; i < 3; i++) Assert.Equal(0, LogMaintenance.Compact(log with { Retention = All with { MaxRows = 1 } }, dryRun: false).Blocks);

        Assert.Equal((before.Beginning, before.Last), (LogMaintenance.Count(log).Beginning, LogMaintenance.Count(log).Last));
        await mesh.StartAsync();
        await mesh.HandleAsync("in", "on");
        await mesh.Node.DrainAsync();
        Assert.True(LogMaintenance.Compact(log with { Retention = All with { MaxRows = 1 } }, dryRun: false).Blocks >= 2); // with what came since, the records of before go
        using var offline = Open(place, mesh);
        Assert.Empty(Flaws(offline));
    }

    [Fact]
    public async Task An_archive_carries_the_state_that_the_log_begins_with()
    {
        using var folder = new TestFolder();
        var agent = Topologies.Wat("counter", "counter", "in") with { SnapshotEveryTurns = 10 };
        var options = new MeshNodeOptions { Topology = Topologies.Of(agent), DataFolder = folder.Data, Modules = Topologies.Modules("counter") };
        StateHash? hash;
        await using (var node = await MeshNode.StartAsync(options))
        {
            for (var i = 0; i < Events; i++) await node.PublishAsync(new PublishBatch([new MeshEvent { Topic = "in", Id = $"{i}", Source = "/test", Data = "1"u8.ToArray() }]));
            await node.WhenIdleAsync();
            hash = await node.StateHashAsync("counter");
            await node.DrainAsync();
        }
        LogMaintenance.Compact(new LogLocation(folder.Data) { Retention = All }, dryRun: false);
        using (var log = OfflineLog.Open(folder.Data))
        {
            Assert.Empty(log.Verify().Flaws);
            Assert.True(log.ReplayAgent("counter") is { IsFaithful: true } replay && replay.StateHash == hash);
        }
        using var archive = new MemoryStream();
        LogMaintenance.Export(new LogLocation(folder.Data), archive);
        archive.Position = 0;
        var moved = Path.Combine(folder.Path, "moved");
        LogMaintenance.Import(archive, moved);
        Assert.Equal(LogMaintenance.Count(new LogLocation(folder.Data)).First, LogMaintenance.Count(new LogLocation(moved)).First);
        await using var again = await MeshNode.StartAsync(options with { DataFolder = moved });
        Assert.Equal(hash, await again.StateHashAsync("counter"));
    }

    [Fact]
    public async Task A_reader_holds_the_log_from_where_it_reads_on()
    {
        using var place = new StorePlace(StoreKind.Sqlite, server);
        var time = new ManualTime();
        await using var mesh = Mesh(place, time);
        await mesh.StartAsync();
        for (var i = 0; i < 20; i++) await mesh.HandleAsync("in", $"{i}");
        var first = (await mesh.EventsAsync("in"))[0].Position.Offset;
        await using var reader = mesh.Node.StreamAsync(TopicPattern.Parse("in"), first).GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        var beginning = await RetainAsync(place, mesh, time);
        Assert.True(beginning.Offset <= first, $"The log begins at {beginning.Offset}, and somebody reads on from {first}.");
        for (var i = 1; i < 20; i++)
        {
            Assert.True(await reader.MoveNextAsync());
            Assert.Equal($"{i}", System.Text.Encoding.UTF8.GetString(reader.Current.Event.Data.Span));
        }
    }

    [Fact]
    public async Task Rows_that_are_missing_without_a_record_of_it_are_found()
    {
        using var place = new StorePlace(StoreKind.Sqlite, server);
        await using var mesh = Mesh(place, TimeProvider.System);
        await mesh.StartAsync();
        for (var i = 0; i < 10; i++) await mesh.HandleAsync("in", $"{i}");
        await mesh.Node.DrainAsync();
        place.InJournal("DELETE FROM journal WHERE sequence_number <= 3");
        using var log = Open(place, mesh);
        Assert.Contains("Rows 1 to 3 of the journal are missing", log.Verify().Flaws[0].Message, StringComparison.Ordinal);
        Assert.Throws<LogCorruptException>(() => log.Records().Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Another_state_or_another_block_at_the_beginning_is_found(int what)
    {
        using var place = new StorePlace(StoreKind.Sqlite, server);
        await using var mesh = Mesh(place, TimeProvider.System);
        await mesh.StartAsync();
        for (var i = 0; i < Events; i++) await mesh.HandleAsync("in", $"{i}");
        await mesh.Node.DrainAsync();
        var row = LogMaintenance.Compact(Location(place, mesh), dryRun: false).Beginning.Row;
        if (what == 1) place.InSnapshots("DELETE FROM snapshot WHERE persistence_id = 'shard-0'");
        else if (what == 2) place.InJournal("DELETE FROM journal WHERE sequence_number = @row", ("@row", row + 1));
        else place.InSnapshots("UPDATE snapshot SET sequence_number = @row - 1 WHERE persistence_id = 'shard-0' AND sequence_number = @row", ("@row", row));
        using var log = Open(place, mesh);
        Assert.NotEmpty(Flaws(log));
        Assert.Throws<LogCorruptException>(() => log.Records().Count());
    }

    private static void Read(StorePlace place, TestMesh mesh, LogBeginning beginning, StateHash hash)
    {
        using var log = Open(place, mesh);
        Assert.Empty(Flaws(log));
        Assert.Equal(beginning.Offset, log.Records().First().Position.Offset);
        Assert.Throws<LogBeginsLaterException>(() => log.Records(0, beginning.Offset - 1).Count());
        Assert.Equal(hash, log.AgentAt("noter")!.Hash);
        Assert.Contains($"the log begins at offset {beginning.Offset}", Assert.Throws<LogBeginsLaterException>(() => log.AgentAt("noter", 5)).Message, StringComparison.Ordinal);
        var replay = log.ReplayAgent("noter")!;
        Assert.True(replay.IsFaithful, replay.Divergence?.Message);
        Assert.Equal(hash, replay.StateHash);
        Assert.Equal(hash, Assert.Single(log.MeshAt().Agents, a => a.Status.Name == "noter").Hash);
        Assert.Throws<LogBeginsLaterException>(() => log.MeshAt(5));
        Assert.Throws<LogBeginsLaterException>(() => log.Why(5));
        Assert.NotEmpty(log.Why(log.Records().Last(r => r.Record is TurnRecord).Position.Offset)!.Causes);
        Assert.NotEmpty(log.Steps("noter")!);
        Assert.Equal(beginning.Offset, log.Count().Beginning.Offset);
    }

    /// <summary>Guests in C# have no module to be found.</summary>
    private static IEnumerable<LogFlaw> Flaws(OfflineLog log) => log.Verify().Flaws.Where(f => !f.Message.StartsWith("The module", StringComparison.Ordinal));

    private static async Task<LogBeginning> RetainAsync(StorePlace place, TestMesh mesh, ManualTime time)
    {
        var removed = ((LogCatcher)mesh.Options.Logs).WhenLogged("rows of the journal are removed");
        time.Advance(All.Every);
        await removed.WaitAsync(TimeSpan.FromSeconds(60));
        return LogMaintenance.Count(Location(place, mesh)).Beginning;
    }

    private static async Task FeedAsync(TestMesh mesh, params string[] data)
    {
        foreach (var text in data) await mesh.HandleAsync("in", text);
    }

    private static TestMesh Mesh(StorePlace place, TimeProvider time)
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("noter", "in") with { SnapshotEveryTurns = 5, KeepSnapshots = 1, KeepOlderSnapshots = 1 }));
        mesh.Options = mesh.Options with
        {
            DataFolder = place.Folder.Path, Journal = place.Kind == StoreKind.Postgres ? place.Journal : null, Snapshots = place.Kind == StoreKind.Postgres ? place.Snapshots : null,
            Retention = All, Time = time, Logs = new LogCatcher(), Shard = mesh.Options.Shard with { SaveImagesEvery = TimeSpan.Zero },
        };
        return mesh;
    }

    private static LogLocation Location(StorePlace place, TestMesh mesh) => new(mesh.Options.DataFolder, mesh.Options.Journal, mesh.Options.Snapshots) { Retention = All };

    private static OfflineLog Open(StorePlace place, TestMesh mesh) => OfflineLog.Open(Location(place, mesh), _ => mesh.Guests);
}
