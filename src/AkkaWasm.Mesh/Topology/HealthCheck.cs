namespace AkkaWasm.Mesh.Topology;

/// <summary>Checks the lines of an agent's health.</summary>
internal static class HealthCheck
{
    private const int TurnsLookedAt = 64;

    public static void Check(List<TopologyProblem> problems, string path, HealthPolicy policy)
    {
        Share(problems, $"{path}.degraded-failures", policy.DegradedFailures);
        Share(problems, $"{path}.degraded-turn-time", policy.DegradedTurnTime);
        Share(problems, $"{path}.degraded-memory", policy.DegradedMemory);
        Share(problems, $"{path}.recover-at", policy.RecoverAt);
        if (policy.MaxReasonBytes is < 0 or > HealthPolicy.LongestReasonBytes)
            problems.Add(new($"{path}.max-reason", $"{policy.MaxReasonBytes} bytes are no bound for a reason; 0 to {HealthPolicy.LongestReasonBytes} are possible."));
        if (policy.MinFailures is < 1 or > TurnsLookedAt) problems.Add(new($"{path}.min-failures", $"{policy.MinFailures} failures are no bound; 1 to {TurnsLookedAt} are possible."));
        if (policy.DegradedLag < 1 || policy.OverloadedLag < 1 || policy.DegradedQuarantine < 1)
            problems.Add(new(path, "degraded-lag, overloaded-lag and degraded-quarantine must be 1 or more; null stands for none."));
        if (policy.DegradedAge <= TimeSpan.Zero || policy.OverloadedAge <= TimeSpan.Zero || policy.FailureWindow <= TimeSpan.Zero)
            problems.Add(new(path, "degraded-age, overloaded-age and failure-window must be longer than 0."));
        if (policy.DegradedLag > policy.OverloadedLag || policy.DegradedAge > policy.OverloadedAge)
            problems.Add(new(path, "An agent is degraded before it is overloaded: degraded-lag must be at most overloaded-lag, degraded-age at most overloaded-age."));
        if (policy.PublishAtMostEvery < TimeSpan.Zero) problems.Add(new($"{path}.publish-at-most-every", "The time must be 0 or more; 0 stands for no bound."));
    }

    private static void Share(List<TopologyProblem> problems, string path, double? share)
    {
        if (share is not (null or (> 0 and <= 1))) problems.Add(new(path, $"{share} is no share; write more than 0 and at most 1."));
    }
}
