using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Knows of every life of which turns its state is made, from the log alone. Who goes back, or begins with the state of another, begins with just the
/// turns that were asked for; what it had handled since it handles again or not, as was asked.
/// </summary>
internal sealed class LineageChecker : Checker
{
    public override string Promise => "who goes back is what it was";

    public override void Check(History history)
    {
        var walk = new Walk(history, this);
        foreach (var record in history.Records) walk.Take(record);
        walk.Settle();
    }

    /// <summary>A turn in the state of a life, and where it was recorded.</summary>
    private readonly record struct Step(int Agent, int Incarnation, long Input, long Recorded);

    private sealed class Agent
    {
        public int Incarnation { get; set; } = 1;

        public bool Stopped { get; set; }

        /// <summary>The names that it has and had.</summary>
        public HashSet<string> Names { get; } = [];

        public AgentChange Change { get; set; }

        public List<(int Incarnation, long Input, long Recorded)> Images { get; set; } = [];
    }

    private sealed class Walk(History history, LineageChecker checker)
    {
        private readonly List<(Agent State, string Name, string Definition)> agents = [];
        private readonly Dictionary<(int Agent, int Incarnation), List<Step>> lives = [];
        private readonly Dictionary<long, (int Incarnation, int Turns, bool Stopped)[]> then = [];
        private readonly Dictionary<long, (int Incarnation, long Input, long Recorded)[][]> imagesThen = [];
        private readonly Dictionary<int, Step[]> toGoBack = [];
        private readonly HashSet<long> due = [];
        private readonly Dictionary<(int Agent, int Incarnation), long> dueOf = [];
        private readonly Dictionary<string, (long Since, Dictionary<int, List<Step>> Were)> watched = [];
        private long lastChange;

        public void Take(LogRecord record)
        {
            switch (record)
            {
                case AgentRecord change: Take(change); break;
                case LineageRecord lineage: Take(lineage); break;
                case MeshRewindRecord back: GoBack(back); break;
                case ImageRecord image: agents[image.Agent].State.Images.Add((image.Incarnation, image.Input, image.Offset)); break;
                case TopologyChangeRecord: lastChange = record.Offset; break;
                case CanaryRecord { Step: CanaryStep.Began } canary: Watch(canary.Definition); break;
                case TurnRecord turn:
                    Settle();
                    if (turn.Fault is null) lives[(turn.Agent, turn.Incarnation)].Add(new Step(turn.Agent, turn.Incarnation, turn.Input, turn.Offset));
                    break;
            }
            if (!history.Cuts.Contains(record.Offset)) return;
            then[record.Offset] = [.. agents.Select((a, i) => (a.State.Incarnation, lives[(i, a.State.Incarnation)].Count, a.State.Stopped))];
            imagesThen[record.Offset] = [.. agents.Select(a => a.State.Images.ToArray())];
        }

        /// <summary>All who were to go back did, before anything else happened.</summary>
        public void Settle() => checker.Require(toGoBack.Count == 0, $"the mesh went back, and not with it: {string.Join(", ", toGoBack.Keys.Select(a => agents[a].Name))}.");

        private void Take(AgentRecord change)
        {
            if (change.Change is AgentChange.Born or AgentChange.Forked) agents.Add((new Agent(), change.Name, change.Definition));
            var state = agents[change.Agent].State;
            agents[change.Agent] = (state, change.Name, change.Definition);
            state.Names.Add(change.Name);
            (state.Incarnation, state.Stopped, state.Change) = (change.Incarnation, change.Stops(state.Stopped), change.Change);
            if (change.Change != AgentChange.Stopped) lives[(change.Agent, change.Incarnation)] = [];
        }

        private void GoBack(MeshRewindRecord back)
        {
            Settle();
            var were = then[back.To];
            for (var i = 0; i < were.Length; i++)
            {
                if (!were[i].Stopped && were[i].Turns > 0 && history.IsDefinedAt(agents[i].Definition, back.Offset)) toGoBack[i] = [.. lives[(i, were[i].Incarnation)].Take(were[i].Turns)];
                agents[i].State.Images = [.. imagesThen[back.To][i]];
            }
            for (var i = were.Length; i < agents.Count; i++) agents[i].State.Images = [];
        }

        private void Take(LineageRecord lineage)
        {
            var (state, name, _) = agents[lineage.Agent];
            var begins = Composed(lineage);
            if (lineage.Begins is { } move)
            {
                due.Add(move.Input);
                dueOf[(lineage.Agent, state.Incarnation)] = move.Input;
            }
            var (allowed, why) = state.Change == AgentChange.Forked ? Forked(name, lineage.Offset)
                : state.Change == AgentChange.Renamed ? ([Before(lineage.Agent, state.Incarnation)], "the state that it had")
                : state.Change == AgentChange.Replaced ? ([[.. Before(lineage.Agent, state.Incarnation).Union(begins.Where(s => s.Recorded == NotYet))]], "the state that it had")
                : history.GoesBackAlone(lineage) ? BeforeTheLastMove(lineage)
                : lineage.RollsBack ? ([WasAtTheChange(lineage.Agent, begins)], "what it was before the change that is taken back")
                : toGoBack.Remove(lineage.Agent, out var was) ? ([was], "the cut that the mesh goes back to") : Rewound(lineage);
            checker.Require(allowed.Any(a => Same(a, begins)), $"'{name}' begins at {lineage.Offset} with the {begins.Count} turns up to {begins.LastOrDefault().Input}, which is not {why}.");
            lives[(lineage.Agent, state.Incarnation)] = begins;
        }

        /// <summary>A turn that moves the state of an agent that sleeps, and is made on the way to a later one.</summary>
        private const long NotYet = -2;

        /// <summary>The state that an agent had before a life of it.</summary>
        private List<Step> Before(int agent, int incarnation)
        {
            while (!lives.ContainsKey((agent, incarnation - 1))) incarnation--;
            return lives[(agent, incarnation - 1)];
        }

        private List<Step> Composed(LineageRecord lineage)
        {
            List<Step> steps = [];
            if (lineage.Image is { } image)
            {
                var life = lives[(image.Agent, image.Incarnation)];
                var last = life.FindLastIndex(s => s.Input == image.Input);
                checker.Require(last >= 0, $"the image at {image.Input} that {lineage.Offset} begins with is of no state of its life.");
                steps.AddRange(life.Take(last + 1));
            }
            foreach (var turn in lineage.Turns)
            {
                var made = lives.GetValueOrDefault((turn.Agent, turn.Incarnation))?.Find(s => s.Input == turn.Input && (s.Agent, s.Incarnation) == (turn.Agent, turn.Incarnation)) ?? default;
                if (made == default && due.Contains(turn.Input)) made = new Step(turn.Agent, turn.Incarnation, turn.Input, NotYet);
                checker.Require(made != default, $"the turn at {turn.Input} that {lineage.Offset} begins with was not made.");
                steps.Add(made);
            }
            return steps;
        }

        private (IEnumerable<IReadOnlyList<Step>> Allowed, string Why) Forked(string name, long offset)
        {
            var request = history.Seen.Requests.Find(r => r.Name == name);
            checker.Require(request is not null, $"the fork '{name}' at {offset} was asked for by nobody.");
            var origin = agents.FindIndex(a => a.Name == request!.Agent);
            return ([Until(origin, request!.To ?? long.MaxValue, request.ReadUpTo)], $"the state of '{request.Agent}' as of {request.To}");
        }

        /// <summary>The newest life that is as old as that, as the log said up to a record.</summary>
        private List<Step> Until(int agent, long to, long known)
        {
            for (var incarnation = agents[agent].State.Incarnation; incarnation > 0; incarnation--)
                if (lives.GetValueOrDefault((agent, incarnation))?.TakeWhile(s => s.Input <= to && s.Recorded <= known).ToList() is { Count: > 0 } steps && HasBegun(agent, incarnation, known)) return steps;
            return [];
        }

        /// <summary>A life that was not in the log yet when it was read is none that could be gone back to.</summary>
        private bool HasBegun(int agent, int incarnation, long known) =>
            history.Records.OfType<AgentRecord>().First(r => r.Agent == agent && r.Incarnation == incarnation && r.Change != AgentChange.Stopped).Offset <= known;

        /// <summary>The policy of the group that the definition of an agent is in.</summary>
        private SupervisionPolicy PolicyOf(LineageRecord lineage)
        {
            var (topology, definition) = (history.Topologies.Last(t => t.From <= lineage.Offset).Topology, agents[lineage.Agent].Definition);
            var group = topology.Agents.Single(d => d.Name == definition).Group;
            return topology.Groups.Single(g => g.Name == group).Supervision;
        }

        /// <summary>An operator asked for it, or the ladder or a rule said so.</summary>
        private (IEnumerable<IReadOnlyList<Step>> Allowed, string Why) Rewound(LineageRecord lineage)
        {
            var policy = PolicyOf(lineage);
            var targets = history.Seen.Requests.Where(r => agents[lineage.Agent].State.Names.Contains(r.Agent ?? "") && r.Target is { PreviousVersion: false }).Select(r => r.Target!);
            targets = targets.Concat(history.Records.OfType<RuleRecord>().Where(r => r.Agent == lineage.Agent && r.Offset < lineage.Offset).Select(r => r.Rewind).OfType<RewindTarget>().Where(t => !t.PreviousVersion));
            if (policy is { Directive: HealingDirective.Rewind, Rewind.PreviousVersion: false }) targets = targets.Append(policy.Rewind);
            return ([.. targets.Distinct().Where(t => Fits(t, lineage)).SelectMany(t => BackBy(lineage, t))], "what anybody asked for");
        }

        /// <summary>The state that the agent had when it got the version that it ran; an operator asked for that, or the ladder or a rule said so.</summary>
        private (IEnumerable<IReadOnlyList<Step>> Allowed, string Why) BeforeTheLastMove(LineageRecord lineage)
        {
            var (state, name, _) = agents[lineage.Agent];
            var isAsked = history.Seen.Requests.Exists(r => state.Names.Contains(r.Agent ?? "") && r.Target is { PreviousVersion: true }) || PolicyOf(lineage).Rewind.PreviousVersion;
            checker.Require(isAsked || history.Records.OfType<RuleRecord>().Any(r => r.Agent == lineage.Agent && r.Offset < lineage.Offset && r.Rewind is { PreviousVersion: true }),
                $"'{name}' goes back to an older version at {lineage.Offset}, and nobody asked for that.");
            var incarnation = state.Incarnation - 1;
            while (!lives.ContainsKey((lineage.Agent, incarnation))) incarnation--;
            var life = lives[(lineage.Agent, incarnation)];
            var isDue = dueOf.TryGetValue((lineage.Agent, incarnation), out var input) && !life.Exists(s => s.Input == input);
            return ([isDue ? life : life[..life.FindLastIndex(s => due.Contains(s.Input))]], "what it was before it got the version that it ran");
        }

        private void Watch(string definition) => watched[definition] = (lastChange, Enumerable.Range(0, agents.Count)
            .Where(i => agents[i].Definition == definition && !agents[i].State.Stopped).ToDictionary(i => i, i => lives[(i, agents[i].State.Incarnation)].ToList()));

        /// <summary>The state that an agent had before the last change of its definition; a fork that was made since, that of its origin, where a move that was to come then may have been made on the way.</summary>
        private List<Step> WasAtTheChange(int agent, List<Step> begins)
        {
            var (since, were) = watched[agents[agent].Definition];
            if (were.TryGetValue(agent, out var known)) return known;
            List<Step> was = lives.TryGetValue((agent, 1), out var first) && IsFork(agent) ? [.. first.TakeWhile(s => s.Recorded < since && s.Agent != agent)]
                : [];
            return [.. was.Union(begins.Where(s => s.Recorded == NotYet || (due.Contains(s.Input) && s.Recorded > since && s.Input < since)))];
        }

        private bool IsFork(int agent) => history.Records.OfType<AgentRecord>().Any(r => r.Agent == agent && r.Change == AgentChange.Forked);

        private static bool Fits(RewindTarget target, LineageRecord lineage) =>
            target.Inputs == RewindInputs.Dropped ? lineage.Again.IsEmpty : lineage.Again.IsEmpty || lineage.Suppressed == (target.Inputs == RewindInputs.Suppressed);

        /// <summary>So many images may have been recorded since it was looked which is how old.</summary>
        private const int ImagesMeanwhile = 8;

        private IEnumerable<List<Step>> BackBy(LineageRecord lineage, RewindTarget target)
        {
            var state = agents[lineage.Agent].State;
            if (target.To is { } to) return [Until(lineage.Agent, to, lineage.Offset - 2)];
            if (target.Snapshots > 0) return state.Images.SkipLast(target.Snapshots - 1).TakeLast(ImagesMeanwhile).Select(image => UpTo(lineage.Agent, image.Incarnation, image.Input));
            var before = Before(lineage.Agent, state.Incarnation);
            return [[.. before.Take(Math.Max(1, before.Count - target.Turns))]];
        }

        private List<Step> UpTo(int agent, int incarnation, long input) => [.. lives[(agent, incarnation)].Take(lives[(agent, incarnation)].FindIndex(s => s.Input == input) + 1)];

        private static bool Same(IReadOnlyList<Step> one, List<Step> other) =>
            one.Count == other.Count && one.Zip(other).All(pair => (pair.First.Agent, pair.First.Incarnation, pair.First.Input) == (pair.Second.Agent, pair.Second.Incarnation, pair.Second.Input));
    }
}
