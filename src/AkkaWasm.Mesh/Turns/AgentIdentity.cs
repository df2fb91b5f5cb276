using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Turns;

/// <summary>Who an agent is: one life of it, with its capabilities made ready for checking.</summary>
/// <param name="number">Its number in the shard.</param>
/// <param name="name">Its name; <c>family/key</c> in a family.</param>
/// <param name="incarnation">Which life it is, from 1.</param>
/// <param name="definition">What it was defined as.</param>
/// <param name="nameOf">Gives the name of an agent in one of its lives, by its number and the incarnation.</param>
public sealed class AgentIdentity(int number, string name, int incarnation, AgentDefinition definition, Func<int, int, string> nameOf)
{
    /// <summary>Its number in the shard.</summary>
    public int Number => number;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Which life it is, from 1.</summary>
    public int Incarnation => incarnation;

    /// <summary>What it was defined as.</summary>
    public AgentDefinition Definition => definition;

    /// <summary>Naming a topic for standard output is leave to publish there.</summary>
    internal TopicPattern[] PublishTo { get; } = Parse(definition.Wasi.OutputTopic is { } output ? definition.Capabilities.Publish.Append(output) : definition.Capabilities.Publish);

    internal TopicPattern[] RequestTo { get; } = Parse(definition.Capabilities.Request);

    internal TopicPattern[] SendTo { get; } = Parse(definition.Capabilities.Send);

    internal TopicPattern[] MayWatch { get; } = Parse(definition.Capabilities.Watch);

    /// <summary>The topic that was found allowed last, so that one that is used again and again is checked once; used by the thread of the agent's turns.</summary>
    internal (TopicPattern[]? By, string Topic) LastAllowed { get; set; }

    internal string NameOf(int agent, int incarnation) => nameOf(agent, incarnation);

    private static TopicPattern[] Parse(IEnumerable<string> patterns) => [.. patterns.Select(TopicPattern.Parse)];
}
