using System.Collections.Immutable;
using AkkaWasm.Actors.Shards;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Actors;

/// <content>What operators ask for.</content>
public sealed partial class MeshNode
{
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public Task<string?> PauseAsync(string agent, CancellationToken cancellation = default) => OperateAsync((shard, now) => shard.Pause(agent, now), cancellation);

    /// <inheritdoc/>
    public Task<string?> ResumeAsync(string agent, CancellationToken cancellation = default) => OperateAsync((shard, now) => shard.Resume(agent, now), cancellation);

    /// <inheritdoc/>
    public Task<string?> PauseGroupAsync(string group, CancellationToken cancellation = default) => OperateAsync((shard, now) => shard.PauseGroup(group, now), cancellation);

    /// <inheritdoc/>
    public Task<string?> ResumeGroupAsync(string group, CancellationToken cancellation = default) => OperateAsync((shard, now) => shard.ResumeGroup(group, now), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GroupStatus>> GroupsAsync(CancellationToken cancellation = default) =>
        (IReadOnlyList<GroupStatus>)(await QueryAsync(shard => shard.Groups, cancellation).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public Task<string?> ResizePoolAsync(string pool, int members, string reason = "", CancellationToken cancellation = default) =>
        OperateAsync((shard, now) => shard.ResizePool(pool, members, reason, now), cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PoolStatus>> PoolsAsync(CancellationToken cancellation = default) =>
        (IReadOnlyList<PoolStatus>)(await QueryAsync(shard => shard.Pools, cancellation).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RuleStatus>> RulesAsync(CancellationToken cancellation = default) =>
        (IReadOnlyList<RuleStatus>)(await QueryAsync(shard => shard.Rules, cancellation).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public Task<string?> ResetAsync(string agent, CancellationToken cancellation = default) => OperateAsync((shard, now) => shard.Reset(agent, now), cancellation);

    /// <inheritdoc/>
    public Task<string?> SimulateCrashAsync(string agent, CancellationToken cancellation = default) => OperateAsync((shard, now) => shard.SimulateCrash(agent, now), cancellation);

    /// <inheritdoc/>
    public async Task<string?> RewindAsync(string agent, RewindTarget target, CancellationToken cancellation = default) =>
        (string?)(await AskAsync<ShardAnswer>(new OperateAgent((shard, ticket, now) => shard.Rewind(agent, target, ticket, now)), cancellation).ConfigureAwait(false)).Value;

    /// <inheritdoc/>
    public async Task<(AgentRewindOutlook? Outlook, string? Problem)> LookAtRewindAsync(string agent, RewindTarget target, CancellationToken cancellation = default)
    {
        var answer = (AgentRewindAnswer)(await AskAsync<ShardAnswer>(new LookAtAgentRewind(agent, target), cancellation).ConfigureAwait(false)).Value!;
        return (answer.Outlook, answer.Problem);
    }

    /// <inheritdoc/>
    public Task<(int Count, string? Problem)> ReleaseAsync(QuarantineFilter filter, CancellationToken cancellation = default) => EmptyAsync(new EmptyQuarantine(filter, Drop: false), cancellation);

    /// <inheritdoc/>
    public Task<(int Count, string? Problem)> DropAsync(QuarantineFilter filter, CancellationToken cancellation = default) => EmptyAsync(new EmptyQuarantine(filter, Drop: true), cancellation);

    /// <inheritdoc/>
    public async Task<string?> KillAsync(string agent, CancellationToken cancellation = default) =>
        (string?)(await AskAsync<ShardAnswer>(new KillAgent(agent), cancellation).ConfigureAwait(false)).Value;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<QuarantinedEvent>> QuarantineAsync(QuarantineFilter filter, CancellationToken cancellation = default) =>
        (IReadOnlyList<QuarantinedEvent>)(await QueryAsync(shard => shard.Quarantine(filter), cancellation).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public async Task<MeshHealth> HealthAsync(CancellationToken cancellation = default)
    {
        if (!Status.IsReady) return MeshHealth.Of(Status, null);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(HealthTimeout);
        try
        {
            return MeshHealth.Of(Status, (MeshHealth?)await QueryAsync(Examine, patience.Token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is MeshNodeException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return MeshHealth.Of(Status, null);
        }
    }

    /// <inheritdoc/>
    public Task<CommittedEvent?> EventAsync(long offset, CancellationToken cancellation = default) => stream.AtAsync(offset, cancellation);

    /// <inheritdoc/>
    public async Task<TopAgents> TopAsync(AgentOrder order, int limit, TopicPattern? names = null, CancellationToken cancellation = default) =>
        (TopAgents)(await QueryAsync(shard => shard.Top(order, Math.Clamp(limit, 1, shard.MaxTopAgents), names), cancellation).ConfigureAwait(false))!;

    private static MeshHealth Examine(Shard shard)
    {
        var (byState, withQuarantine, quarantined) = shard.CountAgents();
        return new MeshHealth { Level = HealthLevel.Ok, Agents = byState, AgentsWithQuarantine = withQuarantine, Quarantined = quarantined, Circuits = [.. shard.Circuits] };
    }

    private async Task<string?> OperateAsync(Func<Shard, long, string?> act, CancellationToken cancellation) =>
        (string?)(await AskAsync<ShardAnswer>(OperateAgent.At(act), cancellation).ConfigureAwait(false)).Value;

    private async Task<(int Count, string? Problem)> EmptyAsync(EmptyQuarantine request, CancellationToken cancellation)
    {
        var answer = (QuarantineAnswer)(await AskAsync<ShardAnswer>(request, cancellation).ConfigureAwait(false)).Value!;
        return (answer.Count, answer.Problem);
    }
}
