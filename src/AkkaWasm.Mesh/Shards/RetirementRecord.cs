namespace AkkaWasm.Mesh.Shards;

/// <summary>Why an agent ended by itself. The numbers are part of the log's format.</summary>
public enum RetirementReason : byte
{
    /// <summary>It had nothing to do for as long as its definition says.</summary>
    Idle = 0,

    /// <summary>The agent that started it was stopped.</summary>
    Orphaned = 1,

    /// <summary>An agent above has more below it than its quota allows.</summary>
    OverBudget = 2,
}

/// <summary>An agent that was just stopped ended by itself: the next event for its key, or the next spawn, begins it anew.</summary>
/// <param name="Agent">Number of the agent.</param>
/// <param name="Reason">Why.</param>
public sealed record RetirementRecord(int Agent, RetirementReason Reason) : LogRecord;
