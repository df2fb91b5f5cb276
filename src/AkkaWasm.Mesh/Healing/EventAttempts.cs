using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Healing;

/// <summary>How often one event has failed: for reasons of its own and for reasons of the host, which are worth more tries.</summary>
/// <param name="Own">Traps and the like.</param>
/// <param name="Host">Deadlines and operating faults.</param>
internal readonly record struct EventAttempts(int Own, int Host)
{
    public int Total => Own + Host;

    public EventAttempts After(GuestFault fault) => fault.DependsOnHost ? this with { Host = Host + 1 } : this with { Own = Own + 1 };

    /// <summary>Whether the policy's retries for the kind of the last fault are used up.</summary>
    public bool Exhausted(SupervisionPolicy policy, GuestFault last) => last.DependsOnHost ? Host > policy.HostFaultRetries : Own > policy.EventRetries;
}
