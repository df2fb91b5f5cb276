using AkkaWasm.Actors.Persistence;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Guests;

/// <summary>The modules and folders that a node has, and whether agents can be made of them. May be used by any thread.</summary>
internal sealed class NodeModules(ModuleStore store, WasmGuestFactory factory)
{
    public ModuleStore Store => store;

    /// <summary>Keeps what a topology brings and loads what it needs.</summary>
    /// <returns>What is wrong, in the order of definition; empty if every agent of it can be made.</returns>
    public IReadOnlyList<TopologyProblem> Prepare(TopologyTarget target)
    {
        var problems = new List<TopologyProblem>();
        foreach (var agent in target.Topology.Versions.DistinctBy(WhatIsChecked))
        {
            try
            {
                var alone = target.Topology with { Agents = [agent], Rules = [] };
                store.Keep(alone, target.Modules);
                store.Keep(alone, target.Folders);
                factory.Check(agent);
            }
            catch (Exception e) when (e is MeshNodeException { Failure: NodeFailure.ModuleRefused } or GuestRefusedException)
            {
                problems.Add(new TopologyProblem($"agents.{agent.Name}.module", e.Message));
            }
        }
        return problems;
    }

    /// <summary>What of a definition decides whether its module and folders can be had; those of the same need one look.</summary>
    public static (string Module, AgentKind Kind, bool Loops, bool Fuel, string Folders) WhatIsChecked(AgentDefinition agent) =>
        (agent.ModuleHash, agent.Kind, agent.Wasi.InputLoops, agent.Limits.FuelPerTurn > 0, string.Join(' ', agent.Wasi.Preopens.Select(p => p.ContentHash)));
}
