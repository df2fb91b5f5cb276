using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Tests.Persistence;

public sealed class DataFolderTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_can_be_taken_again_once_it_was_given_back()
    {
        DataFolder.Take(folder.Data).Dispose();
        using var again = DataFolder.Take(folder.Data);
        Assert.Equal(folder.Data, again.Path);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        var file = folder.File("file", "");

        var failure = Assert.Throws<MeshNodeException>(() => DataFolder.Take(Path.Combine(file, "data")));

        Assert.Equal(NodeFailure.DataFolder, failure.Failure);
        Assert.Contains(file, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_head_of_the_log_is_read_back_and_a_torn_one_is_ignored()
    {
        var path = Path.Combine(folder.Path, "log.head");
        Assert.Null(LogHeadFile.Read(path));
        using (var file = LogHeadFile.Open(path))
        {
            Assert.Null(LogHeadFile.Read(path));
            file.Write(new LogHead(1, 2, 3));
            file.Write(new LogHead(7, 99, 0xABCDEF));
        }
        Assert.Equal(new LogHead(7, 99, 0xABCDEF), LogHeadFile.Read(path));

        var bytes = File.ReadAllBytes(path);
        bytes[10] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Null(LogHeadFile.Read(path));
    }

    [Fact]
    public void A_module_is_kept_by_its_content_and_a_changed_one_is_refused()
    {
        var agent = Topologies.Wat("a", "echo");
        var store = new ModuleStore(folder.Path);
        store.Keep(Topologies.Of(agent), Topologies.Modules("echo"));
        Assert.Equal(Repository.Guest("echo"), store.Read(agent));

        File.AppendAllText(Path.Combine(folder.Path, agent.ModuleHash + ".wasm"), " ");
        Assert.Contains("was changed", Assert.Throws<GuestRefusedException>(() => store.Read(agent)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_is_not_the_one_its_hash_says_is_not_kept()
    {
        var agent = Topologies.Wat("a", "echo");
        var given = new Dictionary<string, ModuleFile> { [agent.ModuleHash] = new(Repository.Guest("counter"), "counter.wat") };

        var failure = Assert.Throws<MeshNodeException>(() => new ModuleStore(folder.Path).Keep(Topologies.Of(agent), given));

        Assert.Equal(NodeFailure.ModuleRefused, failure.Failure);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_module_that_was_neither_given_nor_kept_is_named()
    {
        var failure = Assert.Throws<MeshNodeException>(() => new ModuleStore(folder.Path).Keep(Topologies.Of(Topologies.Wat("a", "echo")), new Dictionary<string, ModuleFile>()));

        Assert.Contains("'a' (echo.wat", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        var path = folder.File("journal.db", new string('x', 5_000));

        var failure = Assert.Throws<MeshNodeException>(() => SqliteFiles.Prepare(SqliteFiles.StoreIn(path), "journal", SqliteTables.Journal));

        Assert.Equal(NodeFailure.Storage, failure.Failure);
        Assert.Equal(5_000, new FileInfo(path).Length);
    }
}
