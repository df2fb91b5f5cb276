using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AkkaWasm.Actors;
using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Service.Tests.Http;

/// <summary>A node without a mesh: it keeps what is published and answers as it is told.</summary>
internal sealed partial class FakeNode : IMeshNode
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<CommittedEvent> committed = Channel.CreateUnbounded<CommittedEvent>();

    public List<MeshEvent> Published { get; } = [];

    public Func<PublishBatch, PublishReply>? Answer { get; set; }

    public List<AgentStatus> Agents { get; } = [];

    public List<string> Calls { get; } = [];

    /// <summary>Called when agents in an order are asked for, with how often anything was.</summary>
    public Action<int>? OnTop { get; set; }

    /// <summary>Where the last stream was asked to begin.</summary>
    public long? StreamedFrom { get; private set; }

    public NodeStatus Status { get; set; } = new(NodeState.Ready, null, 1, 9, [new SourceStatus("week", SourceState.Drained, 3, null)]);

    public MeshProgress Progress => new(5, 7, 1, 100, 100);

    public Task Completion => ended.Task;

    public bool IsDrained => ended.Task.IsCompletedSuccessfully;

    public MeshSummary Summary { get; set; } = new(new ShardTotals(), new ShardTotals(), [], []);

    public void Commit(CommittedEvent e) => committed.Writer.TryWrite(e);

    public void Fail(Exception e) => ended.TrySetException(e);

    public Task<PublishReply> PublishAsync(PublishBatch batch, CancellationToken cancellation = default)
    {
        if (Answer is { } answer) return Task.FromResult(answer(batch));
        var first = Published.Count;
        Published.AddRange(batch.Events);
        return Task.FromResult(new PublishReply([.. Enumerable.Range(first, batch.Events.Length).Select(i => new Position(0, 1, i))], 0, null, null));
    }

    public async IAsyncEnumerable<CommittedEvent> StreamAsync(TopicPattern pattern, long? from = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        StreamedFrom = from;
        await foreach (var e in committed.Reader.ReadAllAsync(cancellation))
            if (pattern.Matches(e.Event.Topic)) yield return e;
    }

    public Task<IReadOnlyList<AgentStatus>> AgentsAsync(CancellationToken cancellation = default) => Task.FromResult<IReadOnlyList<AgentStatus>>(Agents);

    public Task<TopAgents> TopAsync(AgentOrder order, int limit, TopicPattern? names = null, CancellationToken cancellation = default)
    {
        Calls.Add($"top {order} {limit} {names}");
        OnTop?.Invoke(Calls.Count);
        return Task.FromResult(new TopAgents([.. Agents.Take(limit)], Agents.Count, 1_000_000));
    }

    public Task<AgentStatus?> AgentAsync(string name, CancellationToken cancellation = default) => Task.FromResult(Agents.Find(agent => agent.Name == name));

    public Task<StateHash?> StateHashAsync(string name, CancellationToken cancellation = default) => Task.FromResult<StateHash?>(new StateHash(0xabc));

    public Task<IReadOnlyList<QuarantinedEvent>> QuarantineAsync(string agent, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<QuarantinedEvent>>([new QuarantinedEvent(agent, 42, new GuestFault(FaultKind.Trap, "unreachable", "It trapped.", ["a.wasm!f+0x1"]), 0)]);

    public Task<string?> ReleaseAsync(string agent, long offset, ReadOnlyMemory<byte>? edited = null, CancellationToken cancellation = default)
    {
        Calls.Add($"release {agent} {offset} {(edited is { } data ? System.Text.Encoding.UTF8.GetString(data.Span) : "-")}");
        return Task.FromResult(offset == 42 ? null : "There is no such event.");
    }

    public Task<string?> DropAsync(string agent, long offset, CancellationToken cancellation = default)
    {
        Calls.Add($"drop {agent} {offset}");
        return Task.FromResult<string?>(null);
    }

    public Task<string?> PauseGroupAsync(string group, CancellationToken cancellation = default) => Done($"pause group {group}");

    public Task<string?> ResumeGroupAsync(string group, CancellationToken cancellation = default) => Done($"resume group {group}");

    public Task<IReadOnlyList<GroupStatus>> GroupsAsync(CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<GroupStatus>>([new GroupStatus("default", null, false, 3), new GroupStatus("edge", "default", true, 1)]);

    public Task<string?> ResizePoolAsync(string pool, int members, string reason = "", CancellationToken cancellation = default) => Done($"resize {pool} {members} '{reason}'");

    public Task<IReadOnlyList<PoolStatus>> PoolsAsync(CancellationToken cancellation = default) => Task.FromResult<IReadOnlyList<PoolStatus>>(
    [
        new PoolStatus
        {
            Name = "crew", Policy = new PoolPolicy { Max = 4 }, Size = 1, Pending = 7, Held = 2, AgeNs = 1_500_000_000, Moving = 3, ChangedNs = 1_700_000_000_000_000_000, Cause = PoolCause.Idle, Reason = "there was little to do",
            Members = [new PoolMemberStatus("crew/1", 1, PoolMemberRole.Active, AgentState.Running, 64, 5, 2, 11), new PoolMemberStatus("crew/2", 2, PoolMemberRole.Resting, AgentState.Asleep, 0, 2, 0, 9)],
        },
    ]);

    public Task<IReadOnlyList<RuleStatus>> RulesAsync(CancellationToken cancellation = default)
    {
        var rule = new RuleDefinition { Name = "slow", Of = "crew/*", When = [new RuleLine(RuleSignal.Lag, 100, 80)], Then = [new RuleAction(RuleVerb.Shed) { Keep = 10 }] };
        var acted = new RuleRecord(RuleStep.Acted, "slow", 1, [new RuleValue(RuleSignal.Lag, 130, 100)], "shed all but 10 (120 events)", 1_700_000_000_000_000_000) { Scope = "crew/1" };
        return Task.FromResult<IReadOnlyList<RuleStatus>>(
        [
            new RuleStatus
            {
                Rule = rule, Activity = RuleActivity.CoolingDown, Holding = 1, Counts = [1, 0, 1, 0, 0, 0, 0], Holds = [new RuleHoldStatus("crew/1", 1_700_000_000_000_000_000, 1_700_000_000_000_000_000, [new RuleValue(RuleSignal.Lag, 120, 100)])],
                Scopes = [new RuleScopeStatus("crew/1", 1, 0, 1_700_000_000_000_000_000, 1_700_000_060_000_000_000, false)], Recent = [new RuleStepStatus(new Position(0, 1, 42), "crew/1", acted)],
            },
        ]);
    }

    public Task<string?> PauseAsync(string agent, CancellationToken cancellation = default) => Done($"pause {agent}");

    public Task<string?> ResumeAsync(string agent, CancellationToken cancellation = default) => Done($"resume {agent}");

    public Task<string?> ResetAsync(string agent, CancellationToken cancellation = default) => Done($"reset {agent}");

    public Task<string?> KillAsync(string agent, CancellationToken cancellation = default) => Done($"kill {agent}");

    public Task<string?> SimulateCrashAsync(string agent, CancellationToken cancellation = default) => Done($"simulate-crash {agent}");

    public Task<string?> RewindAsync(string agent, RewindTarget target, CancellationToken cancellation = default) =>
        Done($"rewind {agent} to={target.To} turns={target.Turns} snapshots={target.Snapshots} {target.Inputs}");

    public Task<(AgentRewindOutlook? Outlook, string? Problem)> LookAtRewindAsync(string agent, RewindTarget target, CancellationToken cancellation = default)
    {
        Calls.Add($"look {agent} turns={target.Turns}");
        return Task.FromResult<(AgentRewindOutlook?, string?)>(Refusal is not null ? (null, Refusal) : (new AgentRewindOutlook
        {
            Agent = agent, Incarnation = 2, LastInput = 90, ToLastInput = 70, Inputs = target.Inputs, UndoneTurns = 2, Undone = [80, 90], EmittedSince = 1, Emitted = [81], TakenBack = 0, Repeated = 5,
        }, null));
    }

    public Task<(int Count, string? Problem)> ReleaseAsync(QuarantineFilter filter, CancellationToken cancellation = default) => Emptied("release", filter);

    public Task<(int Count, string? Problem)> DropAsync(QuarantineFilter filter, CancellationToken cancellation = default) => Emptied("drop", filter);

    private Task<(int Count, string? Problem)> Emptied(string what, QuarantineFilter filter)
    {
        Calls.Add($"{what} all {filter.Agent} {filter.Code}");
        return Task.FromResult(Refusal is null ? (2, null) : (0, Refusal));
    }

    /// <summary>What operators are refused with.</summary>
    public string? Refusal { get; set; }

    public Task<IReadOnlyList<QuarantinedEvent>> QuarantineAsync(QuarantineFilter filter, CancellationToken cancellation = default)
    {
        Calls.Add($"quarantine {filter.Agent} {filter.Code} {filter.FromNs} {filter.BeforeNs}");
        var fault = new GuestFault(FaultKind.Trap, "unreachable", "It trapped.");
        return Task.FromResult<IReadOnlyList<QuarantinedEvent>>([new QuarantinedEvent("a/x", 42, fault, 0), new QuarantinedEvent("b", 43, fault, 0)]);
    }

    public Task<CommittedEvent?> EventAsync(long offset, CancellationToken cancellation = default) => Task.FromResult<CommittedEvent?>(
        new CommittedEvent(new Position(0, 1, offset), "7", "/s", new MeshEvent { Topic = "quake.x", Data = "hello"u8.ToArray(), ContentType = "text/plain" }));

    public MeshHealth Health { get; set; } = new() { Level = HealthLevel.Ok };

    public Task<MeshHealth> HealthAsync(CancellationToken cancellation = default) => Task.FromResult(Status.IsReady ? Health : Health with { Level = HealthLevel.Failing, Reasons = [Status.Problem!] });

    private Task<string?> Done(string call)
    {
        Calls.Add(call);
        return Task.FromResult(Refusal);
    }

    public Task<MeshSummary> SummaryAsync(CancellationToken cancellation = default) => Task.FromResult(Summary);

    public Func<CancellationToken, Task> Idle { get; set; } = _ => Task.CompletedTask;

    public Task WhenIdleAsync(CancellationToken cancellation = default) => Idle(cancellation);

    public Task DrainAsync(CancellationToken cancellation = default)
    {
        ended.TrySetResult();
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
