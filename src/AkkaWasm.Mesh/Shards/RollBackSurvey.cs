using System.Collections.Immutable;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Mesh.Shards;

/// <summary>
/// What the log says of the agents of a definition since it was changed: the states that they had at the change, and what they have done since. Give it
/// the shard as it was before the change, then all committed records from the change on, in their order.
/// </summary>
public sealed class RollBackSurvey
{
    private readonly SortedDictionary<int, AgentSince> agents = [];
    private readonly Dictionary<long, LineageMove> moves = [];
    private readonly string definition;
    private readonly KeyShare? share;

    /// <summary>Begins.</summary>
    /// <param name="request">What is to be found out.</param>
    /// <param name="before">The shard as it was before the change.</param>
    public RollBackSurvey(PlanRollBack request, ShardCut before)
    {
        (Request, definition, share) = (request, request.Definition, request.Share);
        foreach (var entry in before.State.Agents.Of(definition).Where(a => share?.Includes(a.Name) != false))
        {
            agents[entry.Number] = new AgentSince(entry.Number, before.AgentAt(entry.Number), entry.Init, [.. entry.Pending.ToArray()], request.Since);
            agents[entry.Number].Fired.AddRange(entry.FiredTimers.All.Select(f => (f.Key, f.Value)));
            foreach (var move in entry.Moves) moves[move.Input] = move;
        }
    }

    /// <summary>What was asked for.</summary>
    public PlanRollBack Request { get; }

    /// <summary>Takes the next record in.</summary>
    public void Take(LogRecord record)
    {
        switch (record)
        {
            case AgentRecord { Change: AgentChange.Born or AgentChange.Forked } born when born.Definition == definition && share?.Includes(born.Name) != false:
                agents[born.Agent] = new AgentSince(born.Agent, null, Position.None, [], Request.Since) { IsFork = born.Change == AgentChange.Forked };
                break;
            case LineageRecord lineage:
                foreach (var move in lineage.Moves) moves[move.Input] = move;
                break;
            case PastRecord past when past.Definition == definition:
                foreach (var (number, offsets) in past.Deliveries)
                    if (agents.TryGetValue(number, out var brought)) brought.Bring(offsets);
                break;
        }
        if (AgentOf(record) is >= 0 and var agent && agents.TryGetValue(agent, out var since)) since.Take(record);
        else if (record is EventRecord { Event: { Origin: EventOrigin.Reply } reply })
            foreach (var asker in agents.Values) asker.TakeAnswer(reply);
    }

    /// <summary>Whether it is up to date for an agent.</summary>
    internal bool Knows(AgentEntry entry) => agents.TryGetValue(entry.Number, out var since) && since.Incarnation == entry.Incarnation && since.TurnsRecorded == entry.Turns;

    /// <summary>The older definition that an agent ran under at the change; null for none.</summary>
    internal AgentDefinition? RunsAsOf(int agent)
    {
        if (!agents.TryGetValue(agent, out var since)) return null;
        if (!since.IsFork || !since.Lineages.TryGetValue(1, out var lineage)) return since.Was?.RunsAs;
        return (lineage.Image?.Agent ?? (lineage.Turns is [var first, ..] ? first.Agent : -1)) is var origin && origin != agent ? RunsAsOf(origin) : null;
    }

    /// <summary>How an agent comes back to the state that it had at the change; of one that is not known, nothing is to be undone.</summary>
    internal RewindPlan PlanOf(int agent)
    {
        if (!agents.TryGetValue(agent, out var since)) return new RewindPlan { Incarnation = 1, TurnsRecorded = 0, Turns = [], LastInput = Position.None };
        var (image, turns, inherited) = since.IsFork ? OfOrigin(since) : (since.Was?.Image, since.Was is { } was ? [.. was.Tail] : [], []);
        var gone = since.Gone;
        return new RewindPlan
        {
            Incarnation = since.Incarnation, TurnsRecorded = since.TurnsRecorded, Image = image, Turns = [.. turns], IsWhole = true,
            LastInput = turns is [.., var last] ? last.Input : image?.Input ?? Position.None, ForgetFrom = Request.Since,
            Reported = since.Was?.Reported, Due = since.IsFork ? null : DueAtTheChange(since.Was),
            Moves = [.. turns.Select(t => moves.GetValueOrDefault(t.Input)).OfType<LineageMove>()],
            Since = [.. since.Handled.Union(inherited).Except(gone).Order()], TakenBack = [.. gone.Except(since.Handled).Order()],
            Fired = [.. since.Fired.Where(f => !gone.Contains(f.Offset))], HasStarted = since.HasStarted || inherited.Count > 0,
            EmittedSince = since.EmittedCount, Emitted = [.. since.Emitted],
        };
    }

    /// <summary>A move that was to come at the change is to come again: nobody knows yet whether it can be made.</summary>
    private static LineageMove? DueAtTheChange(AgentBeginning? was) => was?.Moves is [.., var last] && was.Tail.All(t => t.Input != last.Input) ? last : null;

    /// <summary>A fork that was made since the change goes back to what its origin was at the change, and handles again what its origin had handled until then.</summary>
    private (LineageImage? Image, List<LineageTurn> Turns, HashSet<long> Inherited) OfOrigin(AgentSince fork)
    {
        var (image, path) = PathOf(fork.Agent, 1, Position.None);
        var swap = path.FindIndex(turn => turn.Input > Request.Since && moves.ContainsKey(turn.Input));
        if (swap >= 0) return (image, path[..swap], [.. path[(swap + 1)..].Select(t => t.Input)]);
        return image is null && path is [var first, ..] && first.Input > Request.Since ? (null, [], [.. path.Skip(1).Select(t => t.Input)]) : (image, path, []);
    }

    /// <summary>The turns of a life up to an event, as far back as the change, with those that it goes on from.</summary>
    private (LineageImage? Image, List<LineageTurn> Turns) PathOf(int agent, int incarnation, long input)
    {
        if (!agents.TryGetValue(agent, out var since)) return (null, []);
        var (image, turns) = since.Lineages.TryGetValue(incarnation, out var lineage) ? Inherited(lineage)
            : since.Was is { } was && was.Incarnation == incarnation ? (was.Image, [.. was.Tail])
            : (null, []);
        if (input == Position.None) return (image, turns);
        turns.AddRange(since.Turns.Where(t => t.Incarnation == incarnation));
        return (image, turns[..(turns.FindLastIndex(t => t.Input == input) + 1)]);
    }

    private (LineageImage? Image, List<LineageTurn> Turns) Inherited(LineageRecord lineage)
    {
        if (lineage.Image is not { } image) return (null, [.. lineage.Turns]);
        var (from, path) = PathOf(image.Agent, image.Incarnation, image.Input);
        if (path.Count == 0) return (image, [.. lineage.Turns]);
        path.AddRange(lineage.Turns);
        return (from, path);
    }

    private static int AgentOf(LogRecord record) => record switch
    {
        AgentRecord r => r.Agent,
        LineageRecord r => r.Agent,
        TurnRecord r => r.Agent,
        TimerRecord r => r.Agent,
        EventRecord { Event: { Origin: not EventOrigin.Reply } e } => e.Agent,
        _ => -1,
    };

    /// <summary>One agent since the change.</summary>
    private sealed class AgentSince(int agent, AgentBeginning? was, long init, HashSet<long> pending, long since)
    {
        private readonly HashSet<long> starts = init >= 0 ? [init] : [];
        private readonly HashSet<long> asked = [];
        private readonly List<(long Offset, long Handle)> answers = [];
        private bool awaitsStart;

        public int Agent => agent;

        /// <summary>What it was at the change; null if it came to be since.</summary>
        public AgentBeginning? Was => was is { Stopped: false } ? was : null;

        public bool IsFork { get; init; }

        public int Incarnation { get; private set; } = was?.Incarnation ?? 1;

        public long TurnsRecorded { get; private set; } = was?.Turns ?? 0;

        /// <summary>Whether it made a turn 0 since.</summary>
        public bool HasStarted { get; private set; }

        /// <summary>The events that it handled since, turns 0 and moves left out, and those that the state at the change contains.</summary>
        public HashSet<long> Handled { get; } = [];

        /// <summary>Its successful turns since.</summary>
        public List<LineageTurn> Turns { get; } = [];

        public Dictionary<int, LineageRecord> Lineages { get; } = [];

        /// <summary>Timers of its own on its private topic that had fired at the change and waited for it, or did since.</summary>
        public List<(long Timer, long Offset)> Fired { get; } = [];

        public int EmittedCount { get; private set; }

        public List<long> Emitted { get; } = [];

        /// <summary>Events that only answer what was asked for since.</summary>
        public HashSet<long> Gone => [.. answers.Where(a => asked.Contains(a.Handle)).Select(a => a.Offset)];

        /// <summary>Events from before the change that came since, because the agent subscribes to them from then on.</summary>
        public void Bring(ImmutableArray<long> offsets) => pending.UnionWith(offsets);

        public void Take(LogRecord record)
        {
            switch (record)
            {
                case AgentRecord change:
                    Incarnation = change.Incarnation;
                    awaitsStart = change.Change is AgentChange.Born or AgentChange.Reset or AgentChange.Replaced;
                    break;
                case LineageRecord lineage:
                    Lineages[Incarnation] = lineage;
                    awaitsStart = lineage.Begins is not null || lineage.BeginsAnew;
                    break;
                case TurnRecord turn:
                    Take(turn);
                    break;
                case TimerRecord timer:
                    asked.Add(timer.Timer);
                    break;
                case EventRecord { Event: var e }:
                    Take(e);
                    break;
            }
        }

        public void TakeAnswer(MeshEvent reply)
        {
            if (reply.Agent == agent) Take(reply);
            if (asked.Contains(reply.Correlation)) answers.Add((reply.Offset, reply.Correlation));
        }

        private void Take(TurnRecord turn)
        {
            TurnsRecorded++;
            if (turn.Fault is not null) return;
            Turns.Add(new LineageTurn(agent, turn.Incarnation, turn.Input, turn.Digest));
            if (starts.Contains(turn.Input)) HasStarted = true;
            else if (turn.Input > since || pending.Contains(turn.Input)) Handled.Add(turn.Input);
        }

        private void Take(MeshEvent e)
        {
            if (e.Origin == EventOrigin.Lifecycle && awaitsStart)
            {
                starts.Add(e.Offset);
                awaitsStart = false;
            }
            if (e.Origin == EventOrigin.Timer)
            {
                answers.Add((e.Offset, e.Correlation));
                if (e.Subject is null && AgentName.TryInbox(e.Topic, out _, out _)) Fired.Add((e.Correlation, e.Offset));
            }
            if (e.Origin is not (EventOrigin.Emitted or EventOrigin.Direct or EventOrigin.Request or EventOrigin.Reply)) return;
            EmittedCount++;
            if (Emitted.Count < RewindPlan.MaxListed) Emitted.Add(e.Offset);
        }
    }
}
