using System.Collections.Immutable;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Agents;

/// <summary>To an agent, through its supervisors: begin a life.</summary>
/// <param name="Plan">What to rebuild from.</param>
/// <param name="Recent">The events of the last inputs of the plan; those before are to be read from the journal.</param>
internal sealed record StartAgent(RebuildPlan Plan, ImmutableArray<MeshEvent> Recent);

/// <summary>To an agent: handle these events, in this order, until one fails.</summary>
internal sealed record Deliver(int Token, ImmutableArray<MeshEvent> Events);

/// <summary>To an agent: save yourself, give your guest back and say so. Nothing was given to it that it did not answer.</summary>
/// <param name="Token">The life that is meant.</param>
/// <param name="Forced">Whether it goes even if it cannot be saved.</param>
internal sealed record FallAsleep(int Token, bool Forced);

/// <summary>To an agent: make ready, beside the guest that you have, one that goes on under another definition. Answered with <see cref="MoveIsPrepared"/>.</summary>
/// <param name="Token">The life that is meant.</param>
/// <param name="Order">What is to be made ready.</param>
/// <param name="Recent">The events of the plan that are in memory, where it handles them again.</param>
/// <param name="Preparation">Comes back in the answer.</param>
internal sealed record PrepareMove(int Token, AgentToPrepare Order, ImmutableArray<MeshEvent> Recent, object Preparation);

/// <summary>To an agent: go on with the guest that you have ready, as who you are now.</summary>
internal sealed record SwapGuest(int Token, AgentInfo Agent);

/// <summary>To an agent: the guest that you have ready is not wanted.</summary>
internal sealed record DropPrepared(int Token);

/// <summary>From an agent: it is ready to go on under another definition, or cannot.</summary>
/// <param name="Agent">Its number.</param>
/// <param name="Token">The life that is meant.</param>
/// <param name="IsReady">Whether it has a guest ready; false also where it failed meanwhile and is rebuilt anyway.</param>
/// <param name="Fault">Why its state cannot be moved, or null.</param>
/// <param name="Preparation">What was given with the order.</param>
internal sealed record MoveIsPrepared(int Agent, int Token, bool IsReady, GuestFault? Fault, object Preparation);

/// <summary>To an agent: say the hash of your state.</summary>
internal sealed record HashState(int Agent);

/// <summary>To an agent: the node drains; save what is not saved and say so. Comes after all deliveries.</summary>
internal sealed record Finish(int Agent);

/// <summary>From an agent: its guest is rebuilt.</summary>
/// <param name="Agent">Its number.</param>
/// <param name="Token">The life that began.</param>
/// <param name="UnusableImage">Why an image could not be used, so that it was rebuilt from what was before; null if none was refused.</param>
internal sealed record AgentIsReady(int Agent, int Token, string? UnusableImage);

/// <summary>From an agent: its guest cannot be rebuilt.</summary>
internal sealed record AgentIsUnavailable(int Agent, int Token, GuestFault Fault);

/// <summary>From an agent: what came of its turns, in order.</summary>
/// <param name="Results">What came of them, all of one life.</param>
/// <param name="Use">What they took.</param>
internal sealed record TurnsDone(ImmutableArray<TurnResult> Results, AgentUse Use);

/// <summary>From an agent: an image of it.</summary>
internal sealed record ImageIsTaken(int Agent, int Token, AgentImage Image);

/// <summary>From an agent: it had nothing to do for a while.</summary>
internal sealed record AgentIsIdle(int Agent, int Token);

/// <summary>From an agent: its guest is given back.</summary>
internal sealed record AgentIsAsleep(int Agent, int Token);

/// <summary>From an agent: its guest cannot be saved, so it stays.</summary>
internal sealed record AgentStaysAwake(int Agent, int Token);

/// <summary>From an agent: the hash of its state, or null while it has none.</summary>
internal sealed record StateIsHashed(int Agent, StateHash? Hash);

/// <summary>From an agent: it did all it was given before the drain.</summary>
internal sealed record AgentIsFinished(int Agent);
