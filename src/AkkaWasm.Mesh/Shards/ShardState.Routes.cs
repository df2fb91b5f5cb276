using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>What is known of a topic, looked up once for each event: who is to get its events, and what counts them.</summary>
/// <param name="subscribers">Definitions that subscribe to it, by their place in the topology, rising.</param>
/// <param name="counter">Counts the events whose topics begin with the same token.</param>
internal sealed class TopicRoute(int[] subscribers, EventCounter counter)
{
    public int[] Subscribers => subscribers;

    public EventCounter Counter => counter;

    /// <summary>The agents of the subscribers, where they follow from the topic alone and are born.</summary>
    public AgentEntry?[] Targets { get; } = new AgentEntry?[subscribers.Length];

    /// <summary>Name of the agent whose private topic it is, or null.</summary>
    public string? Addressee { get; init; }

    /// <summary>The pool whose private topic it is, or null.</summary>
    public AgentDefinition? Pool { get; init; }

    /// <summary>Definition and encoded key of the agent of a family whose private topic it is, or null.</summary>
    public (AgentDefinition Family, string EncodedKey)? Inbox { get; init; }

    /// <summary>Whether its events may bring agents into being.</summary>
    public bool MayBear { get; init; }

    /// <summary>Offset of its last event.</summary>
    public long LastOffset { get; set; } = Position.None;
}

internal sealed partial class ShardState
{
    /// <summary>Of how many topics it is remembered where their events go, before all are looked up again.</summary>
    public const int MaxRoutes = 100_000;

    private readonly Dictionary<string, TopicRoute> routes = new(StringComparer.Ordinal);
    private (string? Topic, TopicRoute Route) lastRoute = (null, null!);

    /// <summary>Where the events of a topic go.</summary>
    public TopicRoute RouteOf(string topic)
    {
        if (ReferenceEquals(lastRoute.Topic, topic)) return lastRoute.Route;
        if (!routes.TryGetValue(topic, out var route))
        {
            if (routes.Count >= MaxRoutes) routes.Clear();
            routes[topic] = route = NewRoute(topic);
        }
        lastRoute = (topic, route);
        return route;
    }

    /// <summary>The agent of a subscriber that an event is for; null where none is, or it has no key, or is not born yet.</summary>
    /// <param name="route">Where the events of its topic go.</param>
    /// <param name="index">Which of the route's subscribers.</param>
    /// <param name="e">The event.</param>
    /// <param name="unbornKey">Key of the agent if it is not born yet.</param>
    public AgentEntry? Target(TopicRoute route, int index, MeshEvent e, out string? unbornKey)
    {
        unbornKey = null;
        if (route.Targets[index] is { } known) return known;
        var definition = Topology!.Agents[route.Subscribers[index]];
        if (definition.Key is null) return route.Targets[index] = Find(definition.Name);
        var bySubject = definition.Key.TopicToken == 0;
        var key = bySubject ? e.Subject : TopicName.Token(e.Topic, definition.Key.TopicToken);
        if (string.IsNullOrEmpty(key)) return null;
        var entry = Find(AgentName.OfKey(definition.Name, key));
        if (entry is null) unbornKey = key;
        else if (!bySubject) route.Targets[index] = entry;
        return entry;
    }

    private TopicRoute NewRoute(string topic)
    {
        var subscribers = router.Match(topic);
        var isInbox = AgentName.TryInbox(topic, out var name, out var key);
        var family = isInbox && key is not null && Definition(name) is { Key: not null } definition ? (definition, key) : default((AgentDefinition, string)?);
        return new TopicRoute(subscribers, Totals.CounterOf(topic))
        {
            Addressee = !isInbox ? null : key is null ? name : $"{name}/{key}",
            Pool = isInbox && key is null && Definition(name) is { Pool: not null } pool ? pool : null,
            Inbox = family,
            MayBear = family is not null || subscribers.Any(s => Topology!.Agents[s].Key is not null),
        };
    }

    private void ForgetRoutes()
    {
        routes.Clear();
        lastRoute = (null, null!);
    }
}
