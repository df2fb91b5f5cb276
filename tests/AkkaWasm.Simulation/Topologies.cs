using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <summary>Short ways to write the topologies of tests.</summary>
internal static class Topologies
{
    public static MeshTopology Of(params AgentDefinition[] agents) => Of([], agents);

    public static MeshTopology Of(GroupDefinition[] groups, params AgentDefinition[] agents) => new("test", SupervisionPolicy.Default, [.. groups], [.. agents]);

    /// <summary>An agent that may do anything; the module has its name unless another is given.</summary>
    public static AgentDefinition Agent(string name, string subscribe, string? module = null, string group = GroupDefinition.Default) => new()
    {
        Name = name, ModuleHash = module ?? name, Group = group, Subscriptions = subscribe.Length == 0 ? [] : [.. subscribe.Split(' ')],
        Capabilities = new Capabilities { Publish = [">"], Request = [">"], Send = [">"], Watch = [">"], Schedule = true, Spawn = true },
    };

    public static AgentDefinition Family(string name, string subscribe, int token, string? module = null) => Agent(name, subscribe, module) with { Key = new AgentKey(token) };

    public static SupervisionPolicy Policy(HealingDirective directive, params HealingDirective[] onFailure) =>
        SupervisionPolicy.Default with { Directive = directive, OnFailure = [.. onFailure] };

    public static GroupDefinition Group(string name, SupervisionPolicy policy, string? parent = null) => new(name, parent, policy);
}
