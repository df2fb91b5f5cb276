using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Tests.Cli;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Tests.Http;

/// <summary>What a mesh consists of, over HTTP and on the command line.</summary>
public sealed class TopologyTests : IDisposable
{
    private const string Module = "(module (memory (export \"memory\") 1) (func (export \"mesh_handle\") (param i32) (result i32) i32.const 0))";

    private readonly string folder = Directory.CreateTempSubdirectory("topology").FullName;
    private readonly FakeLog log = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static MeshTopology Rich => new(
        "m", SupervisionPolicy.Default with { OnFailure = [HealingDirective.Rewind, HealingDirective.Stop], WithinTimeRange = TimeSpan.FromTicks(12_345_678_901), RandomFactor = 0.125 },
        [new GroupDefinition("default", null, SupervisionPolicy.Default), new GroupDefinition("g", "default", SupervisionPolicy.Default with { Strategy = SupervisionStrategy.RestForOne, MinBackoff = TimeSpan.Zero })],
        [
            new AgentDefinition
            {
                Name = "zeta", ModuleHash = new string('a', 64), ModuleFile = "agents/z \"1\".wasm", Kind = AgentKind.WasiReactor, Group = "g", Subscriptions = ["in.*", "a.>"], Key = new AgentKey(2),
                Config = Encoding.UTF8.GetBytes("{\"n\":1,\"ä\":\"${HOME}\"}"), Limits = AgentLimits.Default with { Deadline = TimeSpan.FromMicroseconds(1500), FuelPerTurn = 7, GcCompactAt = 0.3, MemoryBytes = 1_234_567 },
                Capabilities = new Capabilities { Publish = [">"], Request = ["r.*"], Send = ["a"], Watch = ["b"], Schedule = true, Spawn = true },
                Circuit = new CircuitPolicy { FailuresShare = 0.25, MinAgents = 3 }, PassivateIdleAfter = TimeSpan.FromMinutes(90), SnapshotEvery = TimeSpan.FromTicks(7), SnapshotAtMostEvery = TimeSpan.FromTicks(9), MaxKeys = 5, KeepOlderSnapshots = 0,
                Wasi = WasiDefinition.Default with
                {
                    Arguments = ["-x", "a b"], Environment = [new WasiVariable("A", "1"), new WasiVariable("B.c", "")], OutputTopic = "out.lines",
                    Preopens = [new WasiPreopen("/data", new string('b', 64), "data")], Limits = new WasiProgramLimits { Nodes = 12 },
                },
            },
            new AgentDefinition { Name = "alpha", ModuleHash = new string('c', 64), ModuleFile = "a.wasm", Key = AgentKey.Subject },
        ]);

    private static string Text(MeshTopology topology)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) TopologyJson.Write(json, topology);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    [Fact]
    public void What_is_written_is_read_again_as_the_same_topology() => Assert.True(TopologyDelta.Between(Rich, TopologyText.Read(Text(Rich), ModuleNamesInUse.None).Topology).IsEmpty);

    [Fact]
    public async Task A_topology_is_planned_applied_and_rolled_back_under_its_entity_tag()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.Client.GetAsync("/v1/topology");
        Assert.Equal("\"0-1-5\"", first.Headers.ETag!.Tag);
        var hash = Hash("module");
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v1/modules/{hash}"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.PutAsync($"/v1/modules/{hash}", TestServer.Body("other", null))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await server.Client.PutAsync($"/v1/modules/{hash}", TestServer.Body("module", null))).StatusCode);

        var body = Body(hash);
        using var plan = JsonDocument.Parse(await (await server.Client.PostAsync("/v1/topology/plan", TestServer.Body(body, "application/json"))).Content.ReadAsStringAsync());
        Assert.Equal(("0-1-5", true, "1 group defined, 1 agent defined"), (plan.RootElement.GetProperty("based_on").GetString(), plan.RootElement.GetProperty("possible").GetBoolean(), plan.RootElement.GetProperty("summary").GetString()));

        var applied = await ApplyAsync(server, body, "\"0-1-5\"");
        Assert.Equal((HttpStatusCode.OK, "\"0-1-15\""), (applied.StatusCode, applied.Headers.ETag!.Tag));
        var stale = await ApplyAsync(server, body, "\"0-1-5\"");
        using var told = JsonDocument.Parse(await stale.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.PreconditionFailed, "\"0-1-15\"", "why not"), (stale.StatusCode, stale.Headers.ETag!.Tag, told.RootElement.GetProperty("since")[0].GetProperty("reason").GetString()));

        var back = await server.Client.PostAsync("/v1/topology/rollback?to=0-1-5", null);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        using var history = JsonDocument.Parse(await server.Client.GetStringAsync("/v1/topology/history"));
        Assert.Equal(["", "why not", "back to 5"], history.RootElement.GetProperty("changes").EnumerateArray().Select(c => c.TryGetProperty("reason", out var r) ? r.GetString() : ""));
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.GetAsync("/v1/topology?at=1")).StatusCode);
    }

    [Theory]
    [InlineData("nonsense", 400, "The body is no JSON")]
    [InlineData("{\"akka-wasm\":{\"mesh\":{\"agents\":{\"a\":{\"modul\":\"x\"}}}}}", 400, "modul")]
    [InlineData("{\"akka-wasm\":{\"mesh\":{\"agents\":{\"a\":{\"module\":\"/etc/passwd\"}}}}}", 400, "is a path; name it by its content")]
    [InlineData("{\"akka-wasm\":{\"mesh\":{\"name\":\"m\",\"agents\":{\"a\":{\"module\":\"x@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}}}}", 422, "was not given")]
    public async Task What_cannot_be_applied_is_refused_with_one_sentence(string body, int status, string detail)
    {
        await using var server = await TestServer.StartAsync();
        var answer = await ApplyAsync(server, body, null);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(detail, problem.RootElement.GetProperty("detail").GetString());
        Assert.Single((await server.Node.TopologyAsync()).Changes);
    }

    [Fact]
    public async Task The_command_line_brings_modules_along_plans_applies_and_rolls_back()
    {
        await using var server = await TestServer.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "a.wat"), Module);
        var file = Path.Combine(folder, "mesh.conf");
        await File.WriteAllTextAsync(file, "akka-wasm.mesh { name = m, agents { a { module = a.wat, subscribe = [in, mesh.agent.nobody.stopped] } } }");
        string[] at = ["--url", server.Url.ToString()];

        var plan = await Terminal.RunAsync(["topology", "plan", file, .. at]);
        Assert.Equal((0, ""), (plan.Code, plan.Error));
        Assert.Contains("define  agents.a", plan.Out);
        Assert.Contains("warning: agents.a.subscribe: Nobody will ever publish to 'mesh.agent.nobody.stopped'", plan.Out);
        Assert.Equal($"keep {Module}", Assert.Single(server.Node.Calls));

        var applied = await Terminal.RunAsync(["topology", "apply", "-", "--reason", "go", .. at], Text((await server.Node.TopologyAsync()).Topology).Replace("\"agents\":{}", $"\"agents\":{{\"a\":{{\"module\":\"a.wat@sha256:{Hash(Module)}\"}}}}"));
        Assert.Equal((0, ""), (applied.Code, applied.Error));
        Assert.EndsWith($"in force from 0-1-15 on{Environment.NewLine}", applied.Out);

        var stale = await Terminal.RunAsync(["topology", "apply", file, "--if-match", "0-1-5", .. at]);
        Assert.Equal(1, stale.Code);
        Assert.Contains("the topology changed meanwhile: in force is that of 0-1-15 (the last change, by operator: 1 group defined, 1 agent defined)", stale.Error);

        var dry = await Terminal.RunAsync(["topology", "rollback", "0-1-5", "--dry-run", "--output", "json", .. at]);
        Assert.Equal("agent-stopped", JsonDocument.Parse(dry.Out).RootElement.GetProperty("steps")[0].GetProperty("kind").GetString());
        Assert.Equal(0, (await Terminal.RunAsync(["topology", "rollback", "0-1-5", .. at])).Code);
        Assert.Empty((await server.Node.TopologyAsync()).Topology.Agents);
        Assert.Equal(2, (await Terminal.RunAsync(["topology", "plan", "nowhere.conf", .. at])).Code);
    }

    [Fact]
    public async Task The_log_tells_its_topologies_and_what_they_differ_in()
    {
        var one = new MeshTopology("m", SupervisionPolicy.Default, [], []);
        log.TopologiesThere =
        [
            new LoggedTopology(new Position(0, 1, 1), new TopologyChangeInfo(1, 0, TopologyAuthor.Startup, "", "the mesh is defined"), one),
            new LoggedTopology(new Position(0, 1, 9), new TopologyChangeInfo(9, 0, TopologyAuthor.Operator, "why", "2 agents defined"), Rich),
        ];
        var history = await RunAsync("history");
        Assert.Contains("0-1-9", history.Out);
        Assert.Contains("operator", history.Out);
        Assert.True(TopologyDelta.Between(Rich, TopologyText.Read((await RunAsync("show")).Out, ModuleNamesInUse.None).Topology).IsEmpty);
        Assert.Equal(2, (await RunAsync("show", "--at", "0-1-0")).Code);
        var diff = await RunAsync("diff", "1", "running");
        Assert.Contains($"define  agents.zeta{Environment.NewLine}", diff.Out);
        Assert.EndsWith($"2 groups defined, 2 agents defined{Environment.NewLine}", diff.Out.Replace("1 change of the mesh itself, ", ""));
        var json = JsonDocument.Parse((await RunAsync("diff", "running", "1", "--output", "json")).Out).RootElement;
        Assert.Equal(2, json.GetProperty("steps").EnumerateArray().Count(s => s.GetProperty("kind").GetString() == "agent-stopped"));
    }

    [Fact]
    public async Task A_comparison_names_the_agents_that_run_an_older_version_than_their_topology_says()
    {
        log.TopologiesThere = [new LoggedTopology(new Position(0, 1, 1), new TopologyChangeInfo(1, 0, TopologyAuthor.Startup, "", "the mesh is defined"), Rich)];
        log.StraysThere = [new StrayAgent("alpha/7", "alpha", Rich.Agents[1] with { ModuleHash = new string('e', 64) }, new Position(0, 2, 20))];
        const string Said = "warning: agents.alpha: The agent 'alpha/7' went back to an older version at 0-2-20 and runs module eeeeeeeeeeee where its definition says cccccccccccc; ";
        Assert.Single((await RunAsync("diff", "running", "running")).Out.Split('\n'), line => line.StartsWith(Said, StringComparison.Ordinal));
        Assert.Contains(Said, (await RunAsync("diff", "20", "5")).Out, StringComparison.Ordinal);
        Assert.DoesNotContain(Said, (await RunAsync("diff", "5", "19")).Out, StringComparison.Ordinal);
        var json = JsonDocument.Parse((await RunAsync("diff", "running", "5", "--output", "json")).Out).RootElement;
        Assert.Contains(json.GetProperty("warnings").EnumerateArray(), warning => warning.GetProperty("path").GetString() == "agents.alpha");
    }

    private Task<Outcome> RunAsync(params string[] args) => Terminal.RunAsync(["topology", .. args, "--data", folder], change: context => context with { OpenLog = _ => log });

    private static Task<HttpResponseMessage> ApplyAsync(TestServer server, string body, string? tag)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/topology/apply?reason=why%20not") { Content = TestServer.Body(body, "application/json") };
        if (tag is not null) request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(tag));
        return server.Client.SendAsync(request);
    }

    private static string Body(string hash) => "{\"akka-wasm\":{\"mesh\":{\"name\":\"m\",\"agents\":{\"a\":{\"module\":\"a.wasm@sha256:" + hash + "\",\"subscribe\":[\"in\"]}}}}}";

    private static string Hash(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
