using System.Collections.Immutable;
using Akka.Actor;
using AkkaWasm.Actors.Agents;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Supervision;

/// <summary>
/// What a supervisor knows: its place in the tree and where the agents below it are. Kept outside the actor, because Akka replaces that when a
/// decision restarts the group.
/// </summary>
internal sealed class GroupNode
{
    private readonly Dictionary<string, GroupNode> routes = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> whereabouts = [];

    private GroupNode(string group, bool isFamily, AgentContext context, IEnumerable<GroupNode> groups)
    {
        Group = group;
        IsFamily = isFamily;
        Context = context;
        Groups = [.. groups];
        foreach (var child in Groups)
        {
            routes[child.Group] = child;
            foreach (var below in child.routes.Keys) routes[below] = child;
        }
    }

    /// <summary>Name of the group; empty for the root. A family has the name of the group it belongs to.</summary>
    public string Group { get; }

    /// <summary>Whether it stands between its group and the agents of one family.</summary>
    public bool IsFamily { get; }

    public AgentContext Context { get; }

    public ImmutableArray<GroupNode> Groups { get; }

    /// <summary>Agents whose actors are children of this one, with the life that was begun last.</summary>
    public Dictionary<string, (int Agent, int Token)> Agents { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, GroupNode> Families { get; } = new(StringComparer.Ordinal);

    /// <summary>Children that were told to stop, each with the life that waits for its end.</summary>
    public Dictionary<string, StartAgent?> Ending { get; } = new(StringComparer.Ordinal);

    /// <summary>The tree of a topology; groups that only agents name stand below the root.</summary>
    public static GroupNode Tree(MeshTopology topology, AgentContext context)
    {
        var parents = topology.Groups.ToDictionary(g => g.Name, g => g.Parent ?? "", StringComparer.Ordinal);
        foreach (var agent in topology.Agents) parents.TryAdd(agent.Group, "");
        return Below("");

        GroupNode Below(string group) => new(group, false, context, parents.Where(p => p.Value == group).Select(p => Below(p.Key)));
    }

    public GroupNode NewFamily() => new(Group, true, Context, []);

    /// <summary>The child on the way to an agent of a definition, whether it exists or not.</summary>
    public string ChildOf(AgentDefinition definition, string agentName)
    {
        if (definition.Group != Group) return NameOf(routes[definition.Group].Group);
        if (definition.Key is null) return ForAgent(agentName);
        if (!IsFamily) return ForAgent(definition.Name);
        // A fork has no key, and its name may be one.
        var slash = agentName.IndexOf('/');
        return slash < 0 ? NameOf(agentName) + "~fork" : NameOf(agentName[(slash + 1)..]);
    }

    /// <summary>Whether that child is the agent itself.</summary>
    public bool IsAgent(AgentDefinition definition) => definition.Group == Group && (definition.Key is null || IsFamily);

    public void Note(int agent, string child) => whereabouts[agent] = child;

    public void Forget(int agent) => whereabouts.Remove(agent);

    public string? ChildWith(int agent) => whereabouts.GetValueOrDefault(agent);

    /// <summary>Stops the actor of an agent; a life that is begun meanwhile waits for its end.</summary>
    public void EndAgent(IActorContext context, string child)
    {
        if (Agents.Remove(child, out var live)) Forget(live.Agent);
        if (Ending.TryAdd(child, null)) context.Stop(context.Child(child));
        else Ending[child] = null;
    }

    public IEnumerable<int> AgentsIn(string child) => whereabouts.Where(w => w.Value == child).Select(w => w.Key);

    /// <summary>A name as an element of an actor's path. Encoded names have no <c>~</c>, so that two never become one.</summary>
    public static string NameOf(string name) => ActorPath.IsValidPathElement(name) ? name : TopicName.Encode(name).TrimEnd('%') + "~";

    private string ForAgent(string name) => Groups.Any(g => g.Group == name) ? NameOf(name) + "~" : NameOf(name);
}
