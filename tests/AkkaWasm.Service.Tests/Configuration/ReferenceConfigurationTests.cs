using AkkaWasm.Service.Configuration;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Tests.Configuration;

public sealed class ReferenceConfigurationTests
{
    private const string Sample = """
        akka-wasm.mesh {
          groups.g { }
          agents.a { module = "agents/a.wat", key = subject, config { b = 1 }, passivate-idle-after = 1 s }
          sources.s { path = "week.geojson", topic = t, source = "/x" }
        }
        """;

    [Fact]
    public void Every_key_that_is_read_is_documented_and_every_documented_key_is_read()
    {
        using var folder = new MeshFolder();
        var tree = folder.Tree(Sample);
        var root = new HoconCursor(tree.Root).At(ConfigurationTree.RootKey);
        ConfigurationReader.ReadSections(root, tree);

        var read = root.AskedPaths().Select(Documented).OfType<string>().ToHashSet();
        var documented = Paths((HoconObject)ReferenceConfiguration.Document().Resolve().Find(ConfigurationTree.RootKey)!.Value, ConfigurationTree.RootKey).ToHashSet();
        documented.Remove("akka-wasm.mesh.groups.default");

        Assert.Empty(read.Except(documented));
        Assert.Empty(documented.Except(read));
    }

    [Fact]
    public void Every_documented_key_has_a_comment_above_it()
    {
        var lines = ReferenceConfiguration.Text.Split('\n').Select(line => line.Trim()).ToArray();
        var bare = Enumerable.Range(1, lines.Length - 1).Where(i => IsSetting(lines[i]) && !lines[i - 1].StartsWith('#')).Select(i => lines[i]);

        Assert.Empty(bare);

        static bool IsSetting(string line) => !line.StartsWith('#') && line.Contains(" = ", StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_alone_are_a_configuration()
    {
        using var folder = new MeshFolder();

        var configuration = ModuleLoader.Load(folder.Read(""));

        Assert.Empty(configuration.Agents);
        Assert.Equal(System.IO.Path.Combine(folder.Path, "data"), configuration.Node.DataFolder);
    }

    [Fact]
    public void The_defaults_are_those_of_the_records()
    {
        using var folder = new MeshFolder();
        var node = ModuleLoader.Load(folder.Read(Sample)).Node;
        var (agent, source) = (node.Topology.Agents[0], node.Sources[0]);

        Assert.Equal(new AkkaWasm.Mesh.Shards.ShardOptions(), node.Shard);
        Assert.Equal(new AkkaWasm.Actors.GuestEngineOptions(), node.Engine);
        Assert.Equal(new AkkaWasm.Actors.ModuleOptions { TrustedKeys = node.ModuleStore.TrustedKeys }, node.ModuleStore);
        Assert.Equal(new FetchOptions(), folder.Read(Sample).Modules.Fetch);
        Assert.Equal(AkkaWasm.Mesh.Topology.AgentLimits.Default, agent.Limits);
        Assert.Equal(AkkaWasm.Mesh.Topology.SupervisionPolicy.Default with { OnFailure = node.Topology.Root.OnFailure }, node.Topology.Root);
        Assert.Equal(AkkaWasm.Mesh.Topology.SupervisionPolicy.Default.OnFailure.ToArray(), node.Topology.Root.OnFailure.ToArray());
        Assert.Equal((100, 8, 1 << 20, 3), (source.BatchEvents, source.MaxBatchesInFlight, source.MaxElementBytes, source.MaxRestarts));
        Assert.Equal((1_000_000, 1_000, 256), (agent.MaxKeys, agent.SnapshotEveryTurns, agent.HashEveryTurns));
        Assert.Equal(TimeSpan.FromSeconds(1), agent.SnapshotAtMostEvery);
        Assert.Equal((64L << 20, null, 3, 4), (agent.SnapshotEveryBytes, agent.SnapshotEvery, agent.KeepSnapshots, agent.KeepOlderSnapshots));
        Assert.Equal(
            (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(10), TimeSpan.FromHours(1), TimeSpan.FromSeconds(30)),
            (node.MinBackoff, node.MaxBackoff, node.MaxShardDowntime, node.DrainTimeout));
    }

    /// <summary>The place where a key that was read is documented; null for the names that users choose.</summary>
    private static string? Documented(string path)
    {
        string[][] families = [["agents", "agent"], ["sources", "source"], ["groups", "group"]];
        foreach (var family in families)
        {
            var prefix = $"akka-wasm.mesh.{family[0]}.";
            if (!path.StartsWith(prefix, StringComparison.Ordinal)) continue;
            var dot = path.IndexOf('.', prefix.Length);
            if (dot < 0) return null;
            return Documented($"akka-wasm.mesh.defaults.{family[1]}{path[dot..]}");
        }
        const string group = "akka-wasm.mesh.defaults.group.";
        return path.StartsWith(group, StringComparison.Ordinal) && path != group + "parent" && path != group + "renamed-from" ? "akka-wasm.mesh.supervision." + path[group.Length..] : path;
    }

    private static IEnumerable<string> Paths(HoconObject fields, string path) => fields.Fields.SelectMany(field =>
    {
        var here = $"{path}.{field.Key}";
        return (field.Value is HoconObject child ? Paths(child, here) : []).Prepend(here);
    });
}
