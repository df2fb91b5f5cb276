namespace AkkaWasm.Actors;

/// <summary>What a part of the node besides the agents is doing.</summary>
public enum ComponentState
{
    /// <summary>It works.</summary>
    Running,

    /// <summary>It failed too often in a row and begins again after a wait.</summary>
    Restarting,

    /// <summary>It is gone and does not come back by itself.</summary>
    Down,
}

/// <summary>A supervised part of the node: <c>gateway</c>, <c>sources</c>, <c>shard-0</c>, <c>pub-sub</c>, <c>epoch-ticker</c>, and <c>scrub</c> once that found damage.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Restarts">How often it was begun again in this run.</param>
/// <param name="Problem">Its last failure, one sentence, or null.</param>
/// <param name="At">When that was, or null.</param>
public sealed record ComponentStatus(string Name, ComponentState State, int Restarts, string? Problem, DateTimeOffset? At);
