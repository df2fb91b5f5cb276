using System.Globalization;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Nodes;

/// <summary>A shard that remembers so many ids that its states are saved in parts, on both databases.</summary>
[Collection(PostgresCollection.Name)]
public sealed class StateInPartsTests(PostgresServer server)
{
    private const int Remembered = 5_000;
    private const int AtATime = 500;

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Ids_are_remembered_over_a_crash_and_what_no_state_names_any_more_goes(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var mesh = Mesh(place);
        await mesh.StartAsync();
        await PublishAsync(mesh, 0, 12_000, duplicates: 0);
        await mesh.CrashAsync();
        await PublishAsync(mesh, 8_000, 12_000, duplicates: AtATime);
        await PublishAsync(mesh, 12_000, 20_000, duplicates: 0);
        await mesh.Node.DrainAsync();

        var found = LogMaintenance.Count(Location(mesh));
        Assert.InRange(found.Parts, 4, 3 * (Remembered / IdsOfPart + 2));
        Assert.True(found.StateBytes < found.States * (2 * IdsOfPart * BytesOfId + 10_000), $"The rows of {found.States} states have {found.StateBytes} bytes.");
        using (var log = OfflineLog.Open(Location(mesh), _ => mesh.Guests)) Assert.DoesNotContain(log.Verify().Flaws, f => f.Message.Contains("state", StringComparison.Ordinal));
        Assert.Equal(0, LogMaintenance.Compact(Location(mesh), dryRun: true).Parts - LogMaintenance.Compact(Location(mesh), dryRun: false).Parts);

        await mesh.StartAsync();
        await PublishAsync(mesh, 16_000, 20_000, duplicates: AtATime);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task A_state_of_which_a_part_is_lost_is_told_of_and_the_log_is_read_instead(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var mesh = Mesh(place);
        await mesh.StartAsync();
        await PublishAsync(mesh, 0, 4_000, duplicates: 0);
        var hash = await mesh.Node.StateHashAsync("noter");
        await mesh.Node.DrainAsync();
        place.InSnapshots("DELETE FROM image_part");

        using (var log = OfflineLog.Open(Location(mesh), _ => mesh.Guests))
            Assert.Contains(log.Verify().Flaws, f => f.Message.Contains("'shard-0'", StringComparison.Ordinal) && f.Message.Contains("parts that it names are missing or damaged", StringComparison.Ordinal));
        await mesh.StartAsync();

        Assert.Equal(hash, await mesh.Node.StateHashAsync("noter"));
        await PublishAsync(mesh, 0, 4_000, duplicates: AtATime);
    }

    [Fact]
    public async Task An_archive_holds_states_whole()
    {
        using var folder = new TestFolder();
        var options = new MeshNodeOptions
        {
            Topology = Topologies.Of(Topologies.Wat("counter", "counter", "in")), DataFolder = folder.Data, Modules = Topologies.Modules("counter"),
            Shard = new ShardOptions { IdempotencyKeys = Remembered, StateEveryRecords = 1_000 },
        };
        await using (var node = await MeshNode.StartAsync(options))
        {
            await PublishAsync(node, 0, 4_000, duplicates: 0);
            await node.DrainAsync();
        }
        using var archive = new MemoryStream();
        Assert.True(LogMaintenance.Count(new LogLocation(folder.Data)).Parts > 0);
        Assert.Equal(0, LogMaintenance.Export(new LogLocation(folder.Data), archive).Parts);

        archive.Position = 0;
        var moved = Path.Combine(folder.Path, "moved");
        LogMaintenance.Import(archive, moved);

        await using var again = await MeshNode.StartAsync(options with { DataFolder = moved });
        await PublishAsync(again, 0, 4_000, duplicates: AtATime);
    }

    private static int IdsOfPart => 1_024;

    private static int BytesOfId => 40;

    /// <summary>Events that are known are acknowledged as such, batch by batch.</summary>
    private static Task PublishAsync(TestMesh mesh, int from, int to, int duplicates) => PublishAsync(mesh.Node, from, to, duplicates);

    /// <inheritdoc cref="PublishAsync(TestMesh, int, int, int)"/>
    private static async Task PublishAsync(MeshNode node, int from, int to, int duplicates)
    {
        for (var at = from; at < to; at += AtATime)
        {
            var reply = await node.PublishAsync(new PublishBatch([.. Enumerable.Range(at, AtATime).Select(i => new MeshEvent
            {
                Topic = i % 100 == 0 ? "in" : "elsewhere", Id = i.ToString(CultureInfo.InvariantCulture), Source = "/test", Data = "1"u8.ToArray(),
            })]));
            Assert.True(reply.IsAccepted, reply.Problem?.Message);
            Assert.Equal(duplicates, reply.Duplicates);
        }
        await node.WhenIdleAsync();
    }

    private static TestMesh Mesh(StorePlace place)
    {
        var mesh = new TestMesh(TestMesh.Topology(TestMesh.Agent("noter", "in")));
        mesh.Options = mesh.Options with
        {
            DataFolder = place.Folder.Path, Journal = place.Kind == StoreKind.Postgres ? place.Journal : null, Snapshots = place.Kind == StoreKind.Postgres ? place.Snapshots : null,
            Shard = mesh.Options.Shard with { IdempotencyKeys = Remembered, StateEveryRecords = 1_000 },
        };
        return mesh;
    }

    private static LogLocation Location(TestMesh mesh) => new(mesh.Options.DataFolder, mesh.Options.Journal, mesh.Options.Snapshots);
}
