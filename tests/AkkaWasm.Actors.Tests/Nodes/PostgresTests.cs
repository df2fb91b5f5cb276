using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A node whose log is on PostgreSQL: the same mesh, and a server that goes away and comes back.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresTests(PostgresServer server)
{
    private const int Publishers = 4;

    [PostgresFact]
    public async Task The_recorded_week_ends_in_the_same_states_as_on_Sqlite()
    {
        using var folder = new TestFolder();
        var store = NewStore();
        var onSqlite = await RunWeekAsync(Earthquakes.Options(Path.Combine(folder.Path, "sqlite")));
        var options = Earthquakes.Options(Path.Combine(folder.Path, "postgres")) with { Journal = store, Snapshots = store };
        var onPostgres = await RunWeekAsync(options);

        Assert.Equal(1_707, onPostgres.Totals.EventsIn);
        Assert.Equal(States(onSqlite), States(onPostgres));
        Assert.Equal((0L, 0L), (await RunWeekAsync(options)) is var again ? (again.ThisRun.EventsIn, again.ThisRun.Turns) : default);
        Assert.Equal(["cache", "log.head", "modules", "node.lock", "node.pid", "stores.json"], Directory.EnumerateFileSystemEntries(options.DataFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task Without_a_node_the_log_is_verified_shown_and_replayed()
    {
        using var folder = new TestFolder();
        var store = NewStore();
        var options = Earthquakes.Options(folder.Data) with { Journal = store, Snapshots = store };
        var summary = await RunWeekAsync(options);

        using var log = OfflineLog.Open(new LogLocation(folder.Data, store, store));
        Assert.Empty(log.Verify().Flaws);
        Assert.Equal(1_707, log.Records().Count(r => r.Record is EventRecord { Event.Topic: "usgs.feed" }));
        var replay = log.ReplayAgent("histogram")!;
        Assert.True(replay.IsFaithful, replay.Divergence?.Message);
        Assert.Equal(summary.Agents.Single(a => a.Status.Name == "histogram").StateHash, replay.StateHash);
    }

    [PostgresFact]
    public async Task The_log_is_counted_compacted_and_moved_to_files_of_a_folder()
    {
        using var folder = new TestFolder();
        var store = NewStore();
        var summary = await RunWeekAsync(Earthquakes.Options(folder.Data) with { Journal = store, Snapshots = store });
        var place = new LogLocation(folder.Data, store, store);
        var moved = Path.Combine(folder.Path, "moved");

        LogMaintenance.Compact(place, dryRun: false);
        using var archive = new MemoryStream();
        LogMaintenance.Export(place, archive);
        archive.Position = 0;
        LogMaintenance.Import(archive, moved);

        Assert.Equal(LogMaintenance.Count(place).Records, LogMaintenance.Count(new LogLocation(moved)).Records);
        using (var log = OfflineLog.Open(moved)) Assert.Empty(log.Verify().Flaws);
        var again = await RunWeekAsync(Earthquakes.Options(moved));
        Assert.Equal(0, again.ThisRun.Turns);
        Assert.Equal(States(summary), States(again));
    }

    [PostgresFact]
    public async Task What_of_the_log_is_damaged_or_gone_is_found_with_its_row()
    {
        await using var mesh = Mesh();
        await mesh.StartAsync();
        for (var i = 0; i < 10; i++) await mesh.HandleAsync("in", $"{i}");
        await mesh.Node.DrainAsync();
        var schema = new Npgsql.NpgsqlConnectionStringBuilder(mesh.Options.Journal!.ConnectionString).SearchPath;
        Assert.Empty(Verify(mesh));

        server.Query($"UPDATE {schema}.journal SET message = set_byte(message, length(message) - 12, get_byte(message, length(message) - 12) # 1) WHERE sequence_number = 5");
        Assert.StartsWith("Row 5 of the journal (offset ", Verify(mesh)[0].Message, StringComparison.Ordinal);
        server.Query($"UPDATE {schema}.journal SET message = substring(message FROM 1 FOR 30) WHERE sequence_number = 5");
        Assert.Equal(5, Verify(mesh)[0].SequenceNr);
        Assert.Equal(NodeFailure.LogCorrupt, (await FailureFromBeginningAsync(mesh, schema)).Failure);
        server.Query($"DELETE FROM {schema}.journal WHERE sequence_number = 5");
        Assert.StartsWith("Row 5 of the journal is missing", Verify(mesh)[0].Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_database_that_lost_the_end_of_the_log_is_refused()
    {
        await using var mesh = Mesh();
        await mesh.StartAsync();
        for (var i = 0; i < 5; i++) await mesh.HandleAsync("in", $"{i}");
        await mesh.Node.DrainAsync();
        var schema = new Npgsql.NpgsqlConnectionStringBuilder(mesh.Options.Journal!.ConnectionString).SearchPath;
        server.Query($"DELETE FROM {schema}.journal WHERE sequence_number = (SELECT max(sequence_number) FROM {schema}.journal)");

        var failure = await FailureFromBeginningAsync(mesh, schema);

        Assert.Equal(NodeFailure.LogCorrupt, failure.Failure);
        Assert.Contains("its end was cut off", failure.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_server_that_loses_its_power_under_load_takes_nothing_with_it()
    {
        await using var mesh = Mesh();
        await mesh.StartAsync();
        var publishers = new PatientPublishers(mesh.Node, Publishers);
        for (var round = 0; round < 2; round++)
        {
            await publishers.MoreAsync(50);
            server.Kill();
            await publishers.RefusedAsync();
            server.Start();
            await publishers.MoreAsync(50);
        }
        await ExactlyOnceAsync(mesh, await publishers.EndAsync());
        Assert.True(mesh.Node.Status.Epoch > 2, $"epoch {mesh.Node.Status.Epoch}");
    }

    [PostgresFact]
    public async Task Sessions_that_are_ended_under_load_lose_and_double_nothing()
    {
        await using var mesh = Mesh();
        await mesh.StartAsync();
        var publishers = new PatientPublishers(mesh.Node, Publishers);
        for (var round = 0; round < 5; round++)
        {
            await publishers.MoreAsync(40);
            server.EndSessions();
        }
        await publishers.MoreAsync(40);
        await ExactlyOnceAsync(mesh, await publishers.EndAsync());
    }

    [PostgresFact]
    public async Task A_node_that_is_started_before_its_server_waits_for_it_and_says_so()
    {
        var logs = new LogCatcher();
        await using var mesh = Mesh();
        mesh.Options = mesh.Options with { Logs = logs };
        server.Kill();
        var starting = mesh.StartAsync();
        await logs.WhenLogged("The journal in the database 'akkawasm'");
        Assert.False(starting.IsCompleted);

        server.Start();
        await starting;

        await mesh.HandleAsync("in", "one");
        Assert.Equal("init one", mesh.Guests.States["a"]);
        AssertNoSecret(mesh, logs);
    }

    [PostgresFact]
    public async Task A_server_that_stays_away_ends_the_start_with_one_sentence()
    {
        await using var mesh = Mesh();
        mesh.Options = mesh.Options with { MaxShardDowntime = TimeSpan.Zero };
        server.Kill();
        try
        {
            var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);

            Assert.Equal(NodeFailure.Storage, failure.Failure);
            Assert.StartsWith("The journal in the database 'akkawasm' (schema s", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            server.Start();
        }
    }

    [PostgresTheory]
    [InlineData("Password=wrong", "SQLSTATE 28P01")]
    [InlineData("Database=nowhere", "SQLSTATE 3D000")]
    [InlineData("Search Path=nowhere", "SQLSTATE 3F000")]
    public async Task What_trying_again_cannot_help_is_said_at_once_and_without_the_password(string change, string reason)
    {
        var logs = new LogCatcher();
        await using var mesh = Mesh();
        var store = mesh.Options.Journal! with { ConnectionString = $"{mesh.Options.Journal.ConnectionString};{change}" };
        mesh.Options = mesh.Options with { Journal = store, Snapshots = store, Logs = logs };

        var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);

        Assert.Equal(NodeFailure.Storage, failure.Failure);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", failure.Message, StringComparison.Ordinal);
        AssertNoSecret(mesh, logs);
    }

    [PostgresTheory]
    [InlineData("synchronous_commit")]
    public async Task A_database_that_does_not_sync_its_commits_is_refused(string setting)
    {
        await using var mesh = Mesh();
        var store = mesh.Options.Journal! with { ConnectionString = $"{mesh.Options.Journal.ConnectionString};Options=-c {setting}=off" };
        mesh.Options = mesh.Options with { Journal = store };

        var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);

        Assert.Equal(NodeFailure.Storage, failure.Failure);
        Assert.Contains($"{setting} is off", failure.Message, StringComparison.Ordinal);
    }

    [PostgresTheory]
    [InlineData("fsync")]
    [InlineData("synchronous_commit")]
    public async Task A_server_that_does_not_sync_is_refused_and_served_when_it_does(string setting)
    {
        await using var mesh = Mesh();
        try
        {
            Configure($"ALTER SYSTEM SET {setting} = off", setting, "off");
            var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);
            Assert.Equal(NodeFailure.Storage, failure.Failure);
            Assert.Contains($"does not sync its commits ({setting} is off)", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            Configure($"ALTER SYSTEM RESET {setting}", setting, "on");
        }
        await mesh.StartAsync();
        await mesh.HandleAsync("in", "one");
    }

    /// <summary>The server reads its configuration again in its own time.</summary>
    private void Configure(string sql, string setting, string value)
    {
        server.Query(sql);
        server.Query("SELECT pg_reload_conf()");
        while (server.Query($"SHOW {setting}") != value) { }
    }

    [PostgresFact]
    public async Task Blocks_are_not_left_to_the_servers_compression_and_rows_are_unique()
    {
        await using var mesh = Mesh();
        await mesh.StartAsync();
        var schema = new Npgsql.NpgsqlConnectionStringBuilder(mesh.Options.Journal!.ConnectionString).SearchPath;

        Assert.Equal("e", server.Query($"SELECT attstorage FROM pg_attribute WHERE attrelid = '{schema}.journal'::regclass AND attname = 'message'"));
        Assert.Equal("e", server.Query($"SELECT attstorage FROM pg_attribute WHERE attrelid = '{schema}.snapshot'::regclass AND attname = 'snapshot'"));

        await mesh.Node.DrainAsync();
        server.Query($"ALTER TABLE {schema}.journal DROP CONSTRAINT journal_uq");
        var failure = await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);
        Assert.Contains("no unique index", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<MeshSummary> RunWeekAsync(MeshNodeOptions options)
    {
        await using var node = await MeshNode.StartAsync(options);
        await node.WhenIdleAsync();
        return await node.SummaryAsync();
    }

    private static IEnumerable<(string, Mesh.StateHash?)> States(MeshSummary summary) => summary.Agents.Select(a => (a.Status.Name, a.StateHash));

    /// <summary>Every acknowledged event is in the log once, and the agent handled each once and in the log's order.</summary>
    private static async Task ExactlyOnceAsync(TestMesh mesh, IReadOnlyCollection<string> acknowledged)
    {
        await mesh.Node.WhenIdleAsync();
        var inLog = (await mesh.EventsAsync("in")).Select(e => e.Id).ToList();
        Assert.Empty(acknowledged.Except(inLog));
        Assert.Equal(inLog.Count, inLog.Distinct().Count());
        Assert.Equal("init " + string.Join(' ', inLog), mesh.Guests.States["a"]);
        Assert.Equal(NodeState.Ready, mesh.Node.Status.State);
        await mesh.Node.DrainAsync();
        Assert.Empty(Verify(mesh));
    }

    private static IReadOnlyList<LogFlaw> Verify(TestMesh mesh)
    {
        using var log = OfflineLog.Open(new LogLocation(mesh.Folder.Data, mesh.Options.Journal, mesh.Options.Snapshots));
        return [.. log.Verify().Flaws.Where(f => !f.Message.StartsWith("The module of", StringComparison.Ordinal))]; // scripted guests have none
    }

    private static void AssertNoSecret(TestMesh mesh, LogCatcher logs)
    {
        var password = new Npgsql.NpgsqlConnectionStringBuilder(mesh.Options.Snapshots!.ConnectionString).Password!;
        Assert.DoesNotContain(logs.Lines, line => line.Contains(password, StringComparison.Ordinal));
        Assert.DoesNotContain(password, $"{mesh.Options}", StringComparison.Ordinal);
        foreach (var file in Directory.Exists(mesh.Folder.Data) ? Directory.EnumerateFiles(mesh.Folder.Data, "*.json") : [])
            Assert.DoesNotContain(password, File.ReadAllText(file), StringComparison.Ordinal);
    }

    /// <summary>Starts a node that reads the log from its beginning.</summary>
    private async Task<MeshNodeException> FailureFromBeginningAsync(TestMesh mesh, string? schema)
    {
        server.Query($"DELETE FROM {schema}.snapshot");
        return await Assert.ThrowsAsync<MeshNodeException>(mesh.StartAsync);
    }

    private StoreOptions NewStore() => new("PostgreSQL.15", server.NewSchema());

    private TestMesh Mesh()
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("a", "in")));
        var store = NewStore();
        mesh.Options = mesh.Options with { Journal = store, Snapshots = store, MaxBackoff = TimeSpan.FromMilliseconds(100) };
        return mesh;
    }
}
