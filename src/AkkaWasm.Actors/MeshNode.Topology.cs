using AkkaWasm.Actors.Guests;
using AkkaWasm.Actors.Modules;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <content>Changes of the topology while the node runs.</content>
public sealed partial class MeshNode
{
    /// <inheritdoc/>
    public async Task<RunningTopology> TopologyAsync(CancellationToken cancellation = default) =>
        (RunningTopology)(await QueryAsync(shard => new RunningTopology(shard.Topology!, shard.TopologyAt, shard.TopologyChanges) { Canaries = shard.Canaries }, cancellation).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public async Task<(MeshTopology? Topology, string? Problem)> TopologyAtAsync(long position, bool asTarget = false, CancellationToken cancellation = default)
    {
        var answer = (TopologyAtIs)(await AskAsync<ShardAnswer>(new GetTopologyAt(position, asTarget), cancellation).ConfigureAwait(false)).Value!;
        return (answer.Topology, answer.Problem);
    }

    /// <inheritdoc/>
    public async Task<PlannedTopology> PlanTopologyAsync(TopologyTarget target, CancellationToken cancellation = default)
    {
        using var lease = LeaseOf(target);
        var problems = await ProblemsAsync(target, cancellation).ConfigureAwait(false);
        var planned = (PlannedTopology)(await QueryAsync(
            shard => new PlannedTopology(shard.PlanTopology(target.Topology, target.Moves, target.Canary), shard.TopologyAt), cancellation).ConfigureAwait(false))!;
        return planned with { Plan = With(planned.Plan, problems) };
    }

    /// <inheritdoc/>
    public async Task<TopologyAnswer> ApplyTopologyAsync(TopologyTarget target, long? basedOn, string author, string reason, TimeSpan? drain = null, CancellationToken cancellation = default)
    {
        if (target.Canary?.FindProblem() is { } problem) throw new ArgumentException(problem, nameof(target));
        using var lease = LeaseOf(target);
        if (await ProblemsAsync(target, cancellation).ConfigureAwait(false) is { Count: > 0 })
        {
            var planned = await PlanTopologyAsync(target, cancellation).ConfigureAwait(false);
            return new TopologyAnswer(TopologyOutcome.Refused, planned.BasedOn, planned.Plan, []);
        }
        try
        {
            var change = new ChangeTopology(target.Topology, basedOn, author, reason, target.Moves, drain, target.Canary);
            return (TopologyAnswer)(await AskAsync<ShardAnswer>(change, cancellation).ConfigureAwait(false)).Value!;
        }
        catch (OperationCanceledException)
        {
            lease?.HoldOn(); // the change may still be made
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<string?> PromoteCanaryAsync(string definition, CancellationToken cancellation = default) =>
        (string?)(await AskAsync<ShardAnswer>(new PromoteCanary(definition, TopologyAuthor.Operator), cancellation).ConfigureAwait(false)).Value;

    /// <inheritdoc/>
    public async Task<string?> AbortCanaryAsync(string definition, CancellationToken cancellation = default) =>
        (string?)(await AskAsync<ShardAnswer>(new AbortCanary(definition), cancellation).ConfigureAwait(false)).Value;

    /// <inheritdoc/>
    public bool HasModule(string hash) => parts.Modules?.Store.HasModule(hash) ?? false;

    /// <inheritdoc/>
    public string KeepModule(ReadOnlyMemory<byte> module) => Modules.Store.KeepModule(module.Span);

    /// <inheritdoc/>
    public bool HasFolder(string hash) => parts.Modules?.Store.HasFolder(hash) ?? false;

    /// <inheritdoc/>
    public string KeepFolder(ReadOnlyMemory<byte> packed) => Modules.Store.KeepFolder(packed.Span);

    /// <summary>Nobody collects what a topology needs while it is looked at and until it is committed.</summary>
    private ModuleLeases.Lease? LeaseOf(TopologyTarget target) => parts.Modules?.Store.Leases.Take(LogModules.HashesOf(target.Topology).Select(use => use.Key));

    private NodeModules Modules => parts.Modules ?? throw new InvalidOperationException("The guests of this node are not made of modules.");

    private static TopologyPlan With(TopologyPlan plan, IReadOnlyList<TopologyProblem> problems) =>
        problems.Count == 0 ? plan : plan with { Problems = [.. plan.Problems, .. problems.Where(p => !plan.Problems.Contains(p))] };

    /// <summary>Compiles what is new, off the actors' threads.</summary>
    private async Task<IReadOnlyList<TopologyProblem>> ProblemsAsync(TopologyTarget target, CancellationToken cancellation)
    {
        if (TopologyCheck.Check(target.Topology) is { Count: > 0 } problems) return problems;
        return parts.Modules is { } modules ? await Task.Run(() => modules.Prepare(target), cancellation).ConfigureAwait(false) : [];
    }
}
