using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <summary>
/// One running node as its callers see it, made by <c>MeshNode.StartAsync(MeshNodeOptions, CancellationToken)</c>. All members may be called by any thread.
/// A call that the node cannot answer because it is ending throws <see cref="MeshNodeException"/>.
/// </summary>
public interface IMeshNode : ITopologyNode, IAsyncDisposable
{
    /// <summary>What the node is doing, for health checks.</summary>
    NodeStatus Status { get; }

    /// <summary>The modules of the data folder: pushed, named, signed, collected.</summary>
    /// <exception cref="InvalidOperationException">The guests of this node are not made of modules.</exception>
    IModuleRegistry ModuleRegistry { get; }

    /// <summary>How far it is, for a progress bar. Cheap.</summary>
    MeshProgress Progress { get; }

    /// <summary>
    /// Ends when the node has ended: successfully after <see cref="DrainAsync"/>, with a <see cref="MeshNodeException"/> when it cannot go on
    /// (log damaged, topology conflict, journal lost).
    /// </summary>
    Task Completion { get; }

    /// <summary>Appends events from outside, all of them or none. The answer comes after the commit.</summary>
    Task<PublishReply> PublishAsync(PublishBatch batch, CancellationToken cancellation = default);

    /// <summary>
    /// The committed events of matching topics in log order, without gaps, for as long as the caller reads. Those who read slowly are served
    /// from the log.
    /// </summary>
    /// <param name="pattern">Which topics.</param>
    /// <param name="from">Offset to begin at, 0 for the whole log; null for what is committed from now on.</param>
    /// <param name="cancellation">Ends the stream.</param>
    IAsyncEnumerable<CommittedEvent> StreamAsync(TopicPattern pattern, long? from = null, CancellationToken cancellation = default);

    /// <summary>All agents in the order of their numbers, those that sleep or were stopped included.</summary>
    Task<IReadOnlyList<AgentStatus>> AgentsAsync(CancellationToken cancellation = default);

    /// <summary>
    /// The first agents in an order, without those that were stopped. Costs a step for each agent that has something to do, is awake, failed lately or is not
    /// well, not for each that is known.
    /// </summary>
    /// <param name="order">By what.</param>
    /// <param name="limit">How many, 1 to <see cref="ShardOptions.MaxTopAgents"/>.</param>
    /// <param name="names">Which: a pattern over their names with dots for slashes; null for all.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<TopAgents> TopAsync(AgentOrder order, int limit, TopicPattern? names = null, CancellationToken cancellation = default);

    /// <summary>One agent, or null if there is none of that name.</summary>
    Task<AgentStatus?> AgentAsync(string name, CancellationToken cancellation = default);

    /// <summary>
    /// Hash of an agent's state now: of the live guest, of its image if it sleeps and the image is up to date, otherwise of a guest rebuilt
    /// for the purpose. Null if there is no such agent, if it was stopped, or if it never ran.
    /// </summary>
    Task<StateHash?> StateHashAsync(string name, CancellationToken cancellation = default);

    /// <summary>The events put aside for an agent, oldest first; empty if there is none.</summary>
    Task<IReadOnlyList<QuarantinedEvent>> QuarantineAsync(string agent, CancellationToken cancellation = default);

    /// <summary>Takes an event out of quarantine and has the agent handle it again, with other data if some is given.</summary>
    /// <returns>What is wrong, one sentence, or null.</returns>
    Task<string?> ReleaseAsync(string agent, long offset, ReadOnlyMemory<byte>? edited = null, CancellationToken cancellation = default);

    /// <summary>Takes an event out of quarantine for good.</summary>
    /// <returns>What is wrong, one sentence, or null.</returns>
    Task<string?> DropAsync(string agent, long offset, CancellationToken cancellation = default);

    /// <summary>
    /// Makes an agent with the state that another one had: with its definition and a name of its own, in a first incarnation. It gets what is sent to its
    /// private topic, not what its origin subscribes to; timers and requests of the origin do not come along.
    /// </summary>
    /// <param name="origin">Name of the other.</param>
    /// <param name="name">Name of the new one: letters, digits, '-' and '_', not in use.</param>
    /// <param name="at">Offset of the last event in the state, or null for all that is committed.</param>
    /// <param name="cancellation">Ends the wait, not the fork.</param>
    /// <returns>What is wrong, one sentence, or null.</returns>
    Task<string?> ForkAsync(string origin, string name, long? at = null, CancellationToken cancellation = default);

    /// <summary>
    /// Takes the whole mesh back to a cut of its log, in a new epoch: every agent goes on from the state that it had, with what waited for it, its timers
    /// and its quarantine. What was recorded since stays in the log. The topology stays as it is.
    /// </summary>
    /// <param name="to">Offset of the last record that belongs to the cut.</param>
    /// <param name="sources">Whether sources are read again from where they were; then what was published since is taken again under the same ids.</param>
    /// <param name="dryRun">Whether it is only to be said what would happen.</param>
    /// <param name="cancellation">Ends the wait, not the rewind.</param>
    /// <returns>What happened or would, and null; or null and what is wrong, one sentence.</returns>
    Task<(MeshRewindOutlook? Outlook, string? Problem)> RewindAsync(long to, bool sources = false, bool dryRun = false, CancellationToken cancellation = default);

    /// <summary>Totals of the data folder and of this run, and every agent with the hash of its state.</summary>
    Task<MeshSummary> SummaryAsync(CancellationToken cancellation = default);

    /// <summary>Waits until all sources are read to their end and nothing is pending, healing, in flight or uncommitted.</summary>
    /// <exception cref="MeshNodeException">A source failed for good, or the node did.</exception>
    Task WhenIdleAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Ends the node in order: sources stop, publishers are refused, agents finish the turns they were given, images and the shard's state are
    /// saved, the log is committed. Ends at once if it has ended already.
    /// </summary>
    Task DrainAsync(CancellationToken cancellation = default);

    /// <summary>Lets an agent wait, over restarts too: what comes for it waits, and its timers fire to where it waits.</summary>
    /// <returns>What is wrong, one sentence, or null. So for all that operators do to an agent.</returns>
    Task<string?> PauseAsync(string agent, CancellationToken cancellation = default);

    /// <summary>Lets all agents of a group and of the groups below it wait, also those that come to be in it from then on.</summary>
    Task<string?> PauseGroupAsync(string group, CancellationToken cancellation = default);

    /// <summary>Lets a paused group go on; agents that are paused by themselves stay so.</summary>
    Task<string?> ResumeGroupAsync(string group, CancellationToken cancellation = default);

    /// <summary>The groups of the topology, in their order.</summary>
    Task<IReadOnlyList<GroupStatus>> GroupsAsync(CancellationToken cancellation = default);

    /// <summary>Changes how many members a pool has, within its bounds. The mesh may change it again when the pool's cool-down is over.</summary>
    /// <param name="pool">Its name.</param>
    /// <param name="members">How many.</param>
    /// <param name="reason">Why; may be empty.</param>
    /// <param name="cancellation">Ends the wait, not the change.</param>
    /// <returns>What is wrong, one sentence, or null.</returns>
    Task<string?> ResizePoolAsync(string pool, int members, string reason = "", CancellationToken cancellation = default);

    /// <summary>The pools of the topology, by name.</summary>
    Task<IReadOnlyList<PoolStatus>> PoolsAsync(CancellationToken cancellation = default);

    /// <summary>The rules of the topology, in the order of definition, with what each is doing and did lately.</summary>
    Task<IReadOnlyList<RuleStatus>> RulesAsync(CancellationToken cancellation = default);

    /// <summary>Lets a paused agent go on.</summary>
    Task<string?> ResumeAsync(string agent, CancellationToken cancellation = default);

    /// <summary>Has an agent begin again with a fresh instance and a new incarnation; also one that was stopped.</summary>
    Task<string?> ResetAsync(string agent, CancellationToken cancellation = default);

    /// <summary>Has an agent go back to an older state. Answers when it is done and committed.</summary>
    Task<string?> RewindAsync(string agent, RewindTarget target, CancellationToken cancellation = default);

    /// <summary>Says what <see cref="RewindAsync(string, RewindTarget, CancellationToken)"/> would do; nothing changes.</summary>
    /// <returns>What would happen and null, or null and what is wrong, one sentence.</returns>
    Task<(AgentRewindOutlook? Outlook, string? Problem)> LookAtRewindAsync(string agent, RewindTarget target, CancellationToken cancellation = default);

    /// <summary>Takes all events out of quarantine that a filter lets through and has them handled again: all of them in one append, or none.</summary>
    /// <returns>How many, and null; or 0 and what is wrong, one sentence.</returns>
    Task<(int Count, string? Problem)> ReleaseAsync(QuarantineFilter filter, CancellationToken cancellation = default);

    /// <summary>Takes all events out of quarantine for good that a filter lets through: all of them in one append, or none.</summary>
    /// <returns>How many, and null; or 0 and what is wrong, one sentence.</returns>
    Task<(int Count, string? Problem)> DropAsync(QuarantineFilter filter, CancellationToken cancellation = default);

    /// <summary>Kills the actor of an agent that is awake. It heals: a new one is rebuilt after a back-off, without a record and without spending a budget, because no turn failed.</summary>
    Task<string?> KillAsync(string agent, CancellationToken cancellation = default);

    /// <summary>
    /// Has the next turn of an agent that would succeed fail with an operating fault of code <c>simulated</c>, through the whole ladder; once, also if the node
    /// ends before that turn.
    /// </summary>
    Task<string?> SimulateCrashAsync(string agent, CancellationToken cancellation = default);

    /// <summary>All events put aside that a filter lets through, oldest first.</summary>
    Task<IReadOnlyList<QuarantinedEvent>> QuarantineAsync(QuarantineFilter filter, CancellationToken cancellation = default);

    /// <summary>The committed event at an offset of the log, or null if there is none.</summary>
    Task<CommittedEvent?> EventAsync(long offset, CancellationToken cancellation = default);

    /// <summary>How the mesh is, and why. Answers in any case, within seconds.</summary>
    Task<MeshHealth> HealthAsync(CancellationToken cancellation = default);
}
