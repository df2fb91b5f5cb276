using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Tests.Persistence;

public sealed class PartStoreTests : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly StoreConnection connection;
    private readonly SqlPartTable table;

    public PartStoreTests() => table = SqlPartTable.In(connection = StoreConnection.To(SqliteFiles.StoreIn(File))!);

    private string File => Path.Combine(folder.Path, "snapshots.db");

    [Fact]
    public void Parts_are_written_once_and_read_back_and_damaged_ones_are_missing()
    {
        var parts = Enumerable.Range(1, 3_000).Select(Part).ToList();
        Assert.Equal(3_000 * 64, table.Write(parts));
        Assert.Equal(64, table.Write([parts[7], Part(5_000)]));
        Assert.Equal((3_001, 3_001 * 64), table.Size());
        Assert.Equal(new[] { parts[0].Name, parts[9].Name }.Order(), table.Existing([parts[0].Name, 12345, parts[9].Name]).Order());
        Assert.Equal(parts[1_500].Content.ToArray(), table.Read([parts[1_500].Name])[parts[1_500].Name].ToArray());
        Assert.Equal(parts.Append(Part(5_000)).Select(p => p.Name).Order(), table.Names(0, UInt128.MaxValue));

        Execute($"UPDATE {SqlPartTable.Table} SET {SqlPartTable.Content} = zeroblob(64) WHERE rowid = 11");

        Assert.Equal([parts[9].Name], table.Read([parts[9].Name, parts[10].Name]).Keys);
        table.Delete([.. parts.Select(p => p.Name)]);
        Assert.Equal((1, 64), table.Size());
    }

    [Fact]
    public void A_state_writes_what_the_one_before_it_did_not_have()
    {
        var store = new PartStore(table);
        var (first, second) = (new State(1, 2, 3), new State(2, 3, 4));

        Assert.Equal(3 * 64, Save(store, "a", first));
        Assert.Equal(64, Save(store, "a", second));
        Assert.Equal([4], second.Asked);
        Assert.Equal(0, Save(store, "b", new State(1, 4)));
    }

    [Fact]
    public void A_sweep_deletes_what_no_image_names()
    {
        var store = new PartStore(table);
        Save(store, "a", new State([.. Enumerable.Range(1, 2_500)]));

        Assert.Equal(1_500, store.Sweep(() => Enumerable.Range(1, 1_000).Select(NameOf)));

        Assert.Equal(Enumerable.Range(1, 1_000).Select(NameOf).Order(), table.Names(0, UInt128.MaxValue));
    }

    [Fact]
    public void A_sweep_spares_the_parts_of_an_image_that_is_saved_meanwhile()
    {
        var store = new PartStore(table);
        Save(store, "a", new State(1, 2));
        PartStore.ImageHold? held = null;

        store.Sweep(Reachable);

        Assert.Equal(new[] { 1, 2, 3 }.Select(NameOf).Order(), table.Names(0, UInt128.MaxValue));
        Assert.Equal(3, store.Sweep(() => []));

        IEnumerable<UInt128> Reachable()
        {
            // the manifests were read, then an image that shares parts with a dropped one is saved from beginning to end
            held = store.Write("a", new State(1, 2, 3));
            held.IsSaved = true;
            held.Dispose();
            return [];
        }
    }

    [Fact]
    public void What_was_swept_is_written_again()
    {
        var store = new PartStore(table);
        var first = new State(1, 2);
        Save(store, "a", first);
        store.Sweep(() => []);

        Assert.Equal(3 * 64, Save(store, "a", new State(1, 2, 3)));
        GC.KeepAlive(first);
    }

    [Fact]
    public void A_failed_write_holds_nothing()
    {
        var store = new PartStore(table);
        Save(store, "a", new State(1));
        Execute($"CREATE TRIGGER full BEFORE INSERT ON {SqlPartTable.Table} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");

        Assert.Throws<SqliteException>(() => store.Write("a", new State(1, 2)));

        Execute("DROP TRIGGER full");
        Assert.Equal(1, store.Sweep(() => []));
    }

    public void Dispose()
    {
        connection.Dispose();
        folder.Dispose();
    }

    private static long Save(PartStore store, string agent, State state)
    {
        using var hold = store.Write(agent, state);
        hold.IsSaved = true;
        return hold.BytesWritten;
    }

    private static UInt128 NameOf(int number) => new((ulong)number * 0x9E37_79B9_7F4A_7C15, (ulong)number);

    private static StatePart Part(int number) => new(NameOf(number), Enumerable.Repeat((byte)number, 64).ToArray());

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class State(params int[] numbers) : GuestState
    {
        public List<int> Asked { get; } = [];

        public override long PartBytes => numbers.Length * 64;

        public override IEnumerable<UInt128> PartNames => numbers.Select(NameOf);

        public override ReadOnlyMemory<byte> ToBytes() => throw new NotSupportedException();

        public override IEnumerable<StatePart> PartsNotIn(GuestState? previous)
        {
            foreach (var number in numbers.Except((previous as State)?.Numbers ?? []))
            {
                Asked.Add(number);
                yield return Part(number);
            }
        }

        private int[] Numbers => numbers;
    }
}
