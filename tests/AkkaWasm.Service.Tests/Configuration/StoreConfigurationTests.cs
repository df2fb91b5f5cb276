using AkkaWasm.Actors;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Configuration;

/// <summary>Which databases a configuration names, for a node and for those who read the log without one.</summary>
public sealed class StoreConfigurationTests
{
    private const string OnPostgres = """
        akka-wasm.data {
          folder = there
          journal { provider = PostgreSQL.15, connection-string = "Host=db;Username=mesh;Password=never-shown;Database=mesh;Search Path=quakes" }
          snapshots = ${akka-wasm.data.journal}
        }
        """;

    [Fact]
    public void A_reader_of_the_log_goes_where_the_node_goes()
    {
        using var folder = new MeshFolder();
        var tree = folder.Tree(OnPostgres);

        var (log, node) = (ConfigurationReader.ReadLog(tree), ConfigurationReader.Read(tree).Node);

        Assert.Equal(new LogLocation(node.DataFolder, node.Journal, node.Snapshots), log);
        Assert.Equal("PostgreSQL.15 'mesh' (schema quakes) on db:5432", $"{log.Journal}");
        Assert.DoesNotContain("never-shown", $"{node} {log}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verb_opens_the_log_of_the_configuration_with_another_data_folder()
    {
        using var folder = new MeshFolder();
        LogLocation? opened = null;
        Task<Outcome> RunAsync(params string[] more) => Terminal.RunAsync(["log", "verify", "--data", folder.Path, .. more], change: context => context with
        {
            OpenLog = location =>
            {
                opened = location;
                throw new MeshNodeException(NodeFailure.Storage, "Enough is seen.");
            },
        });

        Assert.Equal(3, (await RunAsync("--config", folder.Write("mesh.conf", OnPostgres))).Code);
        Assert.Equal((folder.Path, "PostgreSQL.15"), (opened!.DataFolder, opened.Journal!.Provider));
        Assert.Equal(3, (await RunAsync()).Code);
        Assert.Equal(new LogLocation(folder.Path), opened);
    }

    [Theory]
    [InlineData("PostgreSQL.15", "Host=db;Port=never-shown", "the connection string cannot be read")]
    [InlineData("PostgreSQL.15", "Host=db;Password=a;never-shown=b", "the connection string cannot be read")]
    [InlineData("PostgreSQL.15", "Username=never-shown", "the connection string cannot be read")]
    [InlineData("MySql", "never-shown", "the provider 'MySql' is not known")]
    public void A_database_that_cannot_be_used_is_refused_without_its_connection_string(string provider, string connection, string what)
    {
        using var folder = new MeshFolder();

        var refusal = folder.Refusal($"akka-wasm.data.journal {{ provider = {provider}, connection-string = \"{connection}\" }}");

        Assert.StartsWith($"'akka-wasm.data.journal' cannot be used: {what} at mesh.conf:1:", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("never-shown", refusal, StringComparison.Ordinal);
    }
}
