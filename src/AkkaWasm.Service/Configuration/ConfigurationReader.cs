using System.Collections.Immutable;
using AkkaWasm.Actors;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Service.Hocon;
using AkkaWasm.Service.Topology;

namespace AkkaWasm.Service.Configuration;

/// <summary>Turns a tree into records, once; nothing behind it knows the tree. Modules are not read here.</summary>
internal static class ConfigurationReader
{
    private const string NameOfDefaults = "defaults";

    /// <exception cref="HoconException">A value is missing, unknown, of a wrong type or out of range.</exception>
    /// <exception cref="ConfigurationException">The topology has problems.</exception>
    public static ServiceConfiguration Read(ConfigurationTree tree)
    {
        var all = new HoconCursor(tree.Root);
        var root = all.At(ConfigurationTree.RootKey);
        var configuration = ReadSections(root, tree);
        root.RefuseUnknown();
        CheckTopology(configuration.Node.Topology, tree);
        CheckFuel(configuration, tree);
        return configuration with { Node = configuration.Node with { ModuleStore = configuration.Modules.WithKeys() } };
    }

    /// <summary>
    /// The whole, for those who want the topology alone: what is wrong with that as a whole, and whether the node that is to run it counts fuel, is not
    /// looked at.
    /// </summary>
    /// <exception cref="HoconException">A value is missing, unknown, of a wrong type or out of range.</exception>
    public static ServiceConfiguration ReadTopology(ConfigurationTree tree)
    {
        var root = new HoconCursor(tree.Root).At(ConfigurationTree.RootKey);
        var configuration = ReadSections(root, tree);
        root.RefuseUnknown();
        return configuration;
    }

    /// <summary>The data folder alone, for those who look for a node or its log and start none.</summary>
    public static string ReadDataFolder(ConfigurationTree tree) => tree.FullPath(new HoconCursor(tree.Root).At($"{ConfigurationTree.RootKey}.data.folder"));

    /// <summary>Data folder, databases and what says how much is kept, for those who read a log and start no node.</summary>
    public static LogLocation ReadLog(ConfigurationTree tree)
    {
        var root = new HoconCursor(tree.Root).At(ConfigurationTree.RootKey);
        var data = root.At("data");
        return new LogLocation(tree.FullPath(data.At("folder")), NodeSections.ReadStore(data.At("journal")), NodeSections.ReadStore(data.At("snapshots")))
        {
            Retention = NodeSections.ReadRetention(data.At("retention")), Limits = NodeSections.ReadLimits(root.At("mesh.limits"), root.At("mesh.name").AsString()),
            MaxReplayTurns = data.At("max-replay-turns").Count(), Trials = NodeSections.ReadTrials(root.At("trials")),
        };
    }

    /// <summary>The store of modules alone, for those who look after it without a node, or fetch what is to be pushed.</summary>
    public static ModuleSettings ReadModules(ConfigurationTree tree) => ModuleSection.Read(new HoconCursor(tree.Root).At($"{ConfigurationTree.RootKey}.modules"), tree);

    /// <summary>The HTTP interface alone, for those who talk to a node.</summary>
    public static HttpOptions ReadHttp(ConfigurationTree tree) => HttpOptions.Read(new HoconCursor(tree.Root).At($"{ConfigurationTree.RootKey}.http"));

    /// <summary>Reads every section below <c>akka-wasm</c>.</summary>
    public static ServiceConfiguration ReadSections(HoconCursor root, ConfigurationTree tree)
    {
        var mesh = root.At("mesh");
        ImmutableArray<ConfiguredAgent> agents = [.. mesh.At("agents").Entries().Select(agent => AgentSection.Read(agent.Key, agent.Value, tree))];
        agents = PipelineSection.Expand(mesh.At("pipelines"), agents);
        var topology = new MeshTopology(
            mesh.At("name").AsString(), SupervisionSection.Read(mesh.At("supervision")), SupervisionSection.ReadGroups(mesh.At("groups")), [.. agents.Select(agent => agent.Definition)]);
        ImmutableArray<ConfiguredRule> rules = [.. mesh.At("rules").Entries().Select(rule => RuleSection.Read(rule.Key, rule.Value, tree))];
        topology = topology with { Rules = [.. rules.Select(rule => rule.Definition)] };
        ReadDefaults(mesh.At("defaults"), tree);
        var (data, node) = (root.At("data"), root.At("node"));
        var options = new MeshNodeOptions
        {
            Topology = topology,
            DataFolder = tree.FullPath(data.At("folder")),
            Shard = NodeSections.ReadLimits(mesh.At("limits"), topology.Name),
            Engine = NodeSections.ReadEngine(root.At("engine"), tree),
            Sources = [.. mesh.At("sources").Entries().Select(source => SourceSection.Check(SourceSection.Read(source.Key, source.Value, tree), source.Value))],
            AkkaConfig = ForAkka(tree.Root),
            Changes = new ChangeText(),
            Journal = NodeSections.ReadStore(data.At("journal")),
            Snapshots = NodeSections.ReadStore(data.At("snapshots")),
            Retention = NodeSections.ReadRetention(data.At("retention")),
            Scrub = new ScrubOptions { BytesPerSecond = data.At("scrub-rate").Size(0), Pause = data.At("scrub-pause").Duration(TimeSpan.FromMilliseconds(1)) },
            MinBackoff = node.At("min-backoff").Duration(TimeSpan.FromMilliseconds(1)),
            MaxBackoff = node.At("max-backoff").Duration(TimeSpan.FromMilliseconds(1)),
            MaxShardDowntime = node.At("max-shard-downtime").Duration(TimeSpan.Zero),
            DrainTimeout = node.At("drain-timeout").Duration(TimeSpan.FromMilliseconds(1)),
        };
        return new ServiceConfiguration(tree.File, options, agents, HttpOptions.Read(root.At("http")), LogOptions.Read(root.At("log")))
        {
            MaxReplayTurns = data.At("max-replay-turns").Count(), Modules = ModuleSection.Read(root.At("modules"), tree), Trials = NodeSections.ReadTrials(root.At("trials")), Rules = rules,
        };
    }

    /// <summary>Reads the defaults as what they are defaults of, so that they are checked though nothing may use them.</summary>
    private static void ReadDefaults(HoconCursor defaults, ConfigurationTree tree)
    {
        AgentSection.Read(NameOfDefaults, defaults.At("agent"), tree);
        SourceSection.Read(NameOfDefaults, defaults.At("source"), tree);
        defaults.At("group").Find("parent")?.AsString();
        defaults.At("group").Find("renamed-from")?.AsString();
        SupervisionSection.Read(defaults.At("group"));
        RuleSection.ReadTimes(defaults.At("rule"), "");
        RuleSection.ReadClearAt(defaults.At("rule"));
    }

    private static string ForAkka(HoconObject root) => root.Find(ConfigurationTree.AkkaKey) is { } akka
        ? HoconRenderer.RenderForAkka(new HoconObject(akka.Value.Origin, [akka]))
        : "";

    private static void CheckTopology(MeshTopology topology, ConfigurationTree tree)
    {
        var problems = TopologyCheck.Check(topology).Select(problem => Sentence(problem, tree.OriginOf($"mesh.{problem.Path}"))).ToArray();
        if (problems.Length > 0) throw new ConfigurationException(problems);
    }

    /// <summary>The problem's own sentence with its place in it, as the other sentences have theirs.</summary>
    private static string Sentence(TopologyProblem problem, HoconOrigin origin)
    {
        var message = problem.Message.TrimEnd('.');
        var (what, remedy) = message.IndexOf("; ", StringComparison.Ordinal) is > 0 and var cut ? (message[..cut], message[cut..]) : (message, "");
        return $"{char.ToLowerInvariant(what[0])}{what[1..]} at {origin}{remedy}";
    }

    private static void CheckFuel(ServiceConfiguration configuration, ConfigurationTree tree)
    {
        if (configuration.Node.Engine.ConsumeFuel) return;
        foreach (var agent in configuration.Agents.Where(agent => agent.Definition.Limits.FuelPerTurn > 0))
            throw new HoconException(
                $"the agent '{agent.Definition.Name}' has a limit on fuel, which is not counted", tree.OriginOf($"mesh.agents.{agent.Definition.Name}.limits.fuel-per-turn"),
                "set akka-wasm.engine.consume-fuel = true, or fuel-per-turn = 0");
    }
}
