using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// What the log says of the lives of one agent: of which turns each of its states is made. Give it all records in their order with <see cref="Take"/>;
/// those about others are passed over.
/// </summary>
/// <param name="agent">Number of the agent.</param>
public sealed partial class AgentLives(int agent)
{
    private readonly SortedDictionary<int, Life> lives = [];
    private readonly Dictionary<long, long> asked = []; // timers and requests with the offset where they were recorded
    private readonly List<(long Offset, long Handle, bool IsTimer)> answers = []; // what came of them
    private readonly List<long> emitted = [];
    private readonly List<ImageRecord> images = [];
    private readonly Dictionary<long, LineageMove> moves = [];
    private readonly List<(long Offset, long Input)> failed = [];

    /// <summary>Number of the agent.</summary>
    public int Agent => agent;

    /// <summary>Its last incarnation, 0 before it was born.</summary>
    public int Incarnation { get; private set; }

    /// <summary>All its turns, failed ones included.</summary>
    public long TurnsRecorded { get; private set; }

    /// <summary>Begins with what is known of the agent where the log begins, before its first record.</summary>
    public void Begin(AgentBeginning beginning)
    {
        (Incarnation, TurnsRecorded) = (beginning.Incarnation, beginning.Turns);
        foreach (var move in beginning.Moves) moves[move.Input] = move;
        var life = new Life { IsCut = true, Before = beginning.Image, IsWhole = beginning.IsWhole };
        life.Due = beginning.Moves is [.., var last] && beginning.Tail.All(t => t.Input != last.Input) ? last : null;
        life.Turns.AddRange(beginning.Tail.Select(turn => (Position.None, turn)));
        if (beginning.Reported is { } said) life.Words.Add(said);
        if (!beginning.Stopped) lives[beginning.Incarnation] = life;
    }

    /// <summary>Whether the first rows of the log were removed, so that not every state can be traced to a turn 0.</summary>
    public bool LogIsCut { get; init; }

    /// <summary>The image that stands before a turn with which the turns of some state begin, or null.</summary>
    public LineageImage? ImageBefore(LineageTurn first)
    {
        foreach (var life in lives.Values)
        {
            if (life.Before is not null && life.Turns is [var beginning, ..] && beginning.Turn == first) return life.Before;
            var after = life.Lineage is { Turns: [var inherited, ..] } ? inherited : life.Turns.Select(t => (LineageTurn?)t.Turn).FirstOrDefault();
            if (life.Lineage?.Image is { } image && after == first) return image;
        }
        return null;
    }

    /// <summary>The moves from one definition to the next that the log of this agent has.</summary>
    public IReadOnlyCollection<LineageMove> Moves => moves.Values;

    /// <summary>Takes the next record of the log in.</summary>
    public void Take(LogRecord record)
    {
        switch (record)
        {
            case EventRecord { Event: var e }:
                Note(e);
                break;
            case TurnRecord turn when turn.Agent == agent:
                TurnsRecorded++;
                if (turn.Fault is not null) failed.Add((turn.Offset, turn.Input));
                else LifeOf(turn.Incarnation).Turns.Add((turn.Offset, new LineageTurn(agent, turn.Incarnation, turn.Input, turn.Digest)));
                break;
            case AgentRecord change when change.Agent == agent:
                Incarnation = change.Incarnation;
                if (change.Change != AgentChange.Stopped) lives[change.Incarnation] = new Life();
                break;
            case LineageRecord lineage when lineage.Agent == agent:
                if (!lineage.BeginsAnew) (LifeOf(Incarnation).Lineage, LifeOf(Incarnation).Due) = (lineage, lineage.Begins);
                foreach (var move in lineage.Moves) moves[move.Input] = move;
                break;
            case TimerRecord timer when timer.Agent == agent:
                asked[timer.Timer] = timer.Offset;
                break;
            case HealthRecord { Signal: HealthSignal.Guest } said when said.Agent == agent:
                LifeOf(Incarnation).Words.Add(new HealthStatement(said.Signal, said.Level, said.Reason, said.Offset, said.AtNs));
                break;
            case ImageRecord image when image.Agent == agent:
                images.Add(image);
                break;
            case MeshRewindRecord back:
                Undo(back.To);
                break;
        }
    }

    /// <summary>The turns that the state after an event is made of, from turn 0 on.</summary>
    /// <param name="incarnation">The life whose state it is.</param>
    /// <param name="input">Offset of the last event in the state; null for the last of the life.</param>
    /// <param name="ofOther">Gives the same for another agent, by number, incarnation and input, whose image a life of this one began from.</param>
    /// <returns>The turns, or null if that life has not handled the event.</returns>
    public List<LineageTurn>? Turns(int incarnation, long? input, Func<LineageImage, List<LineageTurn>?> ofOther)
    {
        if (!lives.TryGetValue(incarnation, out var life) || Inherited(life, ofOther) is not { } turns) return null;
        turns.AddRange(life.Turns.Select(t => t.Turn));
        if (input is null) return turns;
        var last = turns.FindLastIndex(t => t.Input == input);
        return last < 0 ? null : turns[..(last + 1)];
    }

    /// <summary>Says how the agent comes back to an older state of its present life, or of one before.</summary>
    /// <param name="target">How far.</param>
    /// <param name="ofOther">As for <see cref="Turns"/>.</param>
    /// <exception cref="RewindRefusedException">There is no such state.</exception>
    public RewindPlan Plan(RewindTarget target, Func<LineageImage, List<LineageTurn>?> ofOther)
    {
        var (turns, swap) = target.PreviousVersion ? BeforeTheLastMove(ofOther) : (target.To is { } to ? Until(to, ofOther) : Back(target, ofOther), null);
        var from = RecordedAt(turns[^1]) + 1;
        var undone = lives.Values.SelectMany(l => l.Handled).Where(t => t.Offset >= from).ToList();
        var begin = undone.Count == 0 ? long.MaxValue : undone.Min(t => t.Offset);
        HashSet<long> gone = [.. answers.Where(a => asked.TryGetValue(a.Handle, out var at) && at >= begin).Select(a => a.Offset)];
        HashSet<long> handled = [.. undone.Select(t => t.Turn.Input)];
        var since = emitted.Where(offset => offset >= begin).ToList();
        return new RewindPlan
        {
            Moves = [.. turns.Select(t => moves.GetValueOrDefault(t.Input)).OfType<LineageMove>()],
            Reported = ReportedAfter(turns[^1]), IsWhole = IsFirst(turns[0]), Before = ImageBefore(turns[0]),
            Fired = [.. answers.Where(a => a.IsTimer && handled.Contains(a.Offset) && !gone.Contains(a.Offset)).Select(a => (a.Handle, a.Offset))],
            Agent = agent, Incarnation = Incarnation, TurnsRecorded = TurnsRecorded, Turns = [.. turns], LastInput = turns[^1].Input, ForgetFrom = begin,
            Since = [.. handled.Where(input => !gone.Contains(input)).Order()], TakenBack = [.. gone.Where(offset => !handled.Contains(offset)).Order()],
            EmittedSince = since.Count, Emitted = [.. since.Take(RewindPlan.MaxListed)],
            Version = swap?.From, FailedSince = swap is null ? [] : [.. failed.Where(f => f.Offset > swap.Input).Select(f => f.Input).Distinct().Order()],
        };
    }

    /// <summary>What the guest had said last when a turn was done; what a life had said that it goes on from is recorded with its beginning.</summary>
    private HealthStatement? ReportedAfter(LineageTurn turn)
    {
        if (turn.Agent != agent || !lives.TryGetValue(turn.Incarnation, out var life)) return null;
        var next = life.Turns.FindIndex(t => t.Turn == turn) + 1;
        var until = next < life.Turns.Count ? life.Turns[next].Offset : long.MaxValue;
        return life.Words.FindLast(w => w.Offset < until);
    }

    /// <summary>The mesh went back: what was recorded since counts no more, as if the agent had not done it.</summary>
    private void Undo(long to)
    {
        answers.RemoveAll(a => a.Offset > to);
        emitted.RemoveAll(offset => offset > to);
        images.RemoveAll(image => image.Offset > to);
        failed.RemoveAll(f => f.Offset > to);
        foreach (var life in lives.Values)
        {
            life.LastCounted = Math.Min(life.LastCounted, to);
            life.Words.RemoveAll(word => word.Offset > to);
        }
    }

    private void Note(MeshEvent e)
    {
        if (e.Origin == EventOrigin.Timer && e.Agent == agent) answers.Add((e.Offset, e.Correlation, e.Subject is null && AgentName.TryInbox(e.Topic, out _, out _)));
        else if (e.Origin == EventOrigin.Reply && asked.ContainsKey(e.Correlation)) answers.Add((e.Offset, e.Correlation, false));
        if (e.Agent == agent && e.Origin is (EventOrigin.Emitted or EventOrigin.Direct or EventOrigin.Request or EventOrigin.Reply)) emitted.Add(e.Offset);
    }

    /// <summary>Whether a turn is a turn 0, as far as the log of this agent says. Turns of another agent were whole when they were taken over.</summary>
    public bool IsFirst(LineageTurn turn)
    {
        if (LogIsCut && ImageBefore(turn) is not null) return false;
        return turn.Agent != agent || lives.Values.Any(l => l is { IsWhole: true, Turns: [var beginning, ..] } && beginning.Turn == turn)
            || (lives.TryGetValue(turn.Incarnation, out var life) && life is { IsCut: false, Lineage: null, Turns: [var first, ..] } && first.Turn == turn);
    }

    /// <summary>A life of which the log does not have the beginning any more is known by its turns only.</summary>
    private Life LifeOf(int incarnation)
    {
        if (!lives.TryGetValue(incarnation, out var life)) lives[incarnation] = life = new Life { IsCut = true };
        return life;
    }

    private List<LineageTurn>? Inherited(Life life, Func<LineageImage, List<LineageTurn>?> ofOther)
    {
        if (life.Lineage is not { } lineage) return [];
        if (lineage.Image is not { } image) return [.. lineage.Turns];
        var before = image.Agent == agent ? Turns(image.Incarnation, image.Input, ofOther) : ofOther(image);
        if (before is null && LogIsCut) before = [];
        before?.AddRange(lineage.Turns);
        return before;
    }

    private List<LineageTurn> Until(long to, Func<LineageImage, List<LineageTurn>?> ofOther)
    {
        foreach (var incarnation in lives.Keys.Reverse())
            if (Turns(incarnation, null, ofOther)?.TakeWhile(t => t.Input <= to).ToList() is { Count: > 0 } turns) return turns;
        throw new RewindRefusedException($"No state of the agent is as old as offset {to}: its first turn is on the event at {lives.Values.SelectMany(l => l.Turns).Select(t => t.Turn.Input).FirstOrDefault(Position.None)}.");
    }

    private List<LineageTurn> Back(RewindTarget target, Func<LineageImage, List<LineageTurn>?> ofOther)
    {
        if (target.Snapshots > 0)
        {
            if (images.Count < target.Snapshots) throw new RewindRefusedException($"The agent has {images.Count} snapshots, {target.Snapshots} are wanted; go back by turns or to a position.");
            var image = images[^target.Snapshots];
            return Turns(image.Incarnation, image.Input, ofOther) ?? throw new RewindRefusedException($"The turns of the agent up to its snapshot at {image.Input} are not in the log any more.");
        }
        if (Turns(Incarnation, null, ofOther) is not { Count: > 0 } turns) throw new RewindRefusedException("The agent has made no turn yet, so that there is no state to go back to.");
        return turns.Count > target.Turns || IsFirst(turns[0])
            ? turns[..Math.Max(1, turns.Count - target.Turns)]
            : throw new RewindRefusedException($"The log has {turns.Count} turns of the agent only, and not its first one; go back by fewer than {target.Turns}.");
    }

    /// <summary>Where a turn was recorded; one of another agent, where it was taken over.</summary>
    private long RecordedAt(LineageTurn turn)
    {
        foreach (var (offset, known) in lives.Values.SelectMany(l => l.Turns))
            if (known == turn) return offset;
        // A turn 0 may stand behind events that waited for it: then its event is later than the last one of what was taken over.
        return (lives.Values.FirstOrDefault(l => l.Lineage is { } lineage && lineage.LastInput >= turn.Input) ?? lives.Values.First(l => l.Lineage is not null)).Lineage!.Offset;
    }

    private sealed class Life
    {
        public LineageRecord? Lineage { get; set; }

        public bool IsCut { get; init; }

        /// <summary>The image before its turns, where the log begins in the midst of it.</summary>
        public LineageImage? Before { get; init; }

        /// <summary>Whether its turns begin with a turn 0 though the log begins in the midst of it.</summary>
        public bool IsWhole { get; init; }

        /// <summary>The move that its first turn is, or null.</summary>
        public LineageMove? Due { get; set; }

        public List<(long Offset, LineageTurn Turn)> Turns { get; } = [];

        /// <summary>What the guest said of its health, as far as it differed from what it had said before.</summary>
        public List<HealthStatement> Words { get; } = [];

        /// <summary>Turns that were recorded after this offset were undone with the whole mesh.</summary>
        public long LastCounted { get; set; } = long.MaxValue;

        /// <summary>Without turn 0, or the turn that moved the state, which belongs to its life, and what was undone with the whole mesh.</summary>
        public IEnumerable<(long Offset, LineageTurn Turn)> Handled =>
            ((Lineage is null && (!IsCut || IsWhole)) || (Lineage?.Begins is { } move && Turns is [var first, ..] && first.Turn.Input == move.Input) ? Turns.Skip(1) : Turns)
            .TakeWhile(t => t.Offset <= LastCounted);
    }
}
