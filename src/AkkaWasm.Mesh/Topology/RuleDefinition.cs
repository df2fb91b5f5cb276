using System.Collections.Immutable;

namespace AkkaWasm.Mesh.Topology;

/// <summary>What a rule looks at. The numbers are part of the log's format.</summary>
public enum RuleSignal : byte
{
    /// <summary>Share of an agent's last 64 turns that failed, as its health counts them (<see cref="HealthPolicy.MinFailures"/>, <see cref="HealthPolicy.FailureWindow"/>), 0 to 1.</summary>
    FailureRate = 0,

    /// <summary>How many events wait for it.</summary>
    Lag = 1,

    /// <summary>How long the oldest of them has waited, nanoseconds.</summary>
    Age = 2,

    /// <summary>How long its turns take on average, nanoseconds; 0 while it sleeps.</summary>
    TurnTime = 3,

    /// <summary>How much its guest's memories and GC heap have, bytes; 0 while it sleeps.</summary>
    Memory = 4,

    /// <summary>How many events are put aside for it.</summary>
    Quarantine = 5,
}

/// <summary>What a rule does. The numbers are part of the log's format.</summary>
public enum RuleVerb : byte
{
    /// <summary>Says so, as it does with every other verb too.</summary>
    Alert = 0,

    /// <summary>The agent goes back to an older state.</summary>
    Rewind = 1,

    /// <summary>The definition of the agent gets another module.</summary>
    Replace = 2,

    /// <summary>The pool of the agent gets more members.</summary>
    Replicate = 3,

    /// <summary>The oldest of what waits for the agent is put aside.</summary>
    Shed = 4,

    /// <summary>The guest of the agent is made anew with the state that it has.</summary>
    Restart = 5,

    /// <summary>The agent waits until somebody lets it go on.</summary>
    Pause = 6,
}

/// <summary>A line that a signal crosses.</summary>
/// <param name="Signal">Which signal.</param>
/// <param name="Above">From where on it is crossed, above 0, in the signal's unit.</param>
/// <param name="Clear">Below what it is cleared again, above 0 and at most <paramref name="Above"/>.</param>
public readonly record struct RuleLine(RuleSignal Signal, double Above, double Clear);

/// <summary>The module that a rule gives a definition.</summary>
/// <param name="ModuleHash">SHA-256 of its bytes, 64 hexadecimal digits.</param>
/// <param name="ModuleFile">What it was named; for messages only.</param>
/// <param name="Watch">How the change is watched, and on which share of a family's agents it is tried first; null for not at all.</param>
public sealed record RuleReplacement(string ModuleHash, string ModuleFile, CanaryPolicy? Watch);

/// <summary>Something that a rule does.</summary>
/// <param name="Verb">What.</param>
public sealed record RuleAction(RuleVerb Verb)
{
    /// <summary>For <see cref="RuleVerb.Rewind"/> how far, by turns or snapshots, or to the previous version of the module.</summary>
    public RewindTarget? Rewind { get; init; }

    /// <summary>For <see cref="RuleVerb.Replace"/> by what.</summary>
    public RuleReplacement? Replacement { get; init; }

    /// <summary>For <see cref="RuleVerb.Replicate"/> by how many members, 1 or more; at most as many as the pool may have.</summary>
    public int By { get; init; } = 1;

    /// <summary>For <see cref="RuleVerb.Shed"/> how many events still wait afterwards, 0 or more.</summary>
    public int Keep { get; init; }
}

/// <summary>
/// When what is to be seen of an agent crosses lines for some time, something is done. Where that is about the definition, for a module or for members of a
/// pool, all its agents have one cool-down and one count together, otherwise each has its own.
/// </summary>
public sealed record RuleDefinition
{
    /// <summary>Most rules in a topology.</summary>
    public const int MostRules = 1_000;

    /// <summary>Most that <see cref="AtMost"/> may be.</summary>
    public const int MostActs = 1_000;

    /// <summary>What stands for all agents in <see cref="Of"/>.</summary>
    public const string All = "*";

    /// <summary>Name, a topic token, unique among rules.</summary>
    public required string Name { get; init; }

    /// <summary>Which agents: <c>NAME</c> or <c>NAME/*</c> for all of a definition, <c>NAME/KEY</c> for one of them, <c>*</c> for all there are.</summary>
    public required string Of { get; init; }

    /// <summary>The lines that have to be crossed, all of them, 1 or more.</summary>
    public ImmutableArray<RuleLine> When { get; init; } = [];

    /// <summary>For how long they have to be, 0 or more; 10 s.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long nothing more is done after something was, 0 or more; 1 minute. After a refusal it is twice as long each time, up to 64 times.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often something is done within <see cref="Per"/>, 1 to <see cref="MostActs"/>; 3.</summary>
    public int AtMost { get; init; } = 3;

    /// <summary>The time that <see cref="AtMost"/> is for, longer than 0; 1 hour.</summary>
    public TimeSpan Per { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What is done, all of it or nothing, 1 or more.</summary>
    public ImmutableArray<RuleAction> Then { get; init; } = [];

    /// <summary>Whether it is only said what would have been done.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Whether cool-down and count are of the definition, and not of each agent.</summary>
    public bool IsOfDefinition => Then.Any(action => action.Verb is RuleVerb.Replace or RuleVerb.Replicate);

    /// <summary>The definition that <see cref="Of"/> names, or null for all.</summary>
    public string? Definition => Of == All ? null : Of.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? Of[..slash] : Of;

    /// <summary>The one agent that <see cref="Of"/> names, or null for all of the definition.</summary>
    public string? Agent => Of == All || Of.IndexOf('/', StringComparison.Ordinal) is not (>= 0 and var slash) || Of[(slash + 1)..] == All ? null : Of;

    /// <summary>What it does with a verb, or null.</summary>
    public RuleAction? ActionOf(RuleVerb verb) => Then.FirstOrDefault(action => action.Verb == verb);
}
