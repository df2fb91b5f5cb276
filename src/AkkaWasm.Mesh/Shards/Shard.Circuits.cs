using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Healing;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <content>
/// Circuits of families. While one is open the events of the family wait, and count for back-pressure; when its time is over a few turns are tried, as
/// many at a time as have to succeed.
/// </content>
public sealed partial class Shard
{
    private readonly Dictionary<string, HashSet<AgentEntry>> heldByCircuit = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<AgentEntry>> probing = new(StringComparer.Ordinal);

    /// <summary>The circuits that are not closed: name of the family, state, and until when it is open, nanoseconds since the Unix epoch.</summary>
    public IReadOnlyList<(string Definition, CircuitState State, long UntilNs)> Circuits =>
        [.. state.Circuits.Where(c => c.Value.State != CircuitState.Closed).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => (c.Key, c.Value.State, c.Value.UntilNs))];

    private long? NextCircuitNs => state.OpenCircuits == 0 ? null : state.Circuits.Values.Where(c => c.State == CircuitState.Open).Min(c => (long?)c.UntilNs);

    /// <summary>Whether an agent gets nothing for now because its family fails, or because it is tried whether it still does and others are tried already.</summary>
    private bool IsHeldByCircuit(AgentEntry entry)
    {
        if (entry.Definition.Circuit is null || !state.Circuits.TryGetValue(entry.DefinitionName, out var circuit) || circuit.State == CircuitState.Closed) return false;
        if (circuit.State == CircuitState.HalfOpen && IsProbe(entry, entry.Definition.Circuit.HalfOpenProbes)) return false;
        if (!heldByCircuit.TryGetValue(entry.DefinitionName, out var held)) heldByCircuit[entry.DefinitionName] = held = [];
        held.Add(entry);
        return true;
    }

    /// <summary>Whether an agent is one of those that are tried, or becomes one because there are not enough.</summary>
    private bool IsProbe(AgentEntry entry, int wanted)
    {
        if (entry.InFlight.Count > 0) return false;
        if (!probing.TryGetValue(entry.DefinitionName, out var probes)) probing[entry.DefinitionName] = probes = [];
        probes.RemoveWhere(e => e != entry && e.InFlight.Count == 0 && e.Phase is (AgentPhase.Asleep or AgentPhase.Running));
        if (!probes.Contains(entry) && probes.Count >= wanted) return false;
        probes.Add(entry);
        return true;
    }

    /// <summary>How many events an agent may be given ahead.</summary>
    private int WindowOf(AgentEntry entry) =>
        entry.Definition.Circuit is not null && state.Circuits.TryGetValue(entry.DefinitionName, out var circuit) && circuit.State == CircuitState.HalfOpen ? 1 : options.MailboxWindow;

    private void CheckCircuit(AgentEntry entry, MeshEvent input, bool failed)
    {
        if (entry.Definition.Circuit is not { } policy || !state.Circuits.TryGetValue(entry.DefinitionName, out var circuit)) return;
        var next = circuit.Next(failed, nowNs, policy);
        if (next != circuit.State) SwitchCircuit(entry.DefinitionName, next, next == CircuitState.Open ? nowNs + HealingLadder.ToNs(policy.OpenFor) : 0, input);
        else if (next == CircuitState.HalfOpen) TouchHeld(entry.DefinitionName);
    }

    /// <summary>Those whose time is over are tried.</summary>
    private void TryCircuits()
    {
        if (NextCircuitNs is not { } due || due > nowNs) return;
        foreach (var (definition, circuit) in state.Circuits.Where(c => c.Value.State == CircuitState.Open && c.Value.UntilNs <= nowNs).OrderBy(c => c.Key, StringComparer.Ordinal).ToArray())
            SwitchCircuit(definition, CircuitState.HalfOpen, 0, null);
    }

    private void SwitchCircuit(string definition, CircuitState next, long untilNs, MeshEvent? cause)
    {
        Append(new CircuitRecord(definition, next, untilNs));
        AppendEvent(new MeshEvent
        {
            Topic = AgentName.Family(definition, CircuitWords[next]), Data = LifecycleData.Circuit(definition, untilNs), ContentType = LifecycleData.ContentType, Origin = EventOrigin.Lifecycle,
            Subject = definition, Cause = cause?.Offset ?? Position.None, Depth = cause is null ? 0 : DeeperThan(cause), TraceParent = cause?.TraceParent,
        });
        if (next != CircuitState.Open) TouchHeld(definition);
    }

    private static readonly Dictionary<CircuitState, string> CircuitWords = new()
    {
        [CircuitState.Open] = "circuit-opened",
        [CircuitState.HalfOpen] = "circuit-half-open",
        [CircuitState.Closed] = "circuit-closed",
    };

    private void TouchHeld(string definition)
    {
        if (!heldByCircuit.Remove(definition, out var held)) return;
        foreach (var entry in held.OrderBy(e => e.Number)) state.Touch(entry);
    }
}
