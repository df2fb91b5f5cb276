using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Supervision;

/// <summary>
/// A guest's failure with what the core decided about it, on its way through the supervisors. Thrown by the agent's actor, so that Akka suspends
/// it, asks its supervisor, and escalates where the supervisor is told to.
/// </summary>
internal sealed class GuestFailedException(HealingRecord decision, GuestFault fault) : Exception(fault.Message)
{
    public HealingRecord Decision => decision;

    public GuestFault Fault => fault;
}
