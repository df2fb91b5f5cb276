using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Tests.Configuration;

/// <summary>Pipelines become subscriptions and capabilities of their stages.</summary>
public sealed class PipelineTests
{
    private const string Agents = """akka-wasm.mesh.agents { a { module = "agents/a.wat", subscribe = [own] }, b { module = "agents/a.wat", capabilities.publish = [own] }, c { module = "agents/a.wat" } }""";

    [Fact]
    public void Each_stage_subscribes_to_what_the_one_before_may_publish()
    {
        using var folder = new MeshFolder();
        var configuration = folder.Read(Agents + "\n" + """
            akka-wasm.mesh.pipelines { p { from = "in.>", stages = [{ agent = a, to = "mid.*" }, { agent = b, from = "mid.x", to = out }, c] } }
            """);
        Assert.Equal(
            ["a: own, in.> -> mid.*", "b: mid.x -> own, out", "c: out -> "],
            configuration.Node.Topology.Agents.Select(a => $"{a.Name}: {string.Join(", ", a.Subscriptions)} -> {string.Join(", ", a.Capabilities.Publish)}"));
    }

    [Fact]
    public void What_an_agent_has_already_it_is_not_given_twice()
    {
        using var folder = new MeshFolder();
        var configuration = folder.Read(Agents + "\n" + """akka-wasm.mesh.pipelines { p { from = own, stages = [{ agent = a, to = x }] }, q { from = own, stages = [{ agent = a, to = x }, c] } }""");
        var agent = configuration.Node.Topology.Agents[0];
        Assert.Equal("own -> x", $"{string.Join(' ', agent.Subscriptions)} -> {string.Join(' ', agent.Capabilities.Publish)}");
    }

    [Fact]
    public void Content_types_that_are_the_same_fit()
    {
        using var folder = new MeshFolder();
        folder.Read(Agents + "\n" + """
            akka-wasm.mesh.pipelines.p { from = in, content-type = "application/json", stages = [{ agent = a, takes = "Application/JSON; charset=utf-8", to = mid }, { agent = b, takes = "text/plain" }] }
            """);
    }

    [Theory]
    [InlineData("from = in, stages = [d]", "the pipeline 'p' has the stage 'd', and there is no agent of that name")]
    [InlineData("from = in, stages = []", "the pipeline 'p' has no stages")]
    [InlineData("from = in, stages = [a, b]", "the stage 'a' of the pipeline 'p' does not say where it publishes to, and another follows")]
    [InlineData("from = in, stages = [{ agent = a, to = mid }, a]", "the agent 'a' is two stages of the pipeline 'p'")]
    [InlineData("from = in, stages = [{ agent = a, to = mid }, { agent = b, from = other }]", "the stage 'b' of the pipeline 'p' takes 'other', of which 'mid', what 'a' may publish, has nothing")]
    [InlineData("from = in, stages = [{ agent = a, to = mid }, { agent = b, to = in }]", "the stage 'a' of the pipeline 'p' takes 'in', which 'b' may publish to as 'in', so events would go in a circle")]
    [InlineData("from = \"in.*\", stages = [{ agent = a, to = \"*.x\" }]", "the stage 'a' of the pipeline 'p' takes 'in.*', which 'a' may publish to as '*.x', so events would go in a circle")]
    [InlineData("from = in, stages = [{ agent = a, to = \"x.>\" }, { agent = b, from = \"x.b\", to = mid }, { agent = c, from = \">\" }]", "so events would go past the stages between")]
    [InlineData("from = in, content-type = \"text/csv\", stages = [{ agent = a, takes = \"application/json\" }]", "the stage 'a' of the pipeline 'p' takes application/json, and what comes from outside is text/csv")]
    [InlineData("from = in, stages = [{ agent = a, to = mid, content-type = \"text/csv\" }, { agent = b, takes = \"application/json\" }]", "takes application/json, and what 'a' may publish is text/csv")]
    [InlineData("from = \"a..b\", stages = [a]", "'a..b' is no topic: ")]
    [InlineData("from = in, stages = [a], to = x", "to")]
    public void What_does_not_fit_is_refused_with_its_place(string pipeline, string reason)
    {
        using var folder = new MeshFolder();
        var refusal = folder.Refusal($"{Agents}\nakka-wasm.mesh.pipelines {{ p {{ {pipeline} }} }}");
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
        Assert.Contains("mesh.conf:2:", refusal, StringComparison.Ordinal);
    }
}
