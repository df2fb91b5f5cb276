namespace AkkaWasm.Mesh.Topics;

/// <summary>Names of agents and the topics that belong to them. In a topic the <c>/</c> of a keyed agent's name is a dot.</summary>
public static class AgentName
{
    private const string InboxPrefix = "mesh.inbox.";

    /// <summary>The name of the agent of a family that has a key.</summary>
    public static string OfKey(string family, string key) => $"{family}/{TopicName.Encode(key)}";

    /// <summary>Takes the name of a keyed agent apart.</summary>
    /// <returns>Whether it is one: <c>family/key</c>, neither of them empty; then the family and the key as it was before it was encoded.</returns>
    public static bool TrySplit(string name, out string family, out string key)
    {
        (family, key) = ("", "");
        var slash = name.IndexOf('/');
        if (slash <= 0 || slash == name.Length - 1) return false;
        (family, key) = (name[..slash], Uri.UnescapeDataString(name[(slash + 1)..]));
        return true;
    }

    /// <summary>The one way to write a name: a key that was given plain is encoded, one that is encoded stays.</summary>
    public static string Canonical(string name) => TrySplit(name, out var family, out var key) ? OfKey(family, key) : name;

    /// <summary>The name as part of a topic.</summary>
    public static string ToTopic(string agent) => agent.Replace('/', '.');

    /// <summary>The private topic of an agent: direct messages, replies, timers without a topic.</summary>
    public static string Inbox(string agent) => InboxPrefix + ToTopic(agent);

    /// <summary>Topic of what happens to an agent: <c>mesh.agent.&lt;name&gt;.&lt;what&gt;</c>.</summary>
    public static string Lifecycle(string agent, string what) => $"mesh.agent.{ToTopic(agent)}.{what}";

    /// <summary>Topic of what happens to a family as a whole: <c>mesh.family.&lt;name&gt;.&lt;what&gt;</c>.</summary>
    public static string Family(string definition, string what) => $"mesh.family.{definition}.{what}";

    /// <summary>Topic of what happens to a pool as a whole: <c>mesh.pool.&lt;name&gt;.&lt;what&gt;</c>.</summary>
    public static string Pool(string definition, string what) => $"mesh.pool.{definition}.{what}";

    /// <summary>Topic of what happens to a group of agents: <c>mesh.group.&lt;name&gt;.&lt;what&gt;</c>.</summary>
    public static string OfGroup(string group, string what) => $"mesh.group.{group}.{what}";

    /// <summary>Topic of what a rule of the topology does: <c>mesh.rule.&lt;name&gt;</c>.</summary>
    public static string Rule(string name) => $"mesh.rule.{name}";

    /// <summary>Topic of what the node tells of itself: <c>mesh.node.&lt;what&gt;</c>.</summary>
    public static string Node(string what) => $"mesh.node.{what}";

    /// <summary>Topic of the events that were put aside for an agent.</summary>
    public static string DeadLetter(string agent) => $"mesh.deadletter.{ToTopic(agent)}";

    /// <summary>Topic of what an agent says of its health.</summary>
    public static string Health(string agent) => $"mesh.health.{ToTopic(agent)}";

    /// <summary>The agent whose private topic it is.</summary>
    /// <returns>Whether it is a private topic; then the definition's name and, for a family, the encoded key.</returns>
    public static bool TryInbox(string topic, out string definition, out string? encodedKey)
    {
        (definition, encodedKey) = ("", null);
        if (!topic.StartsWith(InboxPrefix, StringComparison.Ordinal)) return false;
        var name = topic[InboxPrefix.Length..];
        var dot = name.IndexOf('.');
        definition = dot < 0 ? name : name[..dot];
        encodedKey = dot < 0 ? null : name[(dot + 1)..];
        return true;
    }
}
