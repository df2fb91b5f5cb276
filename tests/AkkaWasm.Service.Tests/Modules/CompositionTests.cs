using System.Text.Json;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Tests.Configuration;
using AkkaWasm.Wasm;

namespace AkkaWasm.Service.Tests.Modules;

/// <summary>Agents whose modules are composed where the configuration names them.</summary>
public sealed class CompositionTests
{
    private const string Main = """
        (module (import "math" "one" (func $one (result i32))) (memory (export "memory") 1)
          (func (export "mesh_handle") (param i32) (result i32) (i32.sub (call $one) (i32.const 1))))
        """;

    private const string Math = """(module (func (export "one") (result i32) (i32.const 1)))""";
    private const string Mesh = """akka-wasm.mesh.agents.a.module { main = "main.wat", parts { math = "math.wat" } }""";

    [Fact]
    public void The_agent_has_the_hash_of_the_composed_module_and_the_node_gets_its_bytes()
    {
        using var folder = Folder();
        var loaded = ModuleLoader.Load(folder.Read(Mesh));
        var agent = Assert.Single(loaded.Node.Topology.Agents);
        Assert.Equal("main.wat + math (math.wat)", agent.ModuleFile);
        var bytes = loaded.Node.Modules[agent.ModuleHash].Bytes;
        using var engine = new WasmEngine();
        using var module = engine.Load(bytes, "composed");
        Assert.Equal((agent.ModuleHash, "math, main"), (module.ContentHash, string.Join(", ", module.Description.Parts.Select(p => p.Name))));
    }

    [Fact]
    public async Task A_module_name_that_is_linked_twice_is_refused()
    {
        using var folder = Folder();
        var outcome = await Cli.Terminal.RunAsync(["module", "compose", "main.wat", "--link", "a=x", "--link", "a=y"]);
        Assert.NotEqual(0, outcome.Code);
        Assert.Contains("--link says twice which part serves imports from 'a', x and y; say one of them", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_let_a_part_serve_another_module_name()
    {
        using var folder = Folder();
        var linked = ModuleLoader.Load(folder.Read("""akka-wasm.mesh.agents.a.module { main = "main.wat", parts { numbers = "math.wat" }, links { math = numbers } }"""));
        Assert.Equal("main.wat + numbers (math.wat)", Assert.Single(linked.Node.Topology.Agents).ModuleFile);
    }

    [Theory]
    [InlineData("""{ main = "main.wat", parts { maths = "math.wat" } }""", "the unknown function math.one () -> (i32); nothing is offered under math")]
    [InlineData("""{ main = "main.wat", parts { math = "main.wat" } }""", "cannot be composed: main.wat: part 'math': the import math.one is of the part's own name; give the part another name")]
    [InlineData("""{ main = "main.wat", parts { math = "nothing.wat" } }""", "the module 'nothing.wat' of the agent 'a' is not there at ")]
    [InlineData("""{ main = "main.wat", parts { math = "math@^1" } }""", "the module 'math@^1' of the agent 'a', named at ")]
    [InlineData("""{ main = "main.wat", parts { math = "math.wat" }, links { env = oh } }""", "cannot be composed: the part 'math' is to be linked to 'oh', and no part is called so; the parts are math, main")]
    [InlineData("""{ main = "main.wat", parts { main = "math.wat" } }""", "a part is called 'main'")]
    [InlineData("""{ parts { math = "math.wat" } }""", "'akka-wasm.mesh.agents.a.module.main' is missing in the object")]
    [InlineData("""{ main = "main.wat", part { math = "math.wat" } }""", "'akka-wasm.mesh.agents.a.module.parts' is missing in the object")]
    public void What_cannot_be_composed_is_refused_with_its_place(string module, string reason)
    {
        using var folder = Folder();
        Assert.Contains(reason, folder.Refusal($"akka-wasm.mesh.agents.a.module {module}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_says_of_what_an_agent_is_composed_and_the_composed_module_is_applied()
    {
        using var folder = new ModuleFolder();
        folder.Write("main.wat", Main);
        folder.Write("math.wat", Math);
        folder.Write("next.conf", """akka-wasm { data.folder = data, mesh.agents { o.module = "other.wat", a.module { main = "main.wat", parts { math = "math@1.0.0" } } } }""");
        folder.Write("mesh.conf", """akka-wasm { data.folder = data, http.port = 0, mesh.agents.o.module = "other.wat" }""");
        Assert.Equal(0, (await folder.RunAsync("module", "push", "other.wat", "--data", "data")).Code);
        await using var mesh = await folder.ServeAsync();
        string[] at = ["--url", mesh.Http.Url.ToString()];
        var missing = await folder.RunAsync(["topology", "plan", "next.conf", .. at]);
        Assert.Contains("the module 'math@1.0.0' of the agent 'a'", missing.Error, StringComparison.Ordinal);
        folder.Write("next.conf", """akka-wasm { data.folder = data, mesh.agents { o.module = "other.wat", a.module { main = "main.wat", parts { math = "math.wat" } } } }""");
        var plan = await folder.RunAsync(["topology", "plan", "next.conf", .. at]);
        Assert.Contains("define  agents.a\n        composed of main.wat + math (math.wat)\n", plan.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await folder.RunAsync(["topology", "apply", "next.conf", .. at])).Code);
        var agent = (await mesh.Node.TopologyAsync()).Topology.Agents.First(a => a.Name == "a");
        Assert.Contains("main part", (await folder.RunAsync(["module", "inspect", agent.ModuleHash, .. at])).Out, StringComparison.Ordinal);
        var shown = (await folder.RunAsync(["module", "show", agent.ModuleHash, .. at])).Out;
        foreach (var (word, name) in new[] { ("part", "math"), ("main part", "main") }) Assert.Matches($"(?m)^{word} +{name}, {folder.HashOf($"{name}.wat")}$", shown.ReplaceLineEndings("\n"));
        using var parts = JsonDocument.Parse(await mesh.Client.GetStringAsync($"/v1/modules/{agent.ModuleHash}"));
        Assert.Equal(["math", "main"], parts.RootElement.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("name").GetString()));
        using var whole = JsonDocument.Parse(await mesh.Client.GetStringAsync($"/v1/modules/{folder.HashOf("other.wat")}"));
        Assert.False(whole.RootElement.TryGetProperty("parts", out _));
    }

    private static MeshFolder Folder()
    {
        var folder = new MeshFolder();
        folder.Write("main.wat", Main);
        folder.Write("math.wat", Math);
        return folder;
    }
}
