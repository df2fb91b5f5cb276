using System.Net;
using System.Text;
using System.Text.Json;
using AkkaWasm.Actors;
using AkkaWasm.Service.Tests.Cli;
using AkkaWasm.Service.Tests.Http;

namespace AkkaWasm.Service.Tests.Modules;

/// <summary>Modules on the command line and over HTTP, on a node that runs and without one.</summary>
public sealed class ModuleCommandsTests : IDisposable
{
    private readonly ModuleFolder folder = new();

    public void Dispose() => folder.Dispose();

    private Task<Outcome> PushAsync(string file, string version, params string[] where) => folder.RunAsync(["module", "push", file, "--name", "histogram", "--version", version, .. where]);

    private static JsonElement Json(string text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }

    [Fact]
    public async Task A_configuration_names_a_range_and_the_node_runs_the_version_that_it_meant_when_it_was_planned()
    {
        Assert.Equal(0, (await PushAsync("histogram.wat", "1.0.0", "--data", "data")).Code);
        await using var mesh = await folder.ServeAsync();
        string[] at = ["--url", mesh.Http.Url.ToString()];
        Assert.Equal(0, (await PushAsync("better.wat", "1.1.0", at)).Code);
        Assert.Equal(("histogram@1.0.0", folder.HashOf("histogram.wat")), await AgentAsync(mesh));

        await StopAllAsync(mesh);
        var applied = await folder.RunAsync(["topology", "apply", "mesh.conf", .. at]);
        Assert.True(applied.Code == 0, applied.Error);
        Assert.Equal(("histogram@1.1.0", folder.HashOf("better.wat")), await AgentAsync(mesh));
        var shown = Json((await folder.RunAsync(["module", "show", "histogram@1.0.0", "--output", "json", .. at])).Out);
        Assert.Equal((0, 1), (shown.GetProperty("agents").GetArrayLength(), shown.GetProperty("topologies").GetArrayLength()));
        await StopAllAsync(mesh);
        var body = """{"akka-wasm":{"mesh":{"agents":{"h":{"module":"histogram@~1.0.0"}}}}}""";
        Assert.Equal(HttpStatusCode.OK, (await mesh.Client.PostAsync("/v1/topology/apply", TestServer.Body(body, "application/json"))).StatusCode);
        Assert.Equal(("histogram@1.0.0", folder.HashOf("histogram.wat")), await AgentAsync(mesh));
        var missing = await mesh.Client.PostAsync("/v1/topology/plan", TestServer.Body(body.Replace("~1.0.0", "^2", StringComparison.Ordinal), "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, missing.StatusCode);
        Assert.Contains("is not in the store of this node", await missing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_verb_does_on_a_node_what_it_does_without_one()
    {
        await PushAsync("histogram.wat", "1.0.0", "--data", "data");
        string[] online;
        await using (var mesh = await folder.ServeAsync())
        {
            string[] at = ["--url", mesh.Http.Url.ToString(), "--output", "json"];
            Assert.Equal("unchanged", Json((await PushAsync("histogram.wat", "1.0.0", at)).Out).GetProperty("outcome").GetString());
            Assert.Equal("pushed", Json((await folder.RunAsync(["module", "push", "better.wat", .. at])).Out).GetProperty("outcome").GetString());
            var conflict = await PushAsync("better.wat", "1.0.0", at);
            Assert.Equal(1, conflict.Code);
            Assert.Contains("a version never names other content", conflict.Error, StringComparison.Ordinal);
            Assert.Contains("is refused", (await folder.RunAsync(["module", "push", "broken.wat", .. at])).Error, StringComparison.Ordinal);
            Assert.Contains("is in use", (await folder.RunAsync("module", "gc", "--data", "data")).Error, StringComparison.Ordinal);
            online = await AnswersAsync(at);
            var gone = Json((await folder.RunAsync(["module", "gc", "--older-than", "1 day", .. at])).Out);
            Assert.Equal((0, 1, 1), (gone.GetProperty("removed").GetArrayLength(), gone.GetProperty("young").GetInt32(), gone.GetProperty("used").GetInt32()));
        }
        Assert.Equal(online, await AnswersAsync(["--data", "data", "--output", "json"]));

        async Task<string[]> AnswersAsync(string[] at)
        {
            string[][] verbs = [["list", "--log"], ["show", "histogram"], ["inspect", "histogram@1.x"], ["verify"], ["verify", "histogram@1.0.0"], ["gc", "--dry-run"], ["show", "nothing"]];
            var answers = new List<string>();
            foreach (var verb in verbs)
            {
                var outcome = await folder.RunAsync(["module", .. verb, .. at]);
                answers.Add($"{verb[0]} {outcome.Code} {outcome.Out}");
            }
            return [.. answers];
        }
    }

    [Fact]
    public async Task Over_http_content_is_pushed_fetched_signed_and_refused()
    {
        await PushAsync("histogram.wat", "1.0.0", "--data", "data");
        await using var mesh = await folder.ServeAsync();
        var (text, hash) = (await File.ReadAllTextAsync(Path.Combine(folder.Path, "better.wat")), folder.HashOf("better.wat"));
        var pushed = await mesh.Client.PostAsync("/v1/modules?name=b&version=1.0.0&origin=here", TestServer.Body(text, null));
        Assert.Equal((HttpStatusCode.Created, "/v1/modules/b@1.0.0"), (pushed.StatusCode, pushed.Headers.Location!.ToString()));
        Assert.Equal(HttpStatusCode.OK, (await mesh.Client.PostAsync("/v1/modules?name=b&version=1.0.0", TestServer.Body(text, null))).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await mesh.Client.PostAsync("/v1/modules?name=histogram&version=1.0.0", TestServer.Body(text, null))).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await mesh.Client.PostAsync("/v1/modules", TestServer.Body("(module)", null))).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await mesh.Client.PostAsync("/v1/modules?name=b", TestServer.Body(text, null))).StatusCode);
        Assert.Equal(text, await mesh.Client.GetStringAsync("/v1/modules/b@%5E1/content"));
        Assert.Equal("here", Json(await mesh.Client.GetStringAsync($"/v1/modules/{hash}")).GetProperty("names")[0].GetProperty("origin").GetString());
        Assert.Equal("b@1.0.0", Json(await mesh.Client.GetStringAsync("/v1/modules?only=b")).GetProperty("modules")[0].GetProperty("resolved").GetString());
        Assert.Equal(0, Json(await mesh.Client.GetStringAsync("/v1/modules?only=nothing")).GetProperty("modules").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await mesh.Client.GetAsync("/v1/modules/b@2.0.0")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await mesh.Client.GetAsync("/v1/modules/b@two")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await mesh.Client.PostAsync("/v1/modules/gc?dry_run=perhaps", null)).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await mesh.Client.PutAsync($"/v1/modules/{hash}/signatures", TestServer.Body("no base64!", null))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await mesh.Client.PutAsync($"/v1/modules/{new string('0', 64)}/signatures", TestServer.Body("AAAA", null))).StatusCode);
        var key = await File.ReadAllTextAsync(Path.Combine(folder.Path, "private.pem"));
        var signature = ModuleSignature.Sign(Encoding.UTF8.GetBytes(text), key);
        Assert.Equal(HttpStatusCode.NoContent, (await mesh.Client.PutAsync($"/v1/modules/{hash}/signatures", TestServer.Body(signature, null))).StatusCode);
        Assert.Equal(1, Json(await mesh.Client.GetStringAsync($"/v1/modules/{hash}")).GetProperty("signatures").GetInt32());
    }

    [Fact]
    public async Task Where_a_signature_is_required_files_bring_theirs_along()
    {
        Assert.Contains("has no signature", (await Assert.ThrowsAsync<MeshNodeException>(() => folder.ServeAsync("signed.conf"))).Message, StringComparison.Ordinal);
        Assert.Equal(0, (await folder.RunAsync("module", "sign", "other.wat", "--key", "private.pem")).Code);
        await using var mesh = await folder.ServeAsync("signed.conf");
        string[] at = ["--url", mesh.Http.Url.ToString()];
        folder.Write("two.conf", """akka-wasm.mesh.agents { o.module = "other.wat", b.module = "better.wat" }""");
        var refused = await folder.RunAsync(["topology", "apply", "two.conf", .. at]);
        Assert.Equal(1, refused.Code);
        Assert.Contains("has no signature", refused.Out, StringComparison.Ordinal);
        Assert.Equal(1, (await folder.RunAsync(["module", "verify", .. at])).Code);
        await folder.RunAsync("module", "sign", "better.wat", "--key", "private.pem");
        var applied = await folder.RunAsync(["topology", "apply", "two.conf", .. at]);
        Assert.True(applied.Code == 0, applied.Out + applied.Error);
        Assert.Equal(0, (await folder.RunAsync(["module", "verify", .. at])).Code);
    }

    [Fact]
    public async Task A_folder_and_a_layout_are_pushed_with_the_names_that_they_say()
    {
        folder.Write("modules/a@1.0.0.wat", ModuleFolder.Agent(10));
        folder.Write("modules/b.wat", ModuleFolder.Agent(11));
        folder.Write("modules/notes.txt", "no module");
        new Layout(Path.Combine(folder.Path, "layout")).Add(Encoding.UTF8.GetBytes(ModuleFolder.Agent(12)), "v1", "c", "2.0.0");
        Assert.Equal(2, (await folder.RunAsync("module", "push", "modules", "--name", "n", "--version", "1.0.0", "--data", "data")).Code);
        var pushed = await folder.RunAsync("module", "push", "modules", "--data", "data");
        Assert.True(pushed.Code == 0, pushed.Error);
        Assert.Equal(2, pushed.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var layout = await folder.RunAsync("module", "push", "oci:layout:v1", "--data", "data");
        Assert.True(layout.Code == 0, layout.Error);
        var list = Json((await folder.RunAsync("module", "list", "--data", "data", "--output", "json")).Out).GetProperty("modules").EnumerateArray().ToArray();
        Assert.Equal(["a", "c", ""], list.Select(m => m.GetProperty("names").EnumerateArray().Select(n => n.GetProperty("name").GetString()).FirstOrDefault() ?? ""));
    }

    [Theory]
    [InlineData("the data folder", "module", "list", "--data", "nowhere")]
    [InlineData("cannot name a module", "module", "show", "N@1", "--data", "/")]
    [InlineData("is not there", "module", "push", "nothing.wat", "--data", "data")]
    [InlineData("--older-than", "module", "gc", "--older-than", "soon", "--data", "data")]
    [InlineData("http and https only", "module", "push", "file:///etc/passwd", "--data", "data")]
    public async Task Bad_input_gets_a_sentence(string sentence, params string[] words)
    {
        var outcome = await folder.RunAsync(words);
        Assert.Equal(2, outcome.Code);
        Assert.Contains(sentence, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>An agent begins anew when it comes back, whatever its module then is.</summary>
    private static async Task StopAllAsync(ServedMesh mesh) =>
        Assert.Equal(HttpStatusCode.OK, (await mesh.Client.PostAsync("/v1/topology/apply", TestServer.Body("""{"akka-wasm":{"mesh":{"agents":{}}}}""", "application/json"))).StatusCode);

    private static async Task<(string File, string Hash)> AgentAsync(ServedMesh mesh)
    {
        var agent = (await mesh.Node.TopologyAsync()).Topology.Agents.Single();
        return (agent.ModuleFile, agent.ModuleHash);
    }
}
