using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Service.Hosting;
using AkkaWasm.Service.Tests.Hocon;
using AkkaWasm.Service.Tests.Http;

namespace AkkaWasm.Service.Tests.Cli;

public sealed class ClientCommandsTests
{
    private static string Url(TestServer server) => server.Url.ToString();

    [Theory]
    [InlineData("{\"mag\":1}", "application/json")]
    [InlineData("just text", "text/plain")]
    public async Task Pub_publishes_one_event_and_prints_its_position(string data, string contentType)
    {
        await using var server = await TestServer.StartAsync();

        var outcome = await Terminal.RunAsync("topic", "pub", "quake.x", "--data", data, "--id", "7", "--subject", "s", "--url", Url(server));

        Assert.Equal(new Outcome(0, $"0-1-0{Environment.NewLine}", ""), outcome);
        var e = Assert.Single(server.Node.Published);
        Assert.Equal(("quake.x", "7", "/akkawasm/cli", "s", contentType, data), (e.Topic, e.Id, e.Source, e.Subject, e.ContentType, Encoding.UTF8.GetString(e.Data.Span)));
    }

    [Fact]
    public async Task Pub_takes_data_from_a_file_and_from_standard_input()
    {
        await using var server = await TestServer.StartAsync();
        using var folder = new TemporaryFolder();
        var file = folder.Write("data.txt", "from a file");

        await Terminal.RunAsync("topic", "pub", "t", "--data", $"@{file}", "--url", Url(server));
        await Terminal.RunAsync(["topic", "pub", "t", "--data", "-", "--url", Url(server)], input: "from input");

        Assert.Equal(["from a file", "from input"], server.Node.Published.Select(e => Encoding.UTF8.GetString(e.Data.Span)));
    }

    [Fact]
    public async Task Pub_repeats_what_the_node_says()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Answer = _ => new PublishReply([], 0, new PublishProblem(PublishRefusal.Overloaded, 0, "Too much waits."), null);

        var outcome = await Terminal.RunAsync("topic", "pub", "t", "--url", Url(server));

        Assert.Equal(new Outcome(6, "", $"error: too much waits{Environment.NewLine}"), outcome);
    }

    [Fact]
    public async Task Tail_prints_events_as_lines()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 1; i <= 2; i++)
            server.Node.Commit(new CommittedEvent(new Position(0, 1, i), $"{i}", "/s", new MeshEvent { Topic = "quake.x", Data = Encoding.UTF8.GetBytes($$"""{"n":{{i}}}""") }));

        var outcome = await Terminal.RunAsync("topic", "tail", "quake.>", "--from", "0-1-1", "--count", "2", "--url", Url(server));

        Assert.Equal(new Outcome(0, string.Join(Environment.NewLine, "0-1-1  quake.x  {\"n\":1}", "0-1-2  quake.x  {\"n\":2}", ""), ""), outcome);
        Assert.Equal(1, server.Node.StreamedFrom);
    }

    [Fact]
    public async Task Agents_are_listed_and_shown()
    {
        await using var server = await TestServer.StartAsync();
        server.Node.Agents.Add(new AgentStatus { Number = 0, Name = "monitors/alaska", Definition = "monitors", Key = "alaska", State = AgentState.Running, Turns = 12 });

        var list = await Terminal.RunAsync("agent", "list", "--url", Url(server));
        var get = await Terminal.RunAsync("agent", "get", "monitors/alaska", "--url", Url(server), "--output", "json");
        var nobody = await Terminal.RunAsync("agent", "get", "nobody", "--url", Url(server));

        Assert.Matches(@"monitors/alaska +running +12", list.Out);
        using var json = JsonDocument.Parse(get.Out);
        Assert.Equal(12, json.RootElement.GetProperty("turns").GetInt32());
        Assert.Equal(new Outcome(1, "", $"error: there is no agent 'nobody'; see /v1/agents for those that are there{Environment.NewLine}"), nobody);
    }

    [Fact]
    public async Task A_node_is_found_by_its_data_folder_or_configuration()
    {
        await using var server = await TestServer.StartAsync();
        using var folder = new TemporaryFolder();
        var file = folder.Write("mesh.conf", "akka-wasm.data.folder = state");
        folder.Write("state/x", "");
        new NodeFile(1, server.Url).Write(Path.Combine(folder.Path, "state"));

        Assert.Equal(0, (await Terminal.RunAsync("agent", "list", "--data", Path.Combine(folder.Path, "state"))).Code);
        Assert.Equal(0, (await Terminal.RunAsync("agent", "list", "--config", file)).Code);
    }

    [Fact]
    public async Task The_token_of_the_configuration_is_sent()
    {
        await using var server = await TestServer.StartAsync(TestServer.Options with { Token = "0123456789abcdef" });
        using var folder = new TemporaryFolder();
        var file = folder.Write("mesh.conf", $"akka-wasm.http {{ token = 0123456789abcdef, port = {server.Url.Port} }}");

        Assert.Equal(0, (await Terminal.RunAsync("agent", "list", "--config", file)).Code);
        Assert.Equal(
            new Outcome(2, "", $"error: the token is not the one of this node (akka-wasm.http.token){Environment.NewLine}"),
            await Terminal.RunAsync("agent", "list", "--url", Url(server), "--token", "another"));
    }

    [Fact]
    public async Task Where_no_node_is_one_is_told_so()
    {
        using var folder = new TemporaryFolder();

        var nowhere = await Terminal.RunAsync("agent", "list", "--data", folder.Path);
        var silent = await Terminal.RunAsync("agent", "list", "--url", "http://127.0.0.1:1");

        Assert.Equal(
            new Outcome(6, "", $"error: no node serves the data folder '{folder.Path}' ({folder.Path}/node.json is not there); start one with akkawasm serve, or say --url{Environment.NewLine}"), nowhere);
        Assert.Equal(6, silent.Code);
        Assert.StartsWith("error: no node answers at http://127.0.0.1:1/", silent.Error, StringComparison.Ordinal);
    }
}
