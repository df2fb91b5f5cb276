using System.Text.Json;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Process.Tests;

/// <summary>Where a node of the earthquake mesh keeps its log, and how the verbs are told.</summary>
/// <param name="Data">Its data folder.</param>
/// <param name="Mesh">Its configuration.</param>
/// <param name="Log">What verbs that read the log without a node are given.</param>
internal sealed record Place(string Data, string Mesh, string[] Log)
{
    /// <summary>The databases are in the data folder.</summary>
    public static Place OnSqlite(TemporaryFolder folder) => OnSqlite(folder["data"]);

    /// <summary>The databases are in this data folder.</summary>
    public static Place OnSqlite(string data) => new(data, NodeProcess.EarthquakeMesh, ["--data", data]);

    /// <summary>The databases are in a schema of their own on the server, as a configuration in the folder says.</summary>
    public static Place OnPostgres(TemporaryFolder folder, PostgresServer server) => OnPostgres(folder, server.NewSchema());

    /// <summary>The databases are where a connection string says.</summary>
    public static Place OnPostgres(TemporaryFolder folder, string connectionString)
    {
        var (mesh, data) = (folder["mesh.conf"], folder["data"]);
        File.WriteAllText(mesh, $$"""
            include required(file("{{NodeProcess.EarthquakeMesh}}"))
            akka-wasm {
              data.journal { provider = PostgreSQL.15, connection-string = "{{connectionString}}" }
              data.snapshots = ${akka-wasm.data.journal}
              node.max-backoff = 500 ms
            }
            """);
        return new Place(data, mesh, ["--data", data, "--config", mesh]);
    }

    public NodeProcess Serve(params string[] more) => NodeProcess.Start(["serve", Mesh, "--data", Data, "--set", "akka-wasm.http.port=0", .. more]);

    public async Task<Summary> RunToIdleAsync()
    {
        using var node = Serve("--until-idle", "--report", "json");
        await node.ExitAsync();
        return new Summary(node);
    }

    /// <summary>The events of a topic pattern that are in the log.</summary>
    public async Task<JsonElement[]> EventsAsync(string pattern)
    {
        using var log = await NodeProcess.RunAsync(["log", "show", .. Log, "--topic", pattern, "--output", "json"]);
        Assert.True(log.ExitCode == 0, log.Errors);
        return [.. log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event"))];
    }
}
