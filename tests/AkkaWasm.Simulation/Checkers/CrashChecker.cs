using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Simulation.Checkers;

/// <summary>A crash that an operator asked for happens once: to the agent's next turn that would succeed, over restarts and new lives, unless the agent is stopped before.</summary>
internal sealed class CrashChecker : Checker
{
    public override string Promise => "crashes that were asked for happen once";

    public override void Check(History history)
    {
        var due = new HashSet<int>();
        foreach (var record in history.Records)
        {
            switch (record)
            {
                case CrashAskedRecord asked:
                    Require(due.Add(asked.Agent), $"a crash of agent {asked.Agent} was taken at {asked.Offset} while one was to come.");
                    break;
                case TurnRecord { Fault: null } turn:
                    Require(!due.Contains(turn.Agent), $"the turn of agent {turn.Agent} at {turn.Offset} succeeded, and was to fail.");
                    break;
                case TurnRecord { Fault.Code: GuestFault.Simulated } turn:
                    Require(due.Remove(turn.Agent), $"the turn of agent {turn.Agent} at {turn.Offset} failed by a crash that nobody had asked for.");
                    break;
                case AgentRecord { Change: AgentChange.Stopped } stopped:
                    due.Remove(stopped.Agent);
                    break;
            }
        }
    }
}
