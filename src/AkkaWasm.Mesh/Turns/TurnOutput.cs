using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Turns;

/// <summary>One thing that a turn did, in the order it did it. Nothing of it takes effect unless the turn succeeds.</summary>
public abstract record TurnOutput;

/// <summary>An event was emitted: published, sent, requested or replied. Its place in the log is given when the turn is appended.</summary>
/// <param name="Event">The event.</param>
/// <param name="TimeoutNs">For a request: after how many nanoseconds it is answered by a time-out; 0 otherwise.</param>
public sealed record EventEmitted(MeshEvent Event, long TimeoutNs = 0) : TurnOutput;

/// <summary>A timer was set.</summary>
/// <param name="Timer">The guest's handle of it.</param>
/// <param name="DelayNs">Nanoseconds from the turn's time, 0 or more.</param>
/// <param name="Topic">Topic of the event that it becomes; the agent's private topic if the guest named none.</param>
/// <param name="Data">Payload of that event.</param>
public sealed record TimerSet(long Timer, long DelayNs, string Topic, ReadOnlyMemory<byte> Data) : TurnOutput;

/// <summary>A timer was taken back; also one that fired and was not handled yet.</summary>
/// <param name="Timer">The guest's handle of it.</param>
public sealed record TimerCancelled(long Timer) : TurnOutput;

/// <summary>An agent of a family was asked for by name, so that it comes to be without an event.</summary>
/// <param name="Definition">Name of the family.</param>
/// <param name="Key">The key, as it was given.</param>
public sealed record AgentSpawned(string Definition, string Key) : TurnOutput;

/// <summary>An agent was asked to be stopped.</summary>
/// <param name="Agent">Its name.</param>
public sealed record AgentStopped(string Agent) : TurnOutput;

/// <summary>The end of another agent is to be told to this one.</summary>
/// <param name="Agent">Name of the watched agent.</param>
public sealed record AgentWatched(string Agent) : TurnOutput;

/// <summary>The guest said how it is. It becomes a record and an event only where that differs from what it said before.</summary>
/// <param name="Level">How it is.</param>
/// <param name="Reason">Why.</param>
/// <param name="Event">The event that says so.</param>
public sealed record HealthReported(AgentHealthLevel Level, string Reason, MeshEvent Event) : TurnOutput;

/// <summary>The guest asks for a change of the topology. The answer comes as an event with the same correlation.</summary>
/// <param name="Correlation">What the guest holds for it.</param>
/// <param name="Text">What it asks for.</param>
public sealed record ChangeAsked(long Correlation, ReadOnlyMemory<byte> Text) : TurnOutput;

/// <summary>The guest wrote a line to the log of the service. Not part of the digest.</summary>
/// <param name="Level">0 trace, 1 debug, 2 information, 3 warning, 4 error.</param>
/// <param name="Text">The line.</param>
public sealed record LineLogged(int Level, string Text) : TurnOutput;
