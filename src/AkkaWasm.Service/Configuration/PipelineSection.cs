using System.Collections.Immutable;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Service.Hocon;

namespace AkkaWasm.Service.Configuration;

/// <summary>
/// Reads pipelines, which are agents in a row: each stage subscribes to what the one before may publish. They become subscriptions and capabilities of the agents, and
/// nothing else remains of them.
/// </summary>
internal static class PipelineSection
{
    private const string SomeTopic = "name a topic or a pattern, as quake.*.felt";

    /// <summary>The agents with what the pipelines give them.</summary>
    /// <exception cref="HoconException">A stage is no agent, gets nothing of what goes before it or something that it must not get, or content types differ.</exception>
    public static ImmutableArray<ConfiguredAgent> Expand(HoconCursor pipelines, ImmutableArray<ConfiguredAgent> agents)
    {
        foreach (var (name, pipeline) in pipelines.Entries())
        {
            var stages = Stages(name, pipeline, agents);
            for (var i = 0; i < stages.Length; i++) RefuseShortcuts(name, stages, i);
            foreach (var stage in stages) agents = [.. agents.Select(agent => agent.Definition.Name == stage.Agent ? agent with { Definition = With(agent, stage) } : agent)];
        }
        return agents;
    }

    private static Stage[] Stages(string name, HoconCursor pipeline, ImmutableArray<ConfiguredAgent> agents)
    {
        var list = pipeline.At("stages").AsList();
        if (list.Count == 0) throw new HoconException($"the pipeline '{name}' has no stages", pipeline.At("stages").Origin, "name at least one agent");
        var before = (Who: "what comes from outside", Gives: Pattern(pipeline.At("from")), Type: pipeline.Find("content-type")?.AsString());
        var stages = new List<Stage>();
        foreach (var item in list)
        {
            var isLast = item == list[^1];
            var stage = Read(name, item, before.Gives, isLast);
            if (agents.All(agent => agent.Definition.Name != stage.Agent))
            {
                var nearest = NearestName.Find(stage.Agent, agents.Select(agent => agent.Definition.Name));
                throw new HoconException($"the pipeline '{name}' has the stage '{stage.Agent}', and there is no agent of that name", item.Origin, nearest is null ? "define it under agents" : $"did you mean '{nearest}'?");
            }
            if (stages.Exists(s => s.Agent == stage.Agent)) throw new HoconException($"the agent '{stage.Agent}' is two stages of the pipeline '{name}'", item.Origin, "an agent does not know in which of them it is; define a second agent");
            if (!stage.From.Overlaps(before.Gives))
                throw new HoconException($"the stage '{stage.Agent}' of the pipeline '{name}' takes '{stage.From}', of which '{before.Gives}', {before.Who}, has nothing", item.Origin, "let one of them name topics of the other");
            if (stage.Takes is { } takes && before.Type is { } given && !SameType(takes, given))
                throw new HoconException($"the stage '{stage.Agent}' of the pipeline '{name}' takes {takes}, and {before.Who} is {given}", item.Origin, "put a stage between them, or correct one of the types");
            stages.Add(stage);
            if (stage.To is { } to) before = ($"what '{stage.Agent}' may publish", to, stage.ContentType);
        }
        return [.. stages];
    }

    private static Stage Read(string name, HoconCursor item, TopicPattern before, bool isLast)
    {
        if (item.Kind != HoconKind.Object)
        {
            if (!isLast) throw new HoconException($"the stage '{item.AsString()}' of the pipeline '{name}' does not say where it publishes to, and another follows", item.Origin, $"write it as {{ agent = {item.AsString()}, to = some.topic }}");
            return new Stage(item.AsString(), before, null, null, null, item.Origin);
        }
        var agent = item.At("agent").AsString();
        var to = isLast ? item.Find("to") : item.At("to");
        return new Stage(
            agent, item.Find("from") is { } from ? Pattern(from) : before, to is null ? null : Pattern(to), item.Find("takes")?.AsString(), item.Find("content-type")?.AsString(), item.Origin);
    }

    /// <summary>A stage must get what the one before gives, and of the others nothing: else events would go in a circle, or past stages.</summary>
    private static void RefuseShortcuts(string name, Stage[] stages, int giving)
    {
        if (stages[giving].To is not { } to) return;
        for (var i = 0; i < stages.Length; i++)
        {
            if (i == giving + 1 || !stages[i].From.Overlaps(to)) continue;
            var what = i <= giving ? "events would go in a circle" : "events would go past the stages between";
            throw new HoconException(
                $"the stage '{stages[i].Agent}' of the pipeline '{name}' takes '{stages[i].From}', which '{stages[giving].Agent}' may publish to as '{to}', so {what}", stages[giving].Origin, "give the stages topics that have nothing in common");
        }
    }

    private static Mesh.Topology.AgentDefinition With(ConfiguredAgent agent, Stage stage)
    {
        var definition = agent.Definition;
        var capabilities = definition.Capabilities;
        return definition with
        {
            Subscriptions = Added(definition.Subscriptions, stage.From.Text),
            Capabilities = stage.To is { } to ? capabilities with { Publish = Added(capabilities.Publish, to.Text) } : capabilities,
        };
    }

    private static ImmutableArray<string> Added(ImmutableArray<string> patterns, string pattern) => patterns.Contains(pattern) ? patterns : [.. patterns, pattern];

    private static TopicPattern Pattern(HoconCursor value)
    {
        var text = value.AsString();
        return TopicPattern.Check(text) is { } problem ? throw new HoconException($"'{text}' is no topic: {problem.TrimEnd('.')}", value.Origin, SomeTopic) : TopicPattern.Parse(text);
    }

    /// <summary>Media types are the same without regard to case and parameters (RFC 9110, 8.3.1).</summary>
    private static bool SameType(string one, string other) => string.Equals(one.Split(';')[0].Trim(), other.Split(';')[0].Trim(), StringComparison.OrdinalIgnoreCase);

    private sealed record Stage(string Agent, TopicPattern From, TopicPattern? To, string? Takes, string? ContentType, HoconOrigin Origin);
}
