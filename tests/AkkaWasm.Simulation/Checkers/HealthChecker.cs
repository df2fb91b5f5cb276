using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Whatever a guest says of its health is recorded if it differs from what it said before in its life, and not otherwise; each record is published, unless
/// nothing was to leave the agent. The mesh says something of its own only when that changes, and not too often.
/// </summary>
internal sealed class HealthChecker : Checker
{
    public override string Promise => "health is told when it changes";

    public override void Check(History history)
    {
        var said = new Dictionary<(int Agent, int Incarnation, long Input), List<HealthReported>>();
        foreach (var life in Replays.Of(history))
            foreach (var (turn, again) in life.Turns)
                if (again is { Fault: null }) said[(turn.Agent, turn.Incarnation, turn.Input)] = [.. again.Outputs.OfType<HealthReported>()];
        var walk = new Walk(history, this, said);
        foreach (var record in history.Records) walk.Take(record);
        walk.End();
    }

    private sealed class Agent
    {
        public string Name { get; set; } = "";

        public string Definition { get; set; } = "";

        /// <summary>What it had said last from which offset on.</summary>
        public List<(long From, HealthRecord? Said)> Words { get; } = [];

        public HealthRecord? Reported => Words is [.., var last] ? last.Said : null;

        public HealthRecord? Observed { get; set; }

        public long SuppressedThrough { get; set; } = Position.None;

        /// <summary>Those up to there that had not been handled before.</summary>
        public HashSet<long> Fresh { get; } = [];

        public bool Stopped { get; set; }

        /// <summary>Its life goes on under another name, and all that it said counts.</summary>
        public bool IsRenamed { get; set; }

        /// <summary>What it had said before its definition became another, while that is to be said again.</summary>
        public HealthRecord? BeforeReplaced { get; set; }

        public Queue<bool> Outcomes { get; } = [];
    }

    private sealed class Walk(History history, HealthChecker checker, Dictionary<(int, int, long), List<HealthReported>> said)
    {
        private readonly Dictionary<int, Agent> agents = [];
        private readonly Queue<HealthReported> expected = [];
        private readonly Dictionary<(int Agent, int Incarnation, long Input), HealthRecord?> after = [];
        private TurnRecord? last;
        private MeshRewindRecord? back;

        /// <summary>Those that went back with it; what becomes of them before anybody makes a turn is another way back.</summary>
        private readonly HashSet<int> backWithMesh = [];

        private (int Agent, AgentHealthLevel Level, string Reason)? toRestate;
        private HealthRecord? unpublished;

        public void Take(LogRecord record)
        {
            if (toRestate is { } restated)
            {
                if (record is EventRecord { Event.Origin: EventOrigin.Lifecycle }) return; // what moves the state comes between
                checker.Require(record is HealthRecord { Signal: HealthSignal.Guest } again && (again.Agent, again.Level, again.Reason) == restated,
                    $"agent {restated.Agent} went back to where it had said '{restated.Reason}', and at {record.Offset} it has not.");
                agents[restated.Agent].Words.Add((record.Offset, (HealthRecord)record));
                toRestate = null;
                return;
            }
            switch (record)
            {
                case AgentRecord change: Take(change); break;
                case LineageRecord lineage: Take(lineage); break;
                case MeshRewindRecord back: GoBack(back); break;
                case TurnRecord turn: Take(turn); break;
                case HealthRecord health: Take(health); break;
                case EventRecord { Event: var e }: Take(e); break;
            }
        }

        /// <summary>Nothing is left to be recorded or published, and the mesh at rest knows what was said last.</summary>
        public void End()
        {
            Settle();
            foreach (var (number, agent) in agents)
            {
                var known = history.AtRest[agent.Name].Health;
                checker.Require((known.Reported?.Offset, known.Reported?.Level) == (agent.Reported?.Offset, agent.Reported?.Level), $"'{agent.Name}' ({number}) said '{agent.Reported}' last, and the mesh knows '{known.Reported}'.");
                checker.Require(known.Observed?.Offset == agent.Observed?.Offset, $"the mesh said '{agent.Observed}' last of '{agent.Name}', and knows '{known.Observed}'.");
            }
        }

        private void Settle()
        {
            checker.Require(expected.Count == 0, $"the turn at {last?.Input} of agent {last?.Agent} said {expected.Count} things of its health that are not recorded.");
            checker.Require(unpublished is null, $"'{unpublished}' at {unpublished?.Offset} was not published.");
        }

        private void Take(AgentRecord change)
        {
            if (!agents.TryGetValue(change.Agent, out var agent)) agents[change.Agent] = agent = new Agent();
            (agent.Name, agent.Definition, agent.IsRenamed) = (change.Name, change.Definition, change.Change == AgentChange.Renamed);
            if (agent.IsRenamed) return;
            agent.Stopped = change.Change == AgentChange.Stopped;
            if (agent.Stopped) agent.Observed = null;
            if (agent.Stopped) agent.Outcomes.Clear();
            agent.BeforeReplaced = change.Change == AgentChange.Replaced ? agent.Reported : null;
            agent.Words.Add((change.Offset, null));
        }

        private void Take(LineageRecord lineage)
        {
            var agent = agents[lineage.Agent];
            if (agent.IsRenamed) return;
            var state = lineage.Turns is [.., var turn] ? (turn.Agent, turn.Incarnation, turn.Input) : lineage.Image is { } image ? (image.Agent, image.Incarnation, image.Input) : default;
            var then = back is not null && backWithMesh.Add(lineage.Agent) ? agent.Words.FindLast(w => w.From <= back.To).Said : state.Item1 == lineage.Agent ? after.GetValueOrDefault(state) : null;
            if (agent.BeforeReplaced is { } moved) then = moved;
            if (lineage.RollsBack) then = SaidBy(lineage, state);
            agent.BeforeReplaced = null;
            if (then is not null) toRestate = (lineage.Agent, then.Level, then.Reason);
            agent.Fresh.ExceptWith(lineage.Again);
            agent.Fresh.UnionWith(lineage.Suppressed ? lineage.Fresh : lineage.Again);
            if (lineage is { Suppressed: true, Again: [.., var through] }) agent.SuppressedThrough = Math.Max(agent.SuppressedThrough, through);
        }

        /// <summary>A move that was to come is made on the way, and says nothing.</summary>
        private HealthRecord? SaidBy(LineageRecord lineage, (int, int, long) state)
        {
            var made = lineage.Turns.LastOrDefault(t => after.ContainsKey((t.Agent, t.Incarnation, t.Input)));
            if (made != default) state = (made.Agent, made.Incarnation, made.Input);
            else if (lineage.Image is { } image) state = (image.Agent, image.Incarnation, image.Input);
            return state.Item1 == lineage.Agent ? after.GetValueOrDefault(state) : null;
        }

        private void GoBack(MeshRewindRecord record)
        {
            back = record;
            backWithMesh.Clear();
            foreach (var agent in agents.Values)
            {
                agent.SuppressedThrough = Position.None;
                agent.Fresh.Clear();
            }
        }

        private void Take(TurnRecord turn)
        {
            Settle();
            (last, back) = (turn, null);
            var agent = agents[turn.Agent];
            agent.Outcomes.Enqueue(turn.Fault is null);
            if (agent.Outcomes.Count > 64) agent.Outcomes.Dequeue();
            if (turn.Fault is null) after[(turn.Agent, turn.Incarnation, turn.Input)] = agent.Reported;
            if (turn.Fault is not null || !said.TryGetValue((turn.Agent, turn.Incarnation, turn.Input), out var all)) return;
            var before = (agent.Reported?.Level, agent.Reported?.Reason);
            foreach (var one in all)
            {
                if (before == (one.Level, one.Reason)) continue;
                expected.Enqueue(one);
                before = (one.Level, one.Reason);
            }
        }

        private void Take(HealthRecord health)
        {
            var agent = agents[health.Agent];
            checker.Require(!agent.Stopped, $"something is said at {health.Offset} of '{agent.Name}', which is stopped.");
            checker.Require(unpublished is null, $"'{unpublished}' was not published.");
            if (health.Signal == HealthSignal.Guest) Reported(agent, health);
            else Observed(agent, health);
        }

        private void Reported(Agent agent, HealthRecord health)
        {
            checker.Require(last?.Agent == health.Agent && last.Fault is null, $"what '{agent.Name}' said at {health.Offset} was said in no turn of it.");
            checker.Require((agent.Reported?.Level, agent.Reported?.Reason) != (health.Level, health.Reason), $"'{agent.Name}' said '{health.Reason}' twice, at {agent.Reported?.Offset} and {health.Offset}.");
            if (said.ContainsKey((last!.Agent, last.Incarnation, last.Input)))
                checker.Require(expected.TryDequeue(out var meant) && (meant.Level, meant.Reason) == (health.Level, health.Reason), $"'{agent.Name}' did not say '{health.Reason}' at {health.Offset} in its turn at {last.Input}.");
            agent.Words.Add((health.Offset, health));
            after[(last.Agent, last.Incarnation, last.Input)] = health;
            unpublished = last.Input > agent.SuppressedThrough || agent.Fresh.Contains(last.Input) ? health : null;
        }

        private void Observed(Agent agent, HealthRecord health)
        {
            var policy = history.DefinitionOf(agent.Definition).Health;
            var before = agent.Observed;
            checker.Require((before?.Level ?? AgentHealthLevel.Well, before?.Signal ?? HealthSignal.None) != (health.Level, health.Signal), $"the mesh said the same of '{agent.Name}' at {before?.Offset} and {health.Offset}.");
            checker.Require(before is null || health.AtNs - before.AtNs >= policy.PublishAtMostEvery.Ticks * 100, $"the mesh spoke of '{agent.Name}' twice within {policy.PublishAtMostEvery}, at {before?.Offset} and {health.Offset}.");
            if (health.Signal == HealthSignal.Failures)
            {
                var failed = agent.Outcomes.Count(ok => !ok);
                checker.Require(failed >= policy.MinFailures && failed >= policy.DegradedFailures * policy.RecoverAt * agent.Outcomes.Count, $"of '{agent.Name}' it is said at {health.Offset} that it fails, and {failed} of {agent.Outcomes.Count} turns did.");
            }
            agent.Observed = health;
            unpublished = health;
        }

        /// <summary>Two events may follow a record: the one that says it, or the dead letter of one that stands too deep.</summary>
        private void Take(MeshEvent e)
        {
            if (!e.Topic.StartsWith("mesh.health.", StringComparison.Ordinal))
            {
                if (e.Origin == EventOrigin.DeadLetter && unpublished is { } refused && e.Agent == refused.Agent) unpublished = null;
                return;
            }
            checker.Require(unpublished is { } told && e.Topic == AgentName.Health(agents[told.Agent].Name), $"the event at {e.Offset} on {e.Topic} tells nothing new.");
            unpublished = null;
        }
    }
}
