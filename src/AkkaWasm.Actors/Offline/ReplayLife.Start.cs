using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <content>Where a life is rebuilt from: its first turn, or, where the log does not have that any more, the oldest saved image that leads on.</content>
internal sealed partial class ReplayLife
{
    private readonly Dictionary<int, AgentImage?> starts = [];

    /// <summary>Whether an image is one that the state before a turn can be rebuilt from, with what the log has.</summary>
    public bool LeadsTo(AgentImage from, int index, int incarnation) => After(from, index, incarnation) is not null;

    /// <summary>The first of all turns that can be run again in a life, an index; turns before it led to the image that the life is rebuilt from.</summary>
    public int FirstTurn(int incarnation)
    {
        if (StartOf(incarnation) is not { } start) return 0;
        return history.Turns.FindIndex(t => t.Record.Fault is null && t.Record.Incarnation == incarnation && t.Record.Input == start.Input && start.Incarnation == incarnation) + 1;
    }

    private AgentRunner FromStart(int index)
    {
        var start = StartOf(Incarnation);
        var turns = start is null ? history.Path(Incarnation, index, survey.Find).Turns : After(start, index) ?? throw BeginsLater(
            $"There is no state of agent '{history.Name}' as old as that any more: the oldest is after the event at offset {start.Input}");
        return Rebuild(start, turns, index);
    }

    private IEnumerable<LineageTurn>? After(AgentImage from, int index) => After(from, index, Incarnation);

    /// <summary>The turns from an image on to the state before a turn; null if the image is none of that way, or the log does not have them.</summary>
    private IEnumerable<LineageTurn>? After(AgentImage from, int index, int incarnation)
    {
        var path = history.Path(incarnation, index, survey.Find);
        var isFirst = path.From is { } first && first.Input == from.Input && first.Incarnation == from.Incarnation && survey.Names.NameIn(first.Agent, first.Incarnation) == from.Agent;
        var turns = path.After(t => t.Input == from.Input && t.Incarnation == from.Incarnation && survey.Names.NameIn(t.Agent, t.Incarnation) == from.Agent) ?? (isFirst ? path.Turns : null);
        if (turns is null || LineagePath.NeedsFirstTurn(MovesAmong(turns))) return null;
        return turns.All(t => t.Input >= survey.Beginning.Offset) ? turns : null;
    }

    /// <summary>The oldest image that the end of a life can be rebuilt from; null where its first turn is in the log.</summary>
    /// <exception cref="LogBeginsLaterException">There is none.</exception>
    private AgentImage? StartOf(int incarnation)
    {
        if (starts.TryGetValue(incarnation, out var known)) return known;
        var path = history.Path(incarnation, history.Turns.Count, survey.Find);
        if (path.From is null && path.Turns.All(t => t.Input >= survey.Beginning.Offset)) return starts[incarnation] = null;
        IEnumerable<LineageImage> lives = path.Turns.Select(t => new LineageImage(t.Agent, t.Incarnation, t.Input, default));
        foreach (var life in (path.From is { } first ? lives.Prepend(first) : lives).DistinctBy(t => (t.Agent, t.Incarnation)))
            foreach (var image in SavedImages.From(stores, survey.Names.NameIn(life.Agent, life.Incarnation), life.Incarnation, life.Input))
                if (After(image, history.Turns.Count, incarnation) is not null) return starts[incarnation] = image;
        throw BeginsLater($"Of agent '{history.Name}' there is no snapshot from which the log leads on, and its first turn is not in the log any more");
    }

    private LogBeginsLaterException BeginsLater(string what) => new($"{what}; {LogBeginningText.Of(survey.Beginning)}.", survey.Beginning);
}
