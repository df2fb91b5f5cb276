using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topology;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>
/// Nobody has more agents below it than its quota allows when one comes to be; who ends by itself had nothing to do for as long as its definition says, or lost
/// the agent that started it; and who ended so, and nobody else, comes back.
/// </summary>
internal sealed class SpawnChecker : Checker
{
    public override string Promise => "agents start agents within quotas and end when they are not needed";

    public override void Check(History history)
    {
        var walk = new Walk(history, this);
        foreach (var record in history.Records) walk.Take(record);
    }

    private sealed class Agent(AgentRecord born)
    {
        public AgentRecord Born => born;

        public string Definition { get; set; } = born.Definition;

        public bool Stopped { get; set; }

        public bool Retired { get; set; }

        public long ActiveAtNs { get; set; }
    }

    private sealed class Walk(History history, SpawnChecker checker)
    {
        private readonly List<Agent> agents = [];
        private readonly List<Agent> orphans = [];
        private long now;
        private bool goesBack;

        public void Take(LogRecord record)
        {
            switch (record)
            {
                case EventRecord { Event: var e }: now = e.AppendedAtNs; break;
                case AgentRecord change: Take(change); break;
                case RetirementRecord retired: Take(retired); break;
                case MeshRewindRecord back: GoBack(back); break;
                case TurnRecord turn:
                    (agents[turn.Agent].ActiveAtNs, goesBack) = (now, false);
                    checker.Require(orphans.Count == 0, $"'{orphans.FirstOrDefault()?.Born.Name}' goes on at {turn.Offset} though the agent that started it was stopped.");
                    break;
            }
        }

        private void GoBack(MeshRewindRecord back)
        {
            goesBack = true;
            foreach (var number in back.Unborn) agents[number].Retired = true;
        }

        private AgentDefinition? DefinitionOf(Agent agent, long offset) =>
            (history.Topologies.Count == 1 ? history.Topology : history.Topologies.Last(t => t.From <= offset).Topology).Agents.FirstOrDefault(d => d.Name == agent.Definition);

        private void Take(AgentRecord change)
        {
            if (change.Agent == agents.Count)
            {
                agents.Add(new Agent(change));
                CheckQuotas(agents[^1], change.Offset);
            }
            var agent = agents[change.Agent];
            agent.Definition = change.Definition;
            if (change.Change == AgentChange.Renamed) return;
            if (change.Change == AgentChange.Reset && agent.Stopped && change.Parent >= 0) checker.Require(agent.Retired || history.Topologies.Count > 1, $"'{change.Name}' comes back at {change.Offset}, and it had not ended by itself.");
            agent.Stopped = change.Change == AgentChange.Stopped;
            if (!agent.Stopped)
            {
                (agent.Retired, agent.ActiveAtNs) = (false, now);
                return;
            }
            orphans.Remove(agent);
            if (!goesBack) orphans.AddRange(agents.Where(a => !a.Stopped && a.Born.Parent == change.Agent && !orphans.Contains(a) && DefinitionOf(a, change.Offset)?.Apoptosis.Orphaned == true));
        }

        private void CheckQuotas(Agent born, long offset)
        {
            var depth = 0;
            for (var above = born.Born.Parent; above >= 0; above = agents[above].Born.Parent)
            {
                depth++;
                if (agents[above].Stopped || DefinitionOf(agents[above], offset)?.Spawn is not { } quota) continue;
                var below = agents.Count(a => !a.Stopped && IsBelow(a, above));
                checker.Require(depth <= quota.MaxDepth && below <= quota.MaxAgents, $"'{born.Born.Name}' came to be at {offset} as the {below}th agent below '{agents[above].Born.Name}', {depth} deep; {quota.MaxAgents} and {quota.MaxDepth} are allowed.");
            }
        }

        private bool IsBelow(Agent agent, int above)
        {
            for (var parent = agent.Born.Parent; parent >= 0; parent = agents[parent].Born.Parent)
                if (parent == above) return true;
            return false;
        }

        private void Take(RetirementRecord retired)
        {
            var agent = agents[retired.Agent];
            checker.Require(agent.Stopped, $"'{agent.Born.Name}' ended by itself at {retired.Offset}, and was not stopped.");
            agent.Retired = true;
            if (retired.Reason != RetirementReason.Idle) return;
            var idle = now - agent.ActiveAtNs;
            var after = DefinitionOf(agent, retired.Offset)!.Apoptosis.IdleAfter;
            checker.Require(after is { } wanted && idle >= wanted.Ticks * 100, $"'{agent.Born.Name}' ended at {retired.Offset} after {TimeSpan.FromTicks(idle / 100)} without a turn; {after} were wanted.");
        }
    }
}
