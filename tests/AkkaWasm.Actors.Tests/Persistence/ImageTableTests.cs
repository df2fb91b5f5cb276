using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Persistence;

/// <summary>Images go into the table of the plug-in without it, and come back without it; each test runs on all databases.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ImageTableTests(PostgresServer server)
{
    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task The_newest_image_at_or_before_an_offset_is_found(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        using var connection = await ConnectAsync(place);
        var table = new SqlSnapshotTable(connection);
        table.Save([Image("agent-a", 10), Image("agent-a", 20), Image("agent-b", 15), Image("agent-a", 30)]);
        table.Save([Image("agent-a", 20, 9)]);

        Assert.Null(table.Find("agent-a", 9));
        Assert.Equal((10, 1), Found(table.Find("agent-a", 19)));
        Assert.Equal((20, 9), Found(table.Find("agent-a", 20)));
        Assert.Equal((30, 1), Found(table.Find("agent-a", long.MaxValue)));
        Assert.Equal((15, 1), Found(table.Find("agent-b", 30)));
        Assert.Null(table.Find("agent", long.MaxValue));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Images_that_are_saved_at_the_same_time_are_all_there_when_each_says_so(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        using var connection = await ConnectAsync(place);
        var table = new SqlSnapshotTable(connection);
        var writer = new ImageWriter(table);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            await writer.SaveAsync($"agent-{i}", i, [(byte)i]);
            Assert.Equal((byte)i, table.Find($"agent-{i}", i)!.Content[0]);
        }));
    }

    [Fact]
    public async Task An_image_that_cannot_be_saved_fails_alone_with_its_group_and_later_ones_are_saved()
    {
        using var place = new StorePlace(StoreKind.Sqlite, server);
        using var connection = await ConnectAsync(place);
        var table = new SqlSnapshotTable(connection);
        var writer = new ImageWriter(table);
        connection.Execute("CREATE TRIGGER refuse BEFORE INSERT ON snapshot WHEN NEW.persistence_id = 'agent-bad' BEGIN SELECT RAISE(ABORT, 'refused'); END");

        await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() => writer.SaveAsync("agent-bad", 1, [1]));
        await writer.SaveAsync("agent-good", 1, [1]);

        Assert.Null(table.Find("agent-bad", 1));
        Assert.NotNull(table.Find("agent-good", 1));
    }

    private static async Task<StoreConnection> ConnectAsync(StorePlace place)
    {
        var options = new MeshNodeOptions { Topology = Topologies.Of(), DataFolder = place.Folder.Path };
        await new Stores(place.Journal, place.Snapshots).PrepareAsync(options, CancellationToken.None);
        return StoreConnection.To(place.Snapshots)!;
    }

    private static SnapshotRow Image(string id, long number, byte content = 1) => new(id, number, [content], JournalSchema.ImageManifest);

    private static (long, int) Found(SnapshotRow? found) => (found!.SequenceNr, found.Content[0]);
}
