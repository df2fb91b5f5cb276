using Akka.Actor;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using Microsoft.Extensions.Logging;

namespace AkkaWasm.Actors.Agents;

/// <summary>What all agents of a shard share.</summary>
internal sealed record AgentContext(
    IActorRef Shard, IGuestFactory Guests, JournalReader Journal, ImageStore Images, AgentNames Names, EventIdentity Identity, TimeProvider Time, ILogger Logger)
{
    /// <summary>See <see cref="ShardOptions.MaxHeldTurns"/>.</summary>
    public required int MaxHeldTurns { get; init; }

    /// <summary>An agent as it was in another life, or another agent whose turns are repeated as its own.</summary>
    public AgentIdentity IdentityOf(AgentInfo info, int agent, int incarnation, AgentDefinition definition) =>
        agent == info.Number && incarnation == info.Incarnation && ReferenceEquals(definition, info.Definition)
            ? IdentityOf(info)
            : new(agent, Names.In(agent, incarnation), incarnation, definition, Names.In);

    public AgentIdentity IdentityOf(AgentInfo info) => new(info.Number, info.Name, info.Incarnation, info.Definition, Names.In);
}
