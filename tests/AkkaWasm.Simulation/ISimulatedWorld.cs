using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation;

/// <summary>What is simulated: a topology, the guests in it, and what the world outside publishes.</summary>
internal interface ISimulatedWorld
{
    MeshTopology Topology(Dice dice);

    IGuestFactory Guests();

    /// <summary>An event from outside.</summary>
    MeshEvent Event(Dice dice, string id, string source, bool traps);
}
