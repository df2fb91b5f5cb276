using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Healing;

/// <summary>Finds groups and their policies in a topology. The root stands above all groups and has the empty name.</summary>
internal static class Policies
{
    public const string Root = "";

    /// <summary>The policy of a group; a name that stands for none has the default one.</summary>
    public static SupervisionPolicy Of(MeshTopology topology, string group) =>
        group == Root ? topology.Root : Find(topology, group)?.Supervision ?? SupervisionPolicy.Default;

    /// <summary>The group a number of levels above another; the root's parent is the root.</summary>
    public static string GroupAbove(MeshTopology topology, string group, int levels)
    {
        for (; levels > 0 && group != Root; levels--) group = ParentOf(topology, group);
        return group;
    }

    public static string ParentOf(MeshTopology topology, string group) => Find(topology, group)?.Parent ?? Root;

    /// <summary>Whether a group is another or lies below it.</summary>
    public static bool IsWithin(MeshTopology topology, string group, string above)
    {
        for (; group != Root; group = ParentOf(topology, group))
            if (group == above) return true;
        return above == Root;
    }

    private static GroupDefinition? Find(MeshTopology topology, string group)
    {
        foreach (var definition in topology.Groups)
            if (definition.Name == group) return definition;
        return null;
    }
}
