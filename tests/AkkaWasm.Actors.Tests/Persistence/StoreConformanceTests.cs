using Akka.Persistence;
using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Actors.Tests.Persistence;

/// <summary>What a store has to do for a shard, whatever database it is: each test runs on all of them.</summary>
[Collection(PostgresCollection.Name)]
public sealed class StoreConformanceTests(PostgresServer server)
{
    private const int BigRow = 8 << 20;

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Rows_are_read_back_in_order_and_byte_for_byte(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        var blocks = Enumerable.Range(0, 40).Select(i => Bytes(i, i * 97)).ToArray();

        for (var i = 0; i < blocks.Length; i++) Assert.Null(await store.WriteAsync(i + 1, blocks[i]));

        var (highest, rows) = await store.ReplayAsync();
        Assert.Equal(40, highest);
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), rows.Select(r => r.Row));
        Assert.Equal(blocks, rows.Select(r => r.Block));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task A_part_of_the_rows_is_read_as_it_is_asked_for(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        for (var i = 1; i <= 30; i++) await store.WriteAsync(i, Bytes(i, 10));

        Assert.Equal([11L, 12, 13], (await store.ReplayAsync(11, 13)).Rows.Select(r => r.Row));
        Assert.Equal([25L, 26], (await store.ReplayAsync(25, most: 2)).Rows.Select(r => r.Row));
        Assert.Empty((await store.ReplayAsync(31)).Rows);
        Assert.Null(await store.Reader.RowAsync(31));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task An_empty_log_and_an_unknown_one_have_no_rows(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);

        Assert.Equal((0L, 0), (await store.ReplayAsync()) is var (highest, rows) ? (highest, rows.Count) : default);
        Assert.Null(await store.LoadAsync("agent-nobody"));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Rows_that_are_written_together_are_there_together_or_not_at_all(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        Assert.Null(await store.WriteAsync(1, Bytes(1, 10), Bytes(2, 10), Bytes(3, 10)));
        Assert.Null(await store.WriteAsync(5, Bytes(5, 10)));

        Assert.NotNull(await store.WriteAsync(4, Bytes(40, 10), Bytes(50, 10), Bytes(60, 10)));

        Assert.Equal([1L, 2, 3, 5], (await store.ReplayAsync()).Rows.Select(r => r.Row));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Of_two_writers_of_a_row_one_fails_and_the_first_ones_bytes_stay(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var first = await TestStore.OpenAsync(place);
        await using var second = await TestStore.OpenAsync(place);
        Assert.Null(await first.WriteAsync(1, Bytes(1, 100)));

        var problem = await second.WriteAsync(1, Bytes(2, 100));
        Assert.NotNull(problem);
        Assert.StartsWith("failed", problem, StringComparison.Ordinal);
        Assert.NotNull(await second.WriteAsync(1, Bytes(3, 100), Bytes(4, 100)));

        Assert.Equal(Bytes(1, 100), Assert.Single((await second.ReplayAsync()).Rows).Block);
        Assert.Null(await second.WriteAsync(2, Bytes(5, 100)));
        Assert.NotNull(await first.WriteAsync(2, Bytes(6, 100)));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Many_writers_of_one_row_leave_exactly_one(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var first = await TestStore.OpenAsync(place);
        await using var second = await TestStore.OpenAsync(place);

        // Fewer than the failures in a row that open the plug-in's circuit breaker: one of the two may lose every time.
        for (var row = 1; row <= 8; row++)
        {
            var problems = await Task.WhenAll(first.WriteAsync(row, Bytes(row, 50)), second.WriteAsync(row, Bytes(-row, 50)));
            Assert.Single(problems, p => p is null);
        }

        Assert.Equal(Enumerable.Range(1, 8).Select(i => (long)i), (await first.ReplayAsync()).Rows.Select(r => r.Row));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task The_largest_block_and_larger_ones_are_kept_whole(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        var (big, bigger) = (Bytes(1, BigRow), Bytes(2, 3 * BigRow));
        await using (var store = await TestStore.OpenAsync(place))
        {
            Assert.Null(await store.WriteAsync(1, big));
            Assert.Null(await store.WriteAsync(2, bigger));
            await store.SaveAsync("agent-big", 1, bigger);
        }
        await using var again = await TestStore.OpenAsync(place);

        var (_, rows) = await again.ReplayAsync();
        AssertSame(big, rows[0].Block);
        AssertSame(bigger, rows[1].Block);
        AssertSame(bigger, (await again.LoadAsync("agent-big"))!.Value.State);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task What_was_acknowledged_is_there_when_the_store_is_opened_again(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        for (var run = 0; run < 3; run++)
        {
            await using var store = await TestStore.OpenAsync(place);
            Assert.Equal(run * 5, (await store.ReplayAsync()).Highest);
            for (var i = 1; i <= 5; i++) Assert.Null(await store.WriteAsync(run * 5 + i, Bytes(run * 5 + i, 20)));
        }
        await using var last = await TestStore.OpenAsync(place);
        Assert.Equal(Enumerable.Range(1, 15).Select(i => Bytes(i, 20)), (await last.ReplayAsync()).Rows.Select(r => r.Block));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Whoever_reads_while_rows_are_written_sees_a_beginning_of_them(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var writer = await TestStore.OpenAsync(place);
        await using var reader = await TestStore.OpenAsync(place);
        var writing = Task.Run(async () =>
        {
            for (var i = 1; i <= 60; i++) Assert.Null(await writer.WriteAsync(i, Bytes(i, 5_000)));
        });

        for (var seen = 0; seen < 60;)
        {
            var rows = (await reader.ReplayAsync()).Rows;
            Assert.True(rows.Count >= seen, $"{rows.Count} rows after {seen}");
            Assert.Equal(Enumerable.Range(1, rows.Count).Select(i => (long)i), rows.Select(r => r.Row));
            seen = rows.Count;
        }
        await writing;
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Snapshots_are_chosen_replaced_and_deleted_by_their_sequence_numbers(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        foreach (var at in new[] { 10, 20, 30, 40 }) await store.SaveAsync("agent-a", at, Bytes(at, 100));
        await store.SaveAsync("agent-b", 15, Bytes(15, 100));

        Assert.Equal(40, (await store.LoadAsync("agent-a"))!.Value.SequenceNr);
        Assert.Equal(20, (await store.LoadAsync("agent-a", new SnapshotSelectionCriteria(29, DateTime.MaxValue), 29))!.Value.SequenceNr);
        Assert.Null(await store.LoadAsync("agent-a", new SnapshotSelectionCriteria(9, DateTime.MaxValue), 9));
        await store.SaveAsync("agent-a", 40, Bytes(41, 100));
        Assert.Equal(Bytes(41, 100), (await store.LoadAsync("agent-a"))!.Value.State);
        await store.DeleteAsync("agent-a", new SnapshotSelectionCriteria(29, DateTime.MaxValue));
        Assert.Null(await store.LoadAsync("agent-a", new SnapshotSelectionCriteria(29, DateTime.MaxValue), 29));
        Assert.Equal(30, (await store.LoadAsync("agent-a", new SnapshotSelectionCriteria(39, DateTime.MaxValue), 39))!.Value.SequenceNr);
        Assert.Equal(15, (await store.LoadAsync("agent-b"))!.Value.SequenceNr);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Agents_whose_names_resemble_each_other_have_snapshots_of_their_own(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        string[] names = ["agent-monitors", "agent-monitors/new york", "agent-monitors/New York", "agent-monitors/%25_", "agent-monitors/Łódź'"];
        for (var i = 0; i < names.Length; i++) await store.SaveAsync(names[i], 5, Bytes(i, 20));

        for (var i = 0; i < names.Length; i++) Assert.Equal(Bytes(i, 20), (await store.LoadAsync(names[i]))!.Value.State);
        await store.DeleteAsync("agent-monitors", new SnapshotSelectionCriteria(long.MaxValue, DateTime.MaxValue));
        Assert.Null(await store.LoadAsync("agent-monitors"));
        Assert.NotNull(await store.LoadAsync("agent-monitors/%25_"));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task A_snapshot_of_an_unknown_kind_is_an_error_that_names_it(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        await store.SaveAsync("agent-a", 5, Bytes(5, 20));
        Assert.Equal(1, place.InSnapshots("UPDATE snapshot SET manifest = 'image/99'"));

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => store.LoadAsync("agent-a"));

        Assert.Contains("image/99", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Parts_of_images_are_kept_once_found_swept_and_told_from_damaged_ones(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        using var connection = StoreConnection.To(place.Snapshots)!;
        var table = SqlPartTable.In(connection);
        var parts = Enumerable.Range(1, 1_500).Select(i => new StatePart((UInt128)i << 100 | (UInt128)i, Bytes(i, 64))).ToList();

        Assert.Equal(1_500 * 64, table.Write(parts));
        Assert.Equal(64, table.Write([parts[7], new StatePart(5, Bytes(5, 64))]));
        Assert.Equal((1_501L, 1_501L * 64), table.Size());
        Assert.Equal([parts[3].Name], table.Existing([parts[3].Name, 12_345]));
        Assert.Equal(parts.Select(p => p.Name).Prepend<UInt128>(5), table.Names(0, UInt128.MaxValue));
        Assert.Equal(1, place.InSnapshots($"UPDATE {SqlPartTable.Table} SET {SqlPartTable.Content} = @bytes WHERE {SqlPartTable.Name} = @name", ("@bytes", Bytes(9, 64)), ("@name", SqlPartTable.BytesOf(parts[3].Name))));
        Assert.Equal(Bytes(5, 64), Assert.Single(table.Read([parts[3].Name, 5])).Value.ToArray());
        table.Delete([.. parts.Select(p => p.Name)]);
        Assert.Equal([(UInt128)5], table.Names(0, UInt128.MaxValue));
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task A_row_of_an_unknown_kind_fails_the_replay_and_is_not_passed_over(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        for (var i = 1; i <= 3; i++) await store.WriteAsync(i, Bytes(i, 10));
        Assert.Equal(1, place.InJournal("UPDATE journal SET manifest = 'block/99' WHERE sequence_number = 2"));

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => store.ReplayAsync());

        Assert.Contains("block/99", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task A_write_that_the_database_refuses_is_told_to_the_writer(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        await store.WriteAsync(1, Bytes(1, 10));
        place.InJournal("ALTER TABLE journal RENAME TO elsewhere");

        Assert.StartsWith("failed", await store.WriteAsync(2, Bytes(2, 10)), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => store.ReplayAsync());

        place.InJournal("ALTER TABLE elsewhere RENAME TO journal");
        for (var wait = new System.Diagnostics.Stopwatch(); await store.WriteAsync(2, Bytes(2, 10)) is { } problem; wait.Start()) Assert.True(wait.Elapsed < TimeSpan.FromMinutes(1), problem);
        Assert.Equal(2, (await store.ReplayAsync()).Highest);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Without_a_node_the_same_rows_and_snapshots_are_read(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        for (var i = 1; i <= 3; i++) await store.WriteAsync(i, Bytes(i, 1_000 * i));
        await store.SaveAsync("agent-a", 7, Bytes(7, 50));
        await store.SaveAsync("shard-0", 2, Bytes(2, 50));
        var stores = LogStores.Of(new LogLocation(place.Folder.Path, place.Journal, place.Snapshots));

        using var journal = JournalFile.Open(stores);
        Assert.Null(journal.FindDamage());
        Assert.Equal(3, journal.LastSequenceNr());
        var row = journal.Next(1)!;
        Assert.Equal((2L, false, JournalSchema.Serializer, JournalSchema.BlockManifest), (row.SequenceNr, row.IsDeleted, row.Serializer, row.Manifest));
        Assert.Equal(Bytes(2, 2_000), journal.BlockOf(row));
        Assert.Null(journal.Next(3));
        using var snapshots = SnapshotFile.TryOpen(stores)!;
        Assert.Equal([("agent-a", 7L), ("shard-0", 2L)], snapshots.All().Select(s => (s.PersistenceId, s.SequenceNr)));
        Assert.Equal(Bytes(7, 50), snapshots.All().First().Bytes);
    }

    [Theory, OnStore(StoreKind.Sqlite), OnStore(StoreKind.Postgres)]
    public async Task Who_reads_without_a_node_cannot_write(StoreKind kind)
    {
        using var place = new StorePlace(kind, server);
        await using var store = await TestStore.OpenAsync(place);
        await store.WriteAsync(1, Bytes(1, 10));

        using var database = ReadOnlyDatabase.Open(place.Journal);
        Assert.Throws<MeshNodeException>(() => database.Query("DELETE FROM journal", r => 0));

        Assert.Equal(1, (await store.ReplayAsync()).Highest);
    }

    /// <summary>Quick for millions of bytes.</summary>
    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual));

    private static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
