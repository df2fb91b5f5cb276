using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors.Supervision;

/// <summary>To the supervisors, down to that of the failed agent: carry out a decision.</summary>
/// <param name="Definition">Definition of the failed agent.</param>
/// <param name="Failure">The failure with the decision.</param>
internal sealed record Heal(AgentDefinition Definition, GuestFailedException Failure);

/// <summary>To the supervisors, down to that of the agent: end a life of its actor.</summary>
internal sealed record StopAgent(AgentInfo Agent, int Token);

/// <summary>To the supervisors, each from the one above: the topology has changed, and this is the newer tree from there on.</summary>
internal sealed record UseTree(GroupNode Newer);

/// <summary>To a supervisor from the one above, where not all of its agents are touched by a decision.</summary>
internal sealed record CarryOut(GuestFailedException Failure);

/// <summary>To the shard: all affected actors got their directive; new lives may begin.</summary>
internal sealed record DecisionCarriedOut(HealingRecord Decision);

/// <summary>To the shard: the actor of an agent ended without having been told to.</summary>
internal sealed record AgentIsLost(int Agent, int Token);
