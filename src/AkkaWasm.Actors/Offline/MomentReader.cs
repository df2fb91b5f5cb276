using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Offline;

/// <summary>Brings agents into the state that they had before some turn of their history, and describes it.</summary>
/// <param name="stores">Where images are.</param>
internal sealed class MomentReader(LogStores stores)
{
    /// <summary>The state of an agent before a turn, in one of its lives.</summary>
    /// <param name="history">Its history.</param>
    /// <param name="life">Moves along it.</param>
    /// <param name="end">The turn, or the number of turns.</param>
    /// <param name="incarnation">The life.</param>
    /// <param name="describe">Whether the state is described and captured, or only hashed.</param>
    public AgentMoment Read(AgentHistory history, ReplayLife life, int end, int incarnation, bool describe)
    {
        var (last, lastInput, successes, failures) = (Position.None, history.InheritedInput(incarnation), 0, 0);
        foreach (var turn in history.Turns.Take(end).Select(t => t.Record).Where(t => t.Incarnation == incarnation))
        {
            last = turn.Offset;
            if (turn.Fault is null) (lastInput, successes) = (turn.Input, successes + 1);
            else failures++;
        }
        var moment = new AgentMoment
        {
            Agent = history.NameIn(incarnation), Definition = history.Definition, Incarnation = incarnation, LastInput = lastInput,
            LastTurn = last, Turns = successes, Failures = failures,
        };
        if (lastInput == Position.None) return moment;
        var (runner, from) = Reach(history, life, end, incarnation, moment.LastInput);
        moment = moment with { FromImage = from, Hash = runner.Hash() };
        if (!describe || life.Capture() is not { } image) return moment;
        return moment with { Image = image, State = (life.Setting.Guests as IGuestInspection)?.Describe(life.Setting.Definition, image.Guest) };
    }

    /// <summary>Brings a life into the state before a turn: from the newest image that gives the state that its hash says; otherwise from its first turn.</summary>
    /// <param name="history">The agent's history.</param>
    /// <param name="life">Moves along it.</param>
    /// <param name="end">The turn, or the number of turns.</param>
    /// <param name="incarnation">The life.</param>
    /// <param name="upTo">Offset of the last event in the state.</param>
    /// <returns>The agent there, and the offset of the last event in the image that it was rebuilt from, or <see cref="Position.None"/>.</returns>
    public (AgentRunner Runner, long From) Reach(AgentHistory history, ReplayLife life, int end, int incarnation, long upTo)
    {
        while (SavedImages.Latest(stores, history.NameIn(incarnation), incarnation, upTo) is { } image)
        {
            upTo = image.Input - 1;
            if (!life.LeadsTo(image, end, incarnation) || !IsSound(history, life, end, incarnation, image)) continue;
            return (life.JumpBefore(end, incarnation, image), image.Input);
        }
        return (life.JumpBefore(end, incarnation, null), Position.None);
    }

    private static bool IsSound(AgentHistory history, ReplayLife life, int end, int incarnation, AgentImage image)
    {
        if (history.Images.TryGetValue((incarnation, image.Input), out var recorded) && recorded != image.Hash) return false;
        try
        {
            var after = history.Turns.FindIndex(t => t.Record.Incarnation == incarnation && t.Record.Fault is null && t.Record.Input == image.Input) + 1;
            return life.JumpBefore(Math.Min(after, end), incarnation, image).Hash() == image.Hash;
        }
        catch (Exception e) when (e is ImageCorruptException or ReplayDivergedException)
        {
            return false;
        }
    }
}
