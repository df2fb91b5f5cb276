using System.Net;
using AkkaWasm.Tests.Support;

namespace AkkaWasm.Process.Tests;

/// <summary>The program with its log on PostgreSQL, and the server stopped and started under it.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresTests(PostgresServer server)
{
    [PostgresFact]
    public async Task The_server_may_go_and_come_back_under_a_node_that_serves()
    {
        using var folder = new TemporaryFolder();
        var place = Place.OnPostgres(folder, server);
        using var node = place.Serve();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var url = await node.ListeningAsync(place.Data, limit.Token);
        Assert.True(url is not null, node.Errors);
        using var client = new HttpClient { BaseAddress = url };
        var acknowledged = new List<string>();

        for (var round = 0; round < 2; round++)
        {
            for (var number = 0; number < 20; number++) await PostUntilTakenAsync(client, $"before-{round}-{number}", acknowledged, limit.Token);
            server.Kill();
            Assert.True(await RefusedAsync(client, $"during-{round}", limit.Token) is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/readyz", limit.Token)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez", limit.Token)).StatusCode);
            server.Start();
            await PostUntilTakenAsync(client, $"during-{round}", acknowledged, limit.Token);
        }
        Assert.False(node.HasExited, node.Errors);
        node.Terminate();
        await node.ExitAsync();

        Assert.Equal(0, node.ExitCode);
        Assert.DoesNotContain(Password(server.Url), node.Errors, StringComparison.Ordinal);
        var ids = (await place.EventsAsync("probe.>")).Select(e => e.GetProperty("id").GetString()!).ToList();
        Assert.Equal(ids.Distinct(), ids);
        Assert.Empty(acknowledged.Except(ids));
        using var verified = await NodeProcess.RunAsync(["log", "verify", .. place.Log]);
        Assert.True(verified.ExitCode == 0, verified.Errors + verified.Output);
    }

    [PostgresFact]
    public async Task A_node_started_before_its_server_waits_and_can_be_ended_meanwhile()
    {
        using var folder = new TemporaryFolder();
        var place = Place.OnPostgres(folder, server);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        server.Kill();
        using (var ended = place.Serve())
        {
            await ended.WritingAsync("is out of reach and tried again", limit.Token);
            ended.Terminate();
            await ended.ExitAsync();
            Assert.True(ended.ExitCode == 0, ended.Errors);
        }
        using var node = place.Serve();
        await node.WritingAsync("is out of reach and tried again", limit.Token);
        server.Start();
        Assert.True(await node.ListeningAsync(place.Data, limit.Token) is not null, node.Errors);
        node.Terminate();
        await node.ExitAsync();
        Assert.Equal(0, node.ExitCode);
    }

    [PostgresTheory]
    [InlineData("Password=of-nobody", 3, "password authentication failed")]
    [InlineData("Port=none", 2, "the connection string cannot be read")]
    public async Task A_connection_that_can_never_be_had_ends_the_node_with_one_sentence(string change, int code, string reason)
    {
        using var folder = new TemporaryFolder();
        var place = Place.OnPostgres(folder, $"{server.NewSchema()};{change}");

        using var node = place.Serve();
        await node.ExitAsync();

        Assert.Equal(code, node.ExitCode);
        var error = node.Errors.Split('\n').Single(line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.DoesNotContain("of-nobody", node.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Password(server.Url), node.Errors, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task The_log_is_found_by_its_data_folder_and_the_password_of_the_environment()
    {
        using var folder = new TemporaryFolder();
        var place = Place.OnPostgres(folder, server);
        await place.RunToIdleAsync();
        Assert.DoesNotContain(Password(server.Url), await File.ReadAllTextAsync(Path.Combine(place.Data, "stores.json")), StringComparison.Ordinal);

        using var refused = await NodeProcess.RunAsync("log", "verify", "--data", place.Data);
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("PGPASSWORD", refused.Errors, StringComparison.Ordinal);

        using var verified = await NodeProcess.RunAsync(new Dictionary<string, string> { ["PGPASSWORD"] = Password(server.Url) }, "log", "verify", "--data", place.Data);
        Assert.True(verified.ExitCode == 0, verified.Errors);
        using var replayed = await NodeProcess.RunAsync(["replay", "histogram", .. place.Log]);
        Assert.True(replayed.ExitCode == 0, replayed.Errors);
        using var printed = await NodeProcess.RunAsync("config", "print", place.Mesh, "--resolved");
        Assert.DoesNotContain(Password(server.Url), printed.Output, StringComparison.Ordinal);
    }

    private static string Password(string connectionString) => connectionString.Split(';').Single(part => part.StartsWith("Password=", StringComparison.Ordinal))["Password=".Length..];

    private static async Task PostUntilTakenAsync(HttpClient client, string id, List<string> acknowledged, CancellationToken limit)
    {
        while (await Publisher.TryPostAsync(client, "x", id, limit) != HttpStatusCode.OK) limit.ThrowIfCancellationRequested();
        acknowledged.Add(id);
    }

    /// <summary>Posts an event until it is refused.</summary>
    private static async Task<HttpStatusCode> RefusedAsync(HttpClient client, string id, CancellationToken limit)
    {
        while (true)
        {
            if (await Publisher.TryPostAsync(client, "x", id, limit) is { } status && status != HttpStatusCode.OK) return status;
            limit.ThrowIfCancellationRequested();
        }
    }
}
