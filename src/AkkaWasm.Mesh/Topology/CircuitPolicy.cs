namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// When a family fails everywhere it is not its events that are at fault: its circuit opens, and its agents get no further events until a few of them
/// were tried with success.
/// </summary>
public sealed record CircuitPolicy
{
    /// <summary>Which share of the agents that made a turn within <see cref="Window"/> must have failed at their last one, more than 0 and at most 1; 0.5.</summary>
    public double FailuresShare { get; init; } = 0.5;

    /// <summary>How many agents must have made a turn within <see cref="Window"/>, 1 or more; 10.</summary>
    public int MinAgents { get; init; } = 10;

    /// <summary>How long a turn counts; one minute.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the circuit stays open before agents are tried; 30 s.</summary>
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many turns are tried, at most so many at a time, and must succeed before the circuit closes; 3.</summary>
    public int HalfOpenProbes { get; init; } = 3;
}
