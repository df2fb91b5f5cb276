using System.Text;
using System.Text.Json;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Tests.Configuration;

public sealed class RuleSectionTests
{
    private const string Agents = """
        akka-wasm.mesh {
          agents.one { module = "agents/a.wat" }
          agents.crew { module = "agents/a.wat", pool { size = 1, max = 3 } }
          agents.many { module = "agents/a.wat", key = subject }
        """;

    private static string With(string rule) => $"{Agents}\nrules.slow {{ {rule} }}\n}}";

    [Fact]
    public void A_rule_is_read_with_its_lines_verbs_and_defaults_and_written_again_as_it_was()
    {
        using var folder = new MeshFolder();
        var rule = ModuleLoader.Load(folder.Read(With("""
            of = "crew/*", when { lag = 100, age = 30 s, failure-rate = 0.5, memory = 1 MiB }, clear { lag = 20 }, for = 5 s,
            then = [{ shed { keep = 10 } }, { replicate { by = 2 } }, alert, { replace { module = "agents/a.wat" } }]
            """))).Node.Topology;
        var slow = Assert.Single(rule.Rules);
        Assert.Equal([new RuleLine(RuleSignal.FailureRate, 0.5, 0.4), new RuleLine(RuleSignal.Lag, 100, 20), new RuleLine(RuleSignal.Age, 30e9, 24e9), new RuleLine(RuleSignal.Memory, 1_048_576, 838_861)], slow.When.AsEnumerable());
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1), 3, TimeSpan.FromHours(1), false), (slow.For, slow.CoolDown, slow.AtMost, slow.Per, slow.IsDryRun));
        Assert.Equal([RuleVerb.Shed, RuleVerb.Replicate, RuleVerb.Alert, RuleVerb.Replace], slow.Then.Select(a => a.Verb));
        Assert.Equal((10, 2, rule.Agents[0].ModuleHash), (slow.Then[0].Keep, slow.Then[1].By, slow.Then[3].Replacement!.ModuleHash));
        Assert.True(TopologyDelta.Between(rule, Written(rule)).IsEmpty);
    }

    [Fact]
    public void A_share_and_a_way_back_to_the_previous_version_are_read_and_written_again_as_they_were()
    {
        using var folder = new MeshFolder();
        var topology = ModuleLoader.Load(folder.Read(With("""
            of = many, when { lag = 5 }, then = [{ replace { module = "agents/a.wat", share = 2.5 %, watch { for = 1 m, max-failures = 2 } } }] }
            rules.back { of = one, when { lag = 5 }, then = [{ rewind { previous-version = true, inputs = dropped } }]
            """))).Node.Topology;
        var by = topology.Rules.Single(rule => rule.Name == "slow").Then[0].Replacement!;
        Assert.Equal(new CanaryPolicy { Watch = TimeSpan.FromMinutes(1), MaxFailures = 2, ShareBasisPoints = 250 }, by.Watch);
        Assert.Equal(new RewindTarget { PreviousVersion = true, Inputs = RewindInputs.Dropped }, topology.Rules.Single(rule => rule.Name == "back").Then[0].Rewind);
        Assert.True(TopologyDelta.Between(topology, Written(topology)).IsEmpty);
    }

    private static MeshTopology Written(MeshTopology topology)
    {
        using var written = new MemoryStream();
        using (var json = new Utf8JsonWriter(written)) TopologyJson.Write(json, topology);
        return TopologyText.Read(Encoding.UTF8.GetString(written.ToArray()), ModuleNamesInUse.None).Topology;
    }

    [Theory]
    [InlineData("of = many, when { lag = 5 }, then = [{ replace { module = \"agents/a.wat\", share = 10% } }]", "watch does not say for how long")]
    [InlineData("of = many, when { lag = 5 }, then = [{ replace { module = \"agents/a.wat\", share = 10, watch { } } }]", "must be a share but is '10'")]
    [InlineData("of = many, when { lag = 5 }, then = [{ replace { module = \"agents/a.wat\", share = 0.001%, watch { } } }]", "must be a share but is '0.001%'")]
    [InlineData("of = one, when { lag = 5 }, then = [explode]", "must be one of alert, rewind, replace, replicate, shed, restart, pause but is 'explode'")]
    [InlineData("of = one, when { lag = 5 }, then = [replace]", "is replace and names no module")]
    [InlineData("of = one, when { lag = 5 }, then = [{ shed { keep = 1 }, alert { } }]", "must be one verb")]
    [InlineData("of = one, when { lag = 5 }, clear { age = 1 s }, then = [alert]", "clears age, for which when has no line")]
    [InlineData("of = one, when { lags = 5 }, then = [alert]", "unknown key 'lags'")]
    [InlineData("of = one, when { lag = 5 }, then = [{ shed { keeps = 1 } }]", "unknown key 'keeps'")]
    public void What_cannot_be_read_is_said_with_its_place(string rule, string says)
    {
        using var folder = new MeshFolder();
        var problem = Assert.Throws<HoconException>(() => folder.Read(With(rule)));
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_the_mesh_is_refused_with_the_place_of_the_rule()
    {
        using var folder = new MeshFolder();
        var problem = Assert.Throws<ConfigurationException>(() => folder.Read(With("of = one, when { lag = 5 }, then = [replicate]")));
        Assert.Contains("'one' is no pool and cannot be replicated", problem.Message, StringComparison.Ordinal);
        problem = Assert.Throws<ConfigurationException>(() => ModuleLoader.Load(folder.Read(With("of = one, when { lag = 5 }, then = [{ replace { module = \"agents/missing.wat\" } }]"))));
        Assert.Contains("agents/missing.wat", problem.Message, StringComparison.Ordinal);
    }
}
