using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A node reads what it has stored, and says where a bit is not what was written.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ScrubTests(PostgresServer server)
{
    private static readonly ScrubOptions Fast = new() { BytesPerSecond = long.MaxValue, Pause = TimeSpan.FromHours(1) };

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task A_flipped_bit_of_the_log_is_told_of_with_its_row(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await FindAsync(place, "Row 2 of the journal is damaged", () => Flip(place, "journal", "message", "sequence_number = 2"));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task A_flipped_bit_of_an_image_is_told_of_with_its_place(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await FindAsync(place, "The snapshot 'agent-noter' at ", () => Flip(place, "snapshot", "snapshot", "persistence_id = 'agent-noter'"));
    }

    /// <summary>The last byte of a block and of an image belongs to its checksum.</summary>
    private static int Flip(StorePlace place, string table, string column, string where)
    {
        var sql = place.Kind == StoreKind.Postgres
            ? $"UPDATE {table} SET {column} = set_byte({column}, length({column}) - 1, get_byte({column}, length({column}) - 1) # 1) WHERE {where}"
            : $"UPDATE {table} SET {column} = CAST(substr({column}, 1, length({column}) - 1) || CASE WHEN substr({column}, -1) = x'00' THEN x'01' ELSE x'00' END AS BLOB) WHERE {where}";
        return table == "journal" ? place.InJournal(sql) : place.InSnapshots(sql);
    }

    private static async Task FindAsync(StorePlace place, string says, Func<int> damage)
    {
        var (time, logs) = (new ManualTime(), new LogCatcher());
        await using var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("noter", "in") with { SnapshotEveryTurns = 2 }));
        mesh.Options = mesh.Options with
        {
            DataFolder = place.Folder.Path, Journal = place.Kind == StoreKind.Postgres ? place.Journal : null, Snapshots = place.Kind == StoreKind.Postgres ? place.Snapshots : null,
            Time = time, Logs = logs, Scrub = Fast,
        };
        await mesh.StartAsync();
        await time.WhenTimerIsSet(wait => wait == Fast.Pause);
        for (var i = 0; i < 6; i++) await mesh.HandleAsync("in", $"{i}");
        Assert.DoesNotContain(logs.Lines, line => line.Contains("damaged", StringComparison.Ordinal));

        await using var stream = mesh.Node.StreamAsync(TopicPattern.Parse("mesh.node.damaged"), mesh.Node.Status.CommittedOffset + 1).GetAsyncEnumerator();
        Assert.True(damage() > 0);
        time.Advance(Fast.Pause);
        Assert.True(await stream.MoveNextAsync());
        var told = stream.Current;
        Assert.Contains(says, System.Text.Encoding.UTF8.GetString(told.Event.Data.Span).Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(logs.Lines, line => line.Contains(says, StringComparison.Ordinal));
        var health = await mesh.Node.HealthAsync();
        Assert.Equal(HealthLevel.Degraded, health.Level);
        Assert.Contains(health.Reasons, reason => reason.Contains(says, StringComparison.Ordinal));
    }
}
