using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Mesh.Topology;

/// <summary>How the state of living agents is to be moved to another definition.</summary>
public enum MoveRequest : byte
{
    /// <summary>By the cheapest way that the modules allow.</summary>
    Auto,

    /// <summary>Taken over as it is; see <see cref="MoveWay.Layout"/>.</summary>
    Layout,

    /// <summary>By <c>mesh_migrate</c>; see <see cref="MoveWay.Migrate"/>.</summary>
    Migrate,

    /// <summary>By <c>mesh_save</c> and <c>mesh_load</c>; see <see cref="MoveWay.Save"/>.</summary>
    Save,

    /// <summary>By handling all events again; see <see cref="MoveWay.Replay"/>.</summary>
    Replay,

    /// <summary>Not at all: the agents begin anew with a turn 0.</summary>
    None,
}

/// <summary>How the agents of a definition get to its new version.</summary>
/// <param name="Agent">Name of the definition.</param>
/// <param name="Way">How their states are moved; null where they begin anew.</param>
/// <param name="FromVersion">The version that the module before says it has, 0 if it says none.</param>
/// <param name="ToVersion">The version that the new one says it has, 0 if it says none.</param>
/// <param name="Why">Why this way, a few words.</param>
public sealed record PlannedMove(string Agent, MoveWay? Way, int FromVersion, int ToVersion, string Why)
{
    /// <summary>Which agents of the definition; null for all.</summary>
    public AgentPart? Part { get; init; }

    /// <summary>Whether it is for an agent.</summary>
    /// <param name="definition">Name of its definition.</param>
    /// <param name="agent">Its name.</param>
    public bool IsFor(string definition, string agent) => definition == Agent && Part?.Includes(agent) != false;
}

/// <summary>Chooses how the states of living agents are moved when their definition becomes one that the guest sees as another: the cheapest way that the modules allow.</summary>
/// <param name="guests">Says what modules say of their states.</param>
/// <param name="requests">What was asked for, by the names of definitions; <see cref="All"/> for those that are not named. What is neither is <see cref="MoveRequest.Auto"/>.</param>
/// <param name="whyNotReplayed">Why agents of a definition, all or a part of them, cannot handle all their events again, or null.</param>
public sealed class MoveChooser(IGuestFactory guests, IReadOnlyDictionary<string, MoveRequest> requests, Func<string, AgentPart?, string?> whyNotReplayed)
{
    /// <summary>Stands for all definitions that are not named.</summary>
    public const string All = "*";

    /// <summary>Chooses.</summary>
    /// <param name="before">The definition before.</param>
    /// <param name="after">The definition after.</param>
    /// <param name="part">Whose state is moved; null for all agents of the definition.</param>
    /// <returns>The way and null, or null and one sentence that says why there is none.</returns>
    public (PlannedMove? Move, string? Problem) Choose(AgentDefinition before, AgentDefinition after, AgentPart? part = null)
    {
        var request = requests.TryGetValue(after.Name, out var named) ? named : requests.GetValueOrDefault(All);
        try
        {
            var (from, to) = (guests.TraitsOf(before), guests.TraitsOf(after));
            if (request == MoveRequest.None) return (new PlannedMove(after.Name, null, from.Version, to.Version, "as asked for") { Part = part }, null);
            var (way, why) = Cheapest(request, before, after, from, to, part);
            return way is null
                ? (null, $"The state of agent '{after.Name}' cannot be moved to its new definition, {why}. Choose another way, or state = none to begin anew.")
                : (new PlannedMove(after.Name, way, from.Version, to.Version, why) { Part = part }, null);
        }
        catch (GuestRefusedException e)
        {
            return (null, $"The state of agent '{after.Name}' cannot be moved to its new definition: {e.Message}");
        }
    }

    /// <summary>Why there is no way at all from one definition to another, whatever was asked for: a few words, or null if there is one.</summary>
    /// <param name="before">The definition before.</param>
    /// <param name="after">The definition after.</param>
    internal string? WhyNotMoved(AgentDefinition before, AgentDefinition after)
    {
        try
        {
            var (way, why) = Cheapest(MoveRequest.Auto, before, after, guests.TraitsOf(before), guests.TraitsOf(after), null);
            return way is null ? why : null;
        }
        catch (GuestRefusedException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    /// <returns>The way and why it is one; or null, and why each is none.</returns>
    private (MoveWay? Way, string Why) Cheapest(MoveRequest request, AgentDefinition before, AgentDefinition after, GuestTraits from, GuestTraits to, AgentPart? part)
    {
        var tried = new List<string>();
        foreach (var way in Ways(request))
        {
            var (why, whyNot) = Try(way, before, after, from, to, part);
            if (whyNot is null) return (way, why!);
            tried.Add($"not by {Word(way)}: {whyNot}");
        }
        return (null, string.Join("; ", tried));
    }

    /// <summary>The word for a way in plans and events.</summary>
    public static string Word(MoveWay? way) => way?.ToString().ToLowerInvariant() ?? "none";

    private static MoveWay[] Ways(MoveRequest request) => request == MoveRequest.Auto
        ? [MoveWay.Layout, MoveWay.Migrate, MoveWay.Save, MoveWay.Replay]
        : [(MoveWay)(request - MoveRequest.Layout)];

    private (string? Why, string? WhyNot) Try(MoveWay way, AgentDefinition before, AgentDefinition after, GuestTraits from, GuestTraits to, AgentPart? part) => way switch
    {
        MoveWay.Layout when before.ModuleHash == after.ModuleHash && before.Kind == after.Kind => ("the same module", null),
        MoveWay.Layout when from.Layout is null || to.Layout is null => (null, $"the {(from.Layout is null ? "old" : "new")} module does not say how it lays out its state (mesh_layout)"),
        MoveWay.Layout when from.Layout != to.Layout => (null, $"mesh_layout is {from.Layout} in the old module and {to.Layout} in the new one"),
        MoveWay.Layout => ($"same mesh_layout {to.Layout}", guests.WhyNotTakenOver(before, after)),
        MoveWay.Migrate when !to.Migrates => (null, "the new module exports no mesh_migrate"),
        MoveWay.Migrate => ($"mesh_migrate from version {from.Version}", guests.WhyNotTakenOver(before, after)),
        MoveWay.Save when !from.Saves || !to.Loads => (null, from.Saves ? "the new module exports no mesh_load" : "the old module exports no mesh_save"),
        MoveWay.Save => ("mesh_save and mesh_load", null),
        _ => ("all its events are handled again", whyNotReplayed(after.Name, part)),
    };
}
