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
    private readonly Dictionary<int, string> whereabouts = [];
    private readonly Dictionary<string, string> actorOfGroup = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> actorOfFamily = new(StringComparer.Ordinal);
    private Dictionary<string, string> routes = new(StringComparer.Ordinal);
    private HashSet<string> families;

    private GroupNode(string group, bool isFamily, AgentContext context, IEnumerable<GroupNode> groups, IEnumerable<string> families)
    {
        Group = group;
        IsFamily = isFamily;
        Context = context;
        Groups = [.. groups];
        this.families = families.ToHashSet(StringComparer.Ordinal);
        foreach (var child in Groups)
        {
            routes[child.Group] = child.Group;
            foreach (var below in child.routes.Keys) routes[below] = child.Group;
        }
    }

    /// <summary>Name of the group; empty for the root. A family has the name of the group it belongs to.</summary>
    public string Group { get; }

    /// <summary>Whether it stands between its group and the agents of one family or pool.</summary>
    public bool IsFamily { get; }

    public AgentContext Context { get; }

    /// <summary>The groups below it as they were when it got them; each changes its own node.</summary>
    public ImmutableArray<GroupNode> Groups { get; private set; }

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
        var below = parents.ToLookup(p => p.Value, p => p.Key, StringComparer.Ordinal);
        var families = topology.Agents.Where(a => !a.IsSingle).ToLookup(a => a.Group, a => a.Name, StringComparer.Ordinal);
        return Below("");

        GroupNode Below(string group) => new(group, false, context, below[group].Select(Below), families[group]);
    }

    public GroupNode NewFamily() => new(Group, true, Context, [], []);

    /// <summary>Takes over what a newer tree says of this place.</summary>
    /// <returns>The actors of groups and families that have their place here no more, and the groups that stay, each with what the tree says of it.</returns>
    public (List<string> Gone, List<(string Actor, GroupNode Newer)> Kept) Adopt(GroupNode newer)
    {
        var known = Groups.ToDictionary(g => g.Group, StringComparer.Ordinal);
        var stay = newer.Groups.Where(g => known.ContainsKey(g.Group) && actorOfGroup.ContainsKey(g.Group)).Select(g => (actorOfGroup[g.Group], g)).ToList();
        Groups = [.. newer.Groups.Select(g => known.GetValueOrDefault(g.Group) ?? g)];
        (routes, families) = (newer.routes, newer.families);
        List<string> gone = [.. TakeOut(actorOfGroup, group => Groups.All(g => g.Group != group)),
            .. TakeOut(actorOfFamily, family => !families.Contains(family) && !HasAgentsIn(actorOfFamily[family]))];
        foreach (var name in gone) Families.Remove(name);
        return (gone, stay);
    }

    /// <summary>Agents of a family that others started stand in the groups of those.</summary>
    private bool HasAgentsIn(string child) => whereabouts.ContainsValue(child);

    /// <summary>The actor of a group below this one, or null before it is made.</summary>
    public string? ActorOfGroup(string group) => actorOfGroup.GetValueOrDefault(group);

    /// <summary>Notes the actor of a group below this one.</summary>
    public void NoteGroup(string group, string actor) => actorOfGroup[group] = actor;

    /// <summary>Notes the actor of a family.</summary>
    public void NoteFamily(string family, string actor) => actorOfFamily[family] = actor;

    /// <summary>The child on the way to an agent of a definition, whether it exists or not.</summary>
    public string ChildOf(AgentDefinition definition, string agentName)
    {
        if (definition.Group != Group) return actorOfGroup[routes[definition.Group]];
        if (definition.IsSingle) return ForAgent(agentName);
        if (!IsFamily) return actorOfFamily.GetValueOrDefault(definition.Name) ?? ForAgent(definition.Name);
        // A fork has no key, and its name may be one.
        var slash = agentName.IndexOf('/');
        return slash < 0 ? NameOf(agentName) + "~fork" : NameOf(agentName[(slash + 1)..]);
    }

    /// <summary>A name for a new child: the one that is wanted, unless a child that is another, or is ending, has it still.</summary>
    public static string FreeName(IActorContext context, string wanted)
    {
        var name = wanted;
        for (var i = 2; !context.Child(name).IsNobody(); i++) name = $"{wanted}~{i}";
        return name;
    }

    /// <summary>Whether that child is the agent itself.</summary>
    public bool IsAgent(AgentDefinition definition) => definition.Group == Group && (definition.IsSingle || IsFamily);

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

    private static List<string> TakeOut(Dictionary<string, string> actors, Predicate<string> isGone)
    {
        var gone = actors.Where(a => isGone(a.Key)).ToList();
        foreach (var (key, _) in gone) actors.Remove(key);
        return [.. gone.Select(a => a.Value)];
    }

    private string ForAgent(string name) => Groups.Any(g => g.Group == name) ? NameOf(name) + "~" : NameOf(name);
}
