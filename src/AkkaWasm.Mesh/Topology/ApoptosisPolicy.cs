namespace AkkaWasm.Mesh.Topology;

/// <summary>
/// When agents of a family end by themselves. What they knew is gone but for the log; the next event for the key, or the next spawn, begins them anew. Nothing
/// is by default.
/// </summary>
public sealed record ApoptosisPolicy
{
    /// <summary>Never.</summary>
    public static ApoptosisPolicy None { get; } = new();

    /// <summary>After how much time without a turn, with nothing waiting, no timer or request pending and nothing in quarantine, longer than 0; null for never.</summary>
    public TimeSpan? IdleAfter { get; init; }

    /// <summary>Whether when the agent that started it is stopped.</summary>
    public bool Orphaned { get; init; }

    /// <summary>Whether when an agent above has more below it than its <see cref="SpawnQuota"/> allows any more; the youngest go first.</summary>
    public bool OverBudget { get; init; }
}
