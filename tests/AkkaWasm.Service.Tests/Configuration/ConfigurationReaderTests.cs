using System.Text;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Configuration;

namespace AkkaWasm.Service.Tests.Configuration;

public sealed class ConfigurationReaderTests
{
    [Fact]
    public void Definitions_keep_the_order_of_the_file()
    {
        using var folder = new MeshFolder();

        var topology = folder.Read("""
            akka-wasm.mesh {
              agents { z.module = "agents/a.wat", a.module = "agents/a.wat", m.module = "agents/a.wat" }
              groups { y { }, b { } }
            }
            """).Node.Topology;

        Assert.Equal(["z", "a", "m"], topology.Agents.Select(agent => agent.Name));
        Assert.Equal(["default", "y", "b"], topology.Groups.Select(group => group.Name));
    }

    [Fact]
    public void A_group_takes_what_it_does_not_say_from_supervision()
    {
        using var folder = new MeshFolder();

        var topology = folder.Read("""
            akka-wasm.mesh {
              supervision { max-nr-of-retries = 3, directive = reset }
              groups.g { directive = resume, parent = default, rewind { turns = 4, inputs = dropped } }
              agents.a { module = "agents/a.wat", circuit { failures-share = 0.25, open-for = 5 s } }
            }
            """).Node.Topology;

        Assert.Equal(new RewindTarget { Turns = 4, Inputs = RewindInputs.Dropped }, topology.Groups.Single(group => group.Name == "g").Supervision.Rewind);
        Assert.Equal(new CircuitPolicy { FailuresShare = 0.25, OpenFor = TimeSpan.FromSeconds(5) }, topology.Agents.Single().Circuit);

        var group = topology.Groups.Single(group => group.Name == "g");
        Assert.Equal(3, group.Supervision.MaxNrOfRetries);
        Assert.Equal(HealingDirective.Resume, group.Supervision.Directive);
        Assert.Equal("default", group.Parent);
        Assert.Equal(HealingDirective.Reset, topology.Groups.Single(g => g.Name == "default").Supervision.Directive);
    }

    [Fact]
    public void An_agent_takes_what_it_does_not_say_from_the_defaults()
    {
        using var folder = new MeshFolder();

        var agents = folder.Read("""
            akka-wasm.mesh {
              defaults.agent { limits.deadline = 3 s, passivate-idle-after = 1 h }
              agents { a { module = "agents/a.wat", limits.memory = 1 GiB }, b { module = "agents/a.wat", passivate-idle-after = null } }
            }
            """).Node.Topology.Agents;

        Assert.Equal(TimeSpan.FromSeconds(3), agents[0].Limits.Deadline);
        Assert.Equal(1L << 30, agents[0].Limits.MemoryBytes);
        Assert.Equal(TimeSpan.FromHours(1), agents[0].PassivateIdleAfter);
        Assert.Null(agents[1].PassivateIdleAfter);
    }

    [Theory]
    [InlineData("{ quakes = 5, window_ms = 3600000 }", """{"quakes":5,"window_ms":3600000}""")]
    [InlineData("{ b = [1, 2.50, yes, null], a { x = on the way } }", """{"b":[1,2.50,"yes",null],"a":{"x":"on the way"}}""")]
    [InlineData("{ big = 12345678901234567890, small = 1e-9, text = \"ü\\\"\" }", """{"big":12345678901234567890,"small":1e-9,"text":"ü\""}""")]
    [InlineData("[true, false]", "[true,false]")]
    [InlineData("\"as it is\"", "as it is")]
    [InlineData("7", "7")]
    public void Config_becomes_compact_json_and_text_stays_text(string config, string bytes)
    {
        using var folder = new MeshFolder();

        var agent = folder.Read($"akka-wasm.mesh.agents.a {{ module = \"agents/a.wat\", config = {config} }}").Node.Topology.Agents[0];

        Assert.Equal(bytes, Encoding.UTF8.GetString(agent.Config.Span));
    }

    [Theory]
    [InlineData("subject", 0)]
    [InlineData("\"{2}\"", 2)]
    [InlineData("\"{32}\"", 32)]
    public void A_key_makes_a_family(string key, int token)
    {
        using var folder = new MeshFolder();

        Assert.Equal(new AgentKey(token), folder.Read($"akka-wasm.mesh.agents.a {{ module = \"agents/a.wat\", key = {key} }}").Node.Topology.Agents[0].Key);
    }

    [Fact]
    public void A_size_makes_a_pool()
    {
        using var folder = new MeshFolder();
        var agents = folder.Read("""
            akka-wasm.mesh.agents {
              a { module = "agents/a.wat", pool { size = 3, max = 5, key = "{2}", partitions = 16, grow-lag = null, grow-age = 2 s, shrink-after = null, cool-down = 0 s } }
              b { module = "agents/a.wat", pool.max = 5 }
            }
            """).Node.Topology.Agents;

        Assert.Equal(new PoolPolicy { Size = 3, Max = 5, Key = new AgentKey(2), Partitions = 16, GrowLag = null, GrowAge = TimeSpan.FromSeconds(2), ShrinkAfter = null, CoolDown = TimeSpan.Zero }, agents[0].Pool);
        Assert.Null(agents[1].Pool);
        Assert.Contains("1 ≤ min ≤ size", Assert.ThrowsAny<Exception>(() => folder.Read("akka-wasm.mesh.agents.a { module = \"agents/a.wat\", pool { size = 9 } }")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_are_relative_to_the_file_that_says_them()
    {
        using var folder = new MeshFolder();
        folder.Write("parts/more.conf", "akka-wasm.mesh.agents.b.module = \"b.wat\"");
        folder.Write("parts/b.wat", MeshFolder.Agent);

        var configuration = ModuleLoader.Load(folder.Read("""
            include "parts/more.conf"
            akka-wasm { mesh.agents.a.module = "agents/a.wat", data.folder = state, mesh.sources.s { path = "week.geojson", topic = t } }
            """));

        Assert.Equal(Path.Combine(folder.Path, "parts", "b.wat"), configuration.Agents[0].Module!.File);
        Assert.Equal(Path.Combine(folder.Path, "agents", "a.wat"), configuration.Agents[1].Module!.File);
        Assert.Equal(Path.Combine(folder.Path, "state"), configuration.Node.DataFolder);
        Assert.Equal(Path.Combine(folder.Path, "week.geojson"), configuration.Node.Sources[0].Path);
    }

    [Fact]
    public void A_single_setting_is_stronger_than_the_file_and_its_paths_are_relative_to_the_working_folder()
    {
        using var folder = new MeshFolder();

        var configuration = folder.Read("akka-wasm.http.port = 1", "akka-wasm.http.port=2", "akka-wasm.http.port=3", "akka-wasm.data.folder=here");

        Assert.Equal(3, configuration.Http.Port);
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "here"), configuration.Node.DataFolder);
    }

    [Fact]
    public void Modules_are_read_once_and_known_by_content()
    {
        using var folder = new MeshFolder();
        folder.Write("agents/b.wat", MeshFolder.Agent);

        var node = ModuleLoader.Load(folder.Read("""akka-wasm.mesh.agents { a.module = "agents/a.wat", b.module = "agents/b.wat", c.module = "agents/a.wat" }""")).Node;

        var module = Assert.Single(node.Modules);
        Assert.All(node.Topology.Agents, agent => Assert.Equal(module.Key, agent.ModuleHash));
        Assert.Equal(["agents/a.wat", "agents/b.wat", "agents/a.wat"], node.Topology.Agents.Select(agent => agent.ModuleFile));
    }

    [Fact]
    public void The_section_of_akka_is_handed_on_as_akka_reads_it()
    {
        using var folder = new MeshFolder();

        var config = Akka.Configuration.ConfigurationFactory.ParseString(folder.Read("level = DEBUG\nakka { loglevel = ${level}, actor.x = [1, 2] }").Node.AkkaConfig);

        Assert.Equal("DEBUG", config.GetString("akka.loglevel"));
        Assert.Equal([1, 2], config.GetIntList("akka.actor.x"));
        Assert.Equal("", folder.Read("").Node.AkkaConfig);
    }

    [Fact]
    public void Sources_databases_and_groups_of_settings_arrive_where_they_belong()
    {
        using var folder = new MeshFolder();

        var configuration = folder.Read("""
            akka-wasm {
              mesh { name = m, limits { max-event-bytes = 2 KiB, idempotency-window = 1 day }
                sources.s { path = week.geojson, format = geojson, topic = t.u, id = properties.code, source = "/feed", batch-size = 7 } }
              engine { consume-fuel = yes, max-stack = 1 MiB, cache-folder = "" }
              data.journal { provider = PostgreSQL.15, connection-string = "Host=db" }
              http { host = 0.0.0.0, token = 0123456789abcdef, port = 0 }
              log { level = warning, format = json }
            }
            """);

        var node = configuration.Node;
        Assert.Equal(("m", 2048, TimeSpan.FromDays(1)), (node.Shard.MeshName, node.Shard.MaxEventBytes, node.Shard.IdempotencyWindow));
        Assert.Equal(
            new FileSourceOptions
            {
                Name = "s", Path = Path.Combine(folder.Path, "week.geojson"), Format = FileSourceFormat.GeoJsonFeatures, Topic = "t.u", IdPath = "properties.code",
                EventSource = "/feed", BatchEvents = 7,
            },
            Assert.Single(node.Sources));
        Assert.Equal((true, 1 << 20, ""), (node.Engine.ConsumeFuel, node.Engine.MaxStackBytes, node.Engine.CacheFolder));
        Assert.Equal(new StoreOptions("PostgreSQL.15", "Host=db"), node.Journal);
        Assert.Null(node.Snapshots);
        Assert.Equal("0123456789abcdef", configuration.Http.Token);
        Assert.Equal(new LogOptions(Serilog.Events.LogEventLevel.Warning, LogFormat.Json), configuration.Log);
    }
}
