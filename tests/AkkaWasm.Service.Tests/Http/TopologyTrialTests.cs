using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Service.Tests.Cli;

namespace AkkaWasm.Service.Tests.Http;

/// <summary>Trials of a topology, over HTTP and on the command line.</summary>
public sealed class TopologyTrialTests : IDisposable
{
    private const string Body = "{\"akka-wasm\":{\"mesh\":{\"name\":\"m\"}}}";

    private readonly string folder = Directory.CreateTempSubdirectory("trial").FullName;
    private readonly FakeLog log = new() { TopologyTrial = TrialOf(newFailures: 0) };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>One turn is mended, and so many fail newly.</summary>
    private static TopologyTrial TrialOf(long newFailures)
    {
        var quake = new MeshEvent { Topic = "quake.x", Id = "1", Source = "/s", Data = "{\"mag\":-1}"u8.ToArray() };
        var turn = new TrialTurn(
            new CommittedEvent(new Position(0, 1, 7), "1", "/s", quake), 1, new TrialOutcome(new GuestFault(FaultKind.Trap, "unreachable", "It trapped."), [], 0, 65536), new TrialOutcome(null, [], 0, 65536))
        {
            IsQuarantined = true,
        };
        var report = new TrialReport("a", new string('b', 64), new string('a', 64), 9, 1 + newFailures, [turn], new TrialTotals(8, 1, 0, 0, 65536), new TrialTotals(9 - newFailures, newFailures, 0, 0, 65536))
        {
            Mended = 1, QuarantinedMended = 1, NewFailures = newFailures, Start = TrialStart.Replayed,
        };
        return new TopologyTrial(new Position(0, 1, 5), new Position(0, 1, 9), [new DefinitionTrial("a", [new FieldChange("module", "x", "y")], 3, [report])]);
    }

    private static Task<HttpResponseMessage> PostAsync(TestServer server, string query, string? tag = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/topology/trial" + query) { Content = TestServer.Body(Body, "application/json") };
        if (tag is not null) request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(tag));
        return server.Client.SendAsync(request);
    }

    [Fact]
    public async Task A_trial_is_answered_with_what_differs_and_whether_that_is_what_is_required()
    {
        await using var server = await TestServer.StartAsync(log: log);
        var answer = await PostAsync(server, "?turns=50&since=0-1-3&agent=a&agent=f/x&require=identical", "\"0-1-5\"");
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((HttpStatusCode.OK, "0-1-5", false, 1L), (answer.StatusCode, json.RootElement.GetProperty("based_on").GetString(), json.RootElement.GetProperty("met").GetBoolean(), json.RootElement.GetProperty("quarantined_mended").GetInt64()));
        var agent = json.RootElement.GetProperty("definitions")[0].GetProperty("agents")[0];
        Assert.Equal(("replayed", "mended", true), (agent.GetProperty("state").GetString(), agent.GetProperty("details")[0].GetProperty("change").GetString(), agent.GetProperty("details")[0].GetProperty("quarantined").GetBoolean()));
        var (target, scope) = log.Tried!.Value;
        Assert.Equal(("m", 50, 3L, "a f/x"), (target.Topology.Name, scope.Turns, scope.Since, string.Join(' ', scope.Agents)));

        using var otherwise = JsonDocument.Parse(await (await PostAsync(server, "")).Content.ReadAsStringAsync());
        Assert.Equal(("no-new-failures", true), (otherwise.RootElement.GetProperty("require").GetString(), otherwise.RootElement.GetProperty("met").GetBoolean()));
        Assert.Equal((null, null, 0), (log.Tried!.Value.Scope.Turns, log.Tried.Value.Scope.Since, log.Tried.Value.Scope.Agents.Length));
    }

    [Theory]
    [InlineData("?require=luck", null, 400, "The parameter 'require' must be no-new-failures, identical, none but is 'luck'.")]
    [InlineData("?turns=0", null, 400, "The parameter 'turns' must be a number from 1 to 2147483647 but is '0'.")]
    [InlineData("", "\"0-1-4\"", 412, "The topology changed meanwhile: in force is that of 0-1-5; plan again and try what you then see.")]
    public async Task What_cannot_be_tried_is_refused_with_one_sentence(string query, string? tag, int status, string detail)
    {
        await using var server = await TestServer.StartAsync(log: log);
        var answer = await PostAsync(server, query, tag);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((status, detail), ((int)answer.StatusCode, problem.RootElement.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task A_change_is_applied_only_if_its_trial_shows_what_is_required()
    {
        await using var server = await TestServer.StartAsync(log: log);
        var file = await FileAsync();
        string[] at = ["--url", server.Url.ToString()];

        log.TopologyTrial = TrialOf(newFailures: 2);
        var plan = await Terminal.RunAsync(["topology", "plan", file, "--trial", "20", .. at]);
        Assert.Equal(1, plan.Code);
        Assert.Contains("3 of 9 turns differ: 2 newly fail, 1 fail no more (1 of them in quarantine)", plan.Out, StringComparison.Ordinal);
        var refused = await Terminal.RunAsync(["topology", "apply", file, "--trial", "20", .. at]);
        Assert.Equal((1, $"error: the trial does not show what is required (no-new-failures); nothing was changed{Environment.NewLine}"), (refused.Code, refused.Error));
        Assert.Single((await server.Node.TopologyAsync()).Changes);

        log.TopologyTrial = TrialOf(newFailures: 0);
        Assert.Equal(1, (await Terminal.RunAsync(["topology", "apply", file, "--trial", "20", "--require", "identical", .. at])).Code);
        var applied = await Terminal.RunAsync(["topology", "apply", file, "--trial", "20", .. at]);
        Assert.Equal((0, "", 20), (applied.Code, applied.Error, log.Tried!.Value.Scope.Turns));
        Assert.Equal(2, (await server.Node.TopologyAsync()).Changes.Count);
        Assert.Equal(2, (await Terminal.RunAsync(["topology", "apply", file, "--trial", "0", .. at])).Code);
    }

    [Fact]
    public async Task A_change_can_be_watched()
    {
        await using var server = await TestServer.StartAsync(log: log);
        var file = await FileAsync();
        string[] at = ["--url", server.Url.ToString()];
        Assert.Equal(0, (await Terminal.RunAsync(["topology", "apply", file, "--watch", "10m", "--failure-budget", "5", "--inputs", "dropped", "--canary", "2.5%", .. at])).Code);
        Assert.Equal(new CanaryPolicy { Watch = TimeSpan.FromMinutes(10), MaxFailures = 5, WithinTimeRange = TimeSpan.FromMinutes(1), Inputs = RewindInputs.Dropped, ShareBasisPoints = 250 }, server.Node.Canary);
        foreach (var wrong in new[] { "watch=soon", "failure_budget=3", "watch=5m&failure_budget=x", "watch=0s", "watch=5m&within=0s", "watch=5m&inputs=lost", "inputs=dropped", "canary=10%25", "watch=5m&canary=10", "watch=5m&canary=0%25", "watch=5m&canary=101%25", "watch=5m&canary=0.001%25" })
            Assert.Equal(HttpStatusCode.BadRequest, (await server.Client.PostAsync($"/v1/topology/apply?{wrong}", TestServer.Body(Body, "application/json"))).StatusCode);
        using var history = JsonDocument.Parse(await server.Client.GetStringAsync("/v1/topology/history"));
        Assert.Equal("a", history.RootElement.GetProperty("watched")[0].GetProperty("definition").GetString());

        Assert.StartsWith("a watched 100% 0 of 0 0-1-", string.Join(' ', (await Terminal.RunAsync(["topology", "canary", "list", .. at])).Out.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        foreach (var verb in new[] { "promote", "abort" })
        {
            Assert.Equal(new Outcome(0, $"a: {verb} done{Environment.NewLine}", ""), await Terminal.RunAsync(["topology", "canary", verb, "a", .. at]));
            Assert.Equal(HttpStatusCode.NoContent, (await server.Client.PostAsync($"/v1/topology/canaries/a/{verb}", null)).StatusCode);
        }
        Assert.Equal(["promote a", "promote a", "abort a", "abort a"], server.Node.Calls.Where(call => !call.StartsWith("keep", StringComparison.Ordinal)));
        server.Node.Refusal = "'a' is being set back already.";
        Assert.Equal(HttpStatusCode.Conflict, (await server.Client.PostAsync("/v1/topology/canaries/a/abort", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.PostAsync("/v1/topology/canaries/nobody/abort", null)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Client.PostAsync("/v1/topology/canaries/a/forget", null)).StatusCode);
    }

    [Fact]
    public async Task A_trial_of_the_log_needs_no_node()
    {
        var file = await FileAsync();
        var trial = await Terminal.RunAsync(["topology", "trial", file, "--offline", "--data", folder, "--agent", "a", "--turns", "9"], change: context => context with { OpenLog = _ => log });
        Assert.Equal((0, ""), (trial.Code, trial.Error));
        Assert.Contains("a: 9 turns with the state of its own turns from the first one on, 1 differ: 1 fail no more (1 of them in quarantine)", trial.Out, StringComparison.Ordinal);
        Assert.Contains("tried     done, without outputs", trial.Out, StringComparison.Ordinal);
        Assert.Contains("required: no-new-failures, met", trial.Out, StringComparison.Ordinal);
        Assert.Equal((9, "a"), (log.Tried!.Value.Scope.Turns, Assert.Single(log.Tried.Value.Scope.Agents)));
        Assert.Single(log.Tried.Value.Target.Modules);
    }

    private async Task<string> FileAsync()
    {
        var file = Path.Combine(folder, "mesh.conf");
        await File.WriteAllTextAsync(Path.Combine(folder, "a.wat"), "(module (memory (export \"memory\") 1) (func (export \"mesh_handle\") (param i32) (result i32) i32.const 0))");
        await File.WriteAllTextAsync(file, "akka-wasm.mesh { name = m, agents { a { module = a.wat, subscribe = [in] } } }", Encoding.UTF8);
        return file;
    }
}
