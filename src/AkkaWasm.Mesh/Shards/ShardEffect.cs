using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>Something the shard wants done by whatever drives it.</summary>
public abstract record ShardEffect;

/// <summary>Hand events to an agent, in this order; it answers each with a <see cref="TurnResult"/> until one fails.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Token">The life of the agent's actor that they are for.</param>
/// <param name="Events">The events.</param>
public sealed record DeliverEvents(int Agent, int Token, ImmutableArray<MeshEvent> Events) : ShardEffect;

/// <summary>Bring an agent up: make its actor if there is none, rebuild its guest from <c>Shard.PlanRebuild</c>, then answer with <c>Shard.AgentReady</c>.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Token">The life that begins.</param>
public sealed record RebuildAgent(int Agent, int Token) : ShardEffect;

/// <summary>Carry out a healing decision on the actors: what the supervisors of the affected agents are told.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Fault">The failure.</param>
public sealed record HealAgents(HealingRecord Decision, GuestFault Fault) : ShardEffect;

/// <summary>End the actor of an agent: it was stopped or is put to sleep.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Token">The life that ends.</param>
public sealed record EndAgent(int Agent, int Token) : ShardEffect;

/// <summary>
/// Put an agent to sleep: take its image (<c>Shard.ImageTaken</c>), give its guest back and answer with <c>Shard.AgentAsleep</c>; or, where it cannot be
/// saved and is not forced, keep it and answer with <c>Shard.AgentStaysAwake</c>. It gets no events until then.
/// </summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Token">The life of the agent's actor.</param>
/// <param name="Forced">Whether it goes even if it cannot be saved and has to be replayed from its last image, or its first turn, when it wakes.</param>
public sealed record PutToSleep(int Agent, int Token, bool Forced) : ShardEffect;

/// <summary>
/// Read from the committed log how an agent comes back to an older state (<see cref="AgentLives"/>) and answer with <c>Shard.RewindPlanned</c>, or with
/// <c>Shard.RewindRefused</c>. Sent only when the log is committed up to the agent's last turn, and the agent makes none meanwhile.
/// </summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Token">The life that begins with it.</param>
/// <param name="Target">How far back.</param>
public sealed record PlanRewind(int Agent, int Token, RewindTarget Target) : ShardEffect;

/// <summary>
/// Read from the committed log what the agents of a definition have done since it was changed (<see cref="RollBackSurvey"/>) and answer with
/// <c>Shard.RollBack</c>, or with <c>Shard.RollBackRefused</c>. They make no turn meanwhile.
/// </summary>
/// <param name="Definition">Its name.</param>
/// <param name="Since">Offset of the change.</param>
/// <param name="Share">The share of a family's agents that are concerned; null for all of the definition.</param>
public sealed record PlanRollBack(string Definition, long Since, KeyShare? Share = null) : ShardEffect;

/// <summary>
/// Read what an agent asks for by <c>mesh_v1.integrate</c> against the topology in force, and answer with <c>Shard.AnswerChange</c> or <c>Shard.RefuseChange</c>. Sent
/// only when the turn that asked is committed; again when the shard is opened, and where the topology has changed meanwhile.
/// </summary>
/// <param name="Request">What was asked.</param>
public sealed record ResolveChange(ChangeAskedRecord Request) : ShardEffect;

/// <summary>What an operator asked for is done and committed, or cannot be done: tell who asked.</summary>
/// <param name="Ticket">What was given with the request.</param>
/// <param name="Problem">One sentence that says why it was not done, or null.</param>
public sealed record AnswerOperator(object Ticket, string? Problem) : ShardEffect;

/// <summary>
/// The mesh consists of something else: the tree of supervisors becomes that of the topology. Comes after the ends of actors that leave their groups and
/// before the lives that begin in others.
/// </summary>
/// <param name="Topology">The topology.</param>
public sealed record TopologyChanged(MeshTopology Topology) : ShardEffect;

/// <summary>
/// An agent that was made ready (<c>Shard.PrepareTopology</c>) goes on in the life that has begun, with the runner that it has ready; its next event is the
/// one that the move stands for.
/// </summary>
/// <param name="Agent">Who it is now.</param>
/// <param name="Token">The life of the agent's actor, which goes on.</param>
public sealed record SwapAgent(AgentInfo Agent, int Token) : ShardEffect;

/// <summary>Save an image; sent only when the log is committed up to it. Answer with <c>Shard.ImageSaved</c>.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Image">The image.</param>
public sealed record SaveImage(int Agent, AgentImage Image) : ShardEffect;

/// <summary>Delete a saved image that is not kept any more; sent only when that is committed. One that is missed does no harm.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Incarnation">Which life of it.</param>
/// <param name="Input">Offset of the last event in the image.</param>
public sealed record DropImage(string Agent, int Incarnation, long Input) : ShardEffect;

/// <summary>
/// Remove the rows of the journal before the log's beginning, the first ones first; sent only when the record of it is committed, and again when the shard
/// is opened, so that a removal that was cut off is finished.
/// </summary>
/// <param name="Beginning">Where the log begins.</param>
public sealed record RemoveRows(LogBeginning Beginning) : ShardEffect;

/// <summary>Read events of the log that are no longer in memory; answer with <c>Shard.EventsLoaded</c>.</summary>
/// <param name="From">First offset wanted.</param>
/// <param name="To">Last offset wanted.</param>
public sealed record LoadEvents(long From, long To) : ShardEffect;

/// <summary>Write a guest's line to the service's log.</summary>
/// <param name="Agent">Name of the agent.</param>
/// <param name="Line">The line.</param>
public sealed record WriteLine(string Agent, LineLogged Line) : ShardEffect;

/// <summary>The events of a published batch are safe: tell the publisher. Sent only when they are committed.</summary>
/// <param name="Ticket">What the publisher gave.</param>
/// <param name="Offsets">Offset of each event of the batch, in its order; for a known one the first.</param>
/// <param name="Duplicates">How many were known before.</param>
public sealed record AcknowledgePublish(object Ticket, ImmutableArray<long> Offsets, int Duplicates) : ShardEffect;

/// <summary>What a group does with its agents, for those who build the actors.</summary>
/// <param name="Number">Number of the agent.</param>
/// <param name="Name">Its name.</param>
/// <param name="Incarnation">Its incarnation.</param>
/// <param name="Definition">Its definition.</param>
public sealed record AgentInfo(int Number, string Name, int Incarnation, AgentDefinition Definition);

/// <summary>What an agent is rebuilt from.</summary>
/// <param name="Agent">Who.</param>
/// <param name="Token">The life that begins.</param>
/// <param name="Image">The latest image if it is in memory; it is of the life that is rebuilt.</param>
/// <param name="SavedImage">Otherwise the image to load from the snapshot store, perhaps of another life; null to begin with turn 0.</param>
/// <param name="Inputs">The successful turns after the image, each with the life that made it.</param>
public sealed record RebuildPlan(AgentInfo Agent, int Token, AgentImage? Image, LineageImage? SavedImage, ImmutableArray<LineageTurn> Inputs)
{
    /// <summary>The moves from one definition to the next among <see cref="Inputs"/>, and the one that is to come: see <see cref="LineagePath"/>.</summary>
    public ImmutableArray<LineageMove> Moves { get; init; } = [];

    /// <summary>The move that the agent's next event stands for, or null.</summary>
    public LineageMove? Due { get; init; }

    /// <summary>Offsets of the last events in the other saved images of the life that the planned one is of, the newest first, for when that cannot be used.</summary>
    public ImmutableArray<long> OlderImages { get; init; } = [];

    /// <summary>Offset of the last event in the image to load from the snapshot store, or <see cref="Position.None"/> for none.</summary>
    public long SavedImageInput => SavedImage?.Input ?? Position.None;

    /// <summary>Whether the guest is to be compacted once it is rebuilt: its next event exhausts the GC heap otherwise.</summary>
    public bool Compact { get; init; }
}

/// <summary>Call <see cref="Shard.DecideCanaries"/> as soon as no decision of supervisors is underway.</summary>
public sealed record CanaryIsDue : ShardEffect;

/// <summary>
/// A rule is to give a definition another module: as soon as no decision of supervisors is underway, make ready what <see cref="Shard.PlanRule"/> says and call
/// <see cref="Shard.CarryOutRule"/>, or <see cref="Shard.RefuseRule"/> if somebody cannot be made ready.
/// </summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="Agent">Number of the agent whose lines are crossed.</param>
public sealed record RuleIsDue(string Rule, int Agent) : ShardEffect;

/// <summary>
/// Give a version that held its budget on a share of a family's agents to all: get those ready that <see cref="Shard.PlanPromotion"/> moves, then call
/// <see cref="Shard.PromoteCanary"/>, or <see cref="Shard.PostponePromotion"/> if they cannot be made ready.
/// </summary>
/// <param name="Definition">Name of the definition.</param>
public sealed record PromotionIsDue(string Definition) : ShardEffect;
