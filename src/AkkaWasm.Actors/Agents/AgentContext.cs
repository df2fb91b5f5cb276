using Akka.Actor;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;
using Microsoft.Extensions.Logging;

namespace AkkaWasm.Actors.Agents;

/// <summary>What all agents of a shard share.</summary>
internal sealed record AgentContext(
    IActorRef Shard, IGuestFactory Guests, JournalReader Journal, ImageStore Images, AgentNames Names, EventIdentity Identity, TimeProvider Time, ILogger Logger)
{
    public AgentIdentity IdentityOf(AgentInfo info) => new(info.Number, info.Name, info.Incarnation, info.Definition, number => Names[number]);
}
