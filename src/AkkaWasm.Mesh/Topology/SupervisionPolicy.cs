using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Topology;

/// <summary>Who is touched when an agent fails. The names are Akka's and Erlang's.</summary>
public enum SupervisionStrategy : byte
{
    /// <summary>The agent alone.</summary>
    OneForOne = 0,

    /// <summary>All agents of the group.</summary>
    AllForOne = 1,

    /// <summary>The agent and those of its group defined after it.</summary>
    RestForOne = 2,
}

/// <summary>What happens to whom a failure touches. The numbers are part of the log's format.</summary>
public enum HealingDirective : byte
{
    /// <summary>State before the failed turn is rebuilt, the event is quarantined, no budget is spent.</summary>
    Resume = 0,

    /// <summary>Rebuilt from image and log, the event is tried again after a back-off, then quarantined.</summary>
    Restart = 1,

    /// <summary>A fresh instance and a new incarnation.</summary>
    Reset = 2,

    /// <summary>The agent is stopped; its subscriptions end.</summary>
    Stop = 3,

    /// <summary>The failure becomes the group's own, one level up.</summary>
    Escalate = 4,

    /// <summary>An older state and a new incarnation; see <see cref="SupervisionPolicy.Rewind"/>.</summary>
    Rewind = 5,
}

/// <summary>How a group heals. The names of the settings are Akka's where the meaning is.</summary>
public sealed record SupervisionPolicy
{
    /// <summary>One-for-one, restart, then stop when the budget is spent.</summary>
    public static SupervisionPolicy Default { get; } = new();

    /// <summary>Who is touched.</summary>
    public SupervisionStrategy Strategy { get; init; } = SupervisionStrategy.OneForOne;

    /// <summary>What happens first.</summary>
    public HealingDirective Directive { get; init; } = HealingDirective.Restart;

    /// <summary>What happens next, each when the budget of the one before is spent; the last one stays.</summary>
    public ImmutableArray<HealingDirective> OnFailure { get; init; } = [HealingDirective.Stop];

    /// <summary>How many failures of an agent within <see cref="WithinTimeRange"/> a directive serves; -1 for any number.</summary>
    public int MaxNrOfRetries { get; init; } = 10;

    /// <summary>How long a failure counts.</summary>
    public TimeSpan WithinTimeRange { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Wait before the first restart.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait before a restart; the wait doubles up to it.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait is lengthened by up to this share of itself, 0 to 1, so that not all come back at once.</summary>
    public double RandomFactor { get; init; } = 0.2;

    /// <summary>How often an event is tried again that failed for a reason of its own (a trap, a status) before it is quarantined.</summary>
    public int EventRetries { get; init; } = 1;

    /// <summary>How often an event is tried again that failed for a reason of the host (deadline, operating fault).</summary>
    public int HostFaultRetries { get; init; } = 5;

    /// <summary>How far <see cref="HealingDirective.Rewind"/> goes back.</summary>
    public RewindTarget Rewind { get; init; } = RewindTarget.Default;
}
