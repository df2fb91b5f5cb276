using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;

namespace AkkaWasm.Mesh.Topology;

/// <summary>What a step of a plan does.</summary>
public enum TopologyStepKind : byte
{
    /// <summary>The mesh itself: its root's supervision, or the order of definition.</summary>
    MeshChanged,

    /// <summary>A group comes to be.</summary>
    GroupDefined,

    /// <summary>A group heals otherwise, or stands elsewhere.</summary>
    GroupChanged,

    /// <summary>A group gets another name; its pauses and the failures that count for it stay.</summary>
    GroupRenamed,

    /// <summary>A group ends.</summary>
    GroupRemoved,

    /// <summary>An agent or family comes to be.</summary>
    AgentDefined,

    /// <summary>Fields of an agent or family change.</summary>
    AgentChanged,

    /// <summary>An agent, family or pool gets another name, and keeps all that is its own; other fields may change with it.</summary>
    AgentRenamed,

    /// <summary>An agent or family gets into another group; other fields may change with it.</summary>
    AgentRegrouped,

    /// <summary>An agent or family is defined no more and stops.</summary>
    AgentStopped,

    /// <summary>The guests of an agent or family become others, with the states that they have; other fields may change with it.</summary>
    AgentReplaced,

    /// <summary>A rule comes to be.</summary>
    RuleDefined,

    /// <summary>A rule says something else, and begins anew.</summary>
    RuleChanged,

    /// <summary>A rule ends.</summary>
    RuleRemoved,
}

/// <summary>One step of a plan.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Path">To what: <c>agents.ingest</c>.</param>
/// <param name="Fields">The fields that change.</param>
/// <param name="Living">How many agents live that it concerns: they stop, or their actors are begun again.</param>
public sealed record TopologyStep(TopologyStepKind Kind, string Path, ImmutableArray<FieldChange> Fields, int Living)
{
    /// <summary>How the states of living agents are moved; null where they stay as they are.</summary>
    public PlannedMove? Move { get; init; }

    /// <summary>Which agents of the definition it is done to; null for all.</summary>
    public AgentPart? Part { get; init; }
}

/// <summary>Who lives in a mesh, as far as a change of its topology has to know.</summary>
/// <param name="Living">How many agents live, by the names of their definitions.</param>
/// <param name="Born">Definitions that ever had an agent.</param>
/// <param name="Forks">Agents that have a name of their own: the name, and that of their definition.</param>
public sealed record MeshOccupants(IReadOnlyDictionary<string, int> Living, IReadOnlySet<string> Born, IReadOnlyDictionary<string, string> Forks)
{
    /// <summary>Agents that live and run an older version than their definition says.</summary>
    public ImmutableArray<StrayAgent> Strays { get; init; } = [];

    /// <summary>Nobody.</summary>
    public static MeshOccupants None { get; } = new(new Dictionary<string, int>(), new HashSet<string>(), new Dictionary<string, string>());

    /// <summary>How many of those that run an older version are of a definition, or of a part of its agents.</summary>
    internal int StraysOf(string definition, AgentPart? part) => Strays.Count(s => s.Definition == definition && part?.Includes(s.Agent) != false);

    /// <summary>How many of the living agents are in the share of them that is, or is to be, under a version of its own, by the names of their definitions.</summary>
    public IReadOnlyDictionary<string, int> LivingInShares { get; init; } = new Dictionary<string, int>();

    /// <summary>How many agents of a definition live, all or a part of them.</summary>
    internal int LivingOf(string definition, AgentPart? part) => part is null ? Living.GetValueOrDefault(definition)
        : part.IsRest ? Living.GetValueOrDefault(definition) - LivingInShares.GetValueOrDefault(definition)
        : LivingInShares.GetValueOrDefault(definition);
}

/// <summary>An agent that went back to an older version of its module than its definition says.</summary>
/// <param name="Agent">Its name.</param>
/// <param name="Definition">Name of its definition.</param>
/// <param name="RunsAs">Its definition, with all that its guest sees as in the older version.</param>
/// <param name="Since">Where it went back.</param>
public sealed record StrayAgent(string Agent, string Definition, AgentDefinition RunsAs, Position Since);

/// <summary>How an agent that runs an older version gets to its changed definition.</summary>
/// <param name="Agent">Its name.</param>
/// <param name="Definition">Name of its definition.</param>
/// <param name="Move">How its state is moved; null where its guest sees no difference between what it runs and the changed definition.</param>
public sealed record StrayMove(string Agent, string Definition, PlannedMove? Move);

/// <summary>
/// How a running topology becomes another: the steps in the order in which they are done, and what stands against it. A value: it changes nothing, and
/// the same three things always lead to the same plan.
/// </summary>
public sealed record TopologyPlan
{
    /// <summary>What is done, in this order; empty where the topologies say the same.</summary>
    public required ImmutableArray<TopologyStep> Steps { get; init; }

    /// <summary>Why it cannot be done; empty if it can.</summary>
    public required ImmutableArray<TopologyProblem> Problems { get; init; }

    /// <summary>What is probably not meant.</summary>
    public required ImmutableArray<TopologyProblem> Warnings { get; init; }

    /// <summary>What becomes a record.</summary>
    public required TopologyDelta Delta { get; init; }

    /// <summary>How the states of living agents are moved whose guests become others, one for each definition, or two where a share of its agents is under a version of its own.</summary>
    public ImmutableArray<PlannedMove> Moves { get; init; } = [];

    /// <summary>How living agents that run an older version than their definition says get to a definition that changes for guests.</summary>
    public ImmutableArray<StrayMove> Strays { get; init; } = [];

    /// <summary>Whether it can be done.</summary>
    public bool IsPossible => Problems.IsEmpty;

    /// <summary>Plans.</summary>
    /// <param name="running">The topology in force, or null for none.</param>
    /// <param name="occupants">Who lives in it.</param>
    /// <param name="target">What it shall become.</param>
    /// <param name="chooser">Says how the states of living agents are moved to other modules; null where they cannot be.</param>
    /// <param name="goBack">Definitions whose agents go back to states that they had under them, so that none is moved; null for none.</param>
    public static TopologyPlan Make(MeshTopology? running, MeshOccupants occupants, MeshTopology target, MoveChooser? chooser = null, IReadOnlyCollection<string>? goBack = null)
    {
        var problems = TopologyCheck.Check(target).ToList();
        if (problems.Count > 0) return new TopologyPlan { Steps = [], Problems = [.. problems], Warnings = [], Delta = new TopologyDelta() };
        var before = running ?? new MeshTopology(target.Name, target.Root, [], []);
        var moves = TopologyHistoryCheck.Check(problems, running, occupants, target, chooser, goBack ?? []);
        if (chooser is not null && problems.Count == 0)
            RuleMoveCheck.Check(problems, running is null ? null : AgentRenames.On(running, AgentRenames.Of(running, target)), target, chooser, goBack ?? []);
        var delta = TopologyDelta.Between(before, target);
        (before, occupants) = (AgentRenames.On(before, delta.Renamed), AgentRenames.On(occupants, delta.Renamed));
        var strays = StrayCheck.Check(problems, before, occupants, target, chooser, goBack ?? []);
        return new TopologyPlan
        {
            Steps = TopologySteps.Of(before, target, delta, occupants, moves), Moves = [.. moves], Strays = strays, Problems = [.. problems],
            Warnings = [.. TopologyWarnings.Of(target, delta, occupants), .. StrayCheck.Warnings(occupants, target, strays)], Delta = delta,
        };
    }

    /// <summary>Says what it would take to make one topology of another, whoever lives in them; and which agents ran another version than theirs.</summary>
    /// <param name="first">The one.</param>
    /// <param name="firstStrays">Agents that ran an older version than it says; empty where it was never in force.</param>
    /// <param name="second">The other.</param>
    /// <param name="secondStrays">The same of that.</param>
    public static TopologyPlan Compare(MeshTopology first, ImmutableArray<StrayAgent> firstStrays, MeshTopology second, ImmutableArray<StrayAgent> secondStrays)
    {
        var plan = Make(first, MeshOccupants.None, second);
        return plan with { Warnings = [.. plan.Warnings.Concat(StrayCheck.Warnings(first, firstStrays)).Concat(StrayCheck.Warnings(second, secondStrays)).Distinct()] };
    }

    /// <summary>What changes, in a few words: <c>2 agents defined, 1 changed, 1 stopped</c>.</summary>
    public string Summary => TopologySteps.Summary(Steps);
}
