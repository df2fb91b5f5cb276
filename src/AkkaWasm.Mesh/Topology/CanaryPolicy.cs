namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// How a changed definition is watched: for how long, and how often its agents may fail meanwhile before the change is taken back. Failures for a reason of
/// the host do not count.
/// </summary>
public sealed record CanaryPolicy
{
    /// <summary>Most failures that a policy counts to.</summary>
    public const int MostFailures = 1_000;

    /// <summary>How long it is watched; 5 minutes.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many failures within <see cref="WithinTimeRange"/> are borne, by all its agents together; 3. The next one takes the change back.</summary>
    public int MaxFailures { get; init; } = 3;

    /// <summary>The time within which failures count together; 1 minute.</summary>
    public TimeSpan WithinTimeRange { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What becomes of the events that were handled since the change if it is taken back; by default they are handled again, suppressed.</summary>
    public RewindInputs Inputs { get; init; }

    /// <summary>
    /// On which share of the agents of a family a new version is tried before the others get it, 1 to <see cref="KeyShare.All"/> hundredths of a percent; all. Of a
    /// single agent and of a pool there is no share.
    /// </summary>
    public int ShareBasisPoints { get; init; } = KeyShare.All;

    /// <summary>What is wrong with it, one sentence, or null.</summary>
    public string? FindProblem() => Watch <= TimeSpan.Zero || WithinTimeRange <= TimeSpan.Zero ? "The watch of a change and the time within which its failures count must be longer than nothing."
        : MaxFailures is < 0 or > MostFailures ? $"The failure budget of a change must be from 0 to {MostFailures} but is {MaxFailures}."
        : ShareBasisPoints is < 1 or > KeyShare.All ? "The share of a family's agents that a change is tried on must be from 0.01% to 100%."
        : null;
}
