using System.Diagnostics;
using Akka.Actor;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Turns;

namespace AkkaWasm.Actors.Agents;

/// <content>
/// The agent gets another definition while it is awake: beside its guest another one is made ready, which is in the state that this one's leads to. Only
/// when all agents concerned are, the change is recorded; then it goes on with the other guest at once.
/// </content>
internal sealed partial class AgentActor
{
    private AgentRunner? prepared;
    private bool hasSwapped;
    private long heldSince;
    private long swappedAt;
    private long freeSince;

    private void Prepare(PrepareMove prepare)
    {
        EndPause(freeSince);
        DropPreparedGuest();
        heldSince = Stopwatch.GetTimestamp();
        GuestFault? fault = null;
        if (runner is not null)
        {
            try
            {
                fault = MakeReady(prepare);
            }
            catch (Exception e)
            {
                fault = AgentRebuild.FaultOf(e);
            }
        }
        context.Shard.Tell(new MoveIsPrepared(Number, prepare.Token, prepared is not null, fault, prepare.Preparation));
    }

    private GuestFault? MakeReady(PrepareMove prepare)
    {
        var (plan, move) = (prepare.Order.Plan, prepare.Order.Move);
        if (move.Way != MoveWay.Replay) return runner!.TryPrepare(context.IdentityOf(plan.Agent), move, out prepared);
        var ready = AgentRebuild.Run(context, new StartAgent(plan, prepare.Recent), null);
        if (ready.MoveFault is { } fault)
        {
            ready.Dispose();
            return fault;
        }
        prepared = ready;
        return null;
    }

    /// <summary>The actor stays, with its mailbox and its place among its siblings.</summary>
    private void Swap(SwapGuest swap)
    {
        if (prepared is null) throw new InvalidOperationException($"Agent '{swap.Agent.Name}' was told to go on with a guest that it does not have.");
        runner?.Dispose();
        (runner, prepared, hasSwapped) = (prepared, null, true);
        start = start! with { Plan = start.Plan with { Agent = swap.Agent } };
        idleTimer?.Dispose();
        WatchSnapshots(0);
        WatchIdleness();
    }

    /// <summary>The first image of the new life is taken soon, so that nobody has to go back to the old module for long.</summary>
    private void SaveAfterSwap()
    {
        if (!hasSwapped || runner is null) return;
        (hasSwapped, swappedAt) = (false, runner.LastInput);
        TakeImage();
        freeSince = Stopwatch.GetTimestamp();
    }

    /// <summary>The first event after the swap: one that had waited was held up until now, one that came later would have been until the new guest was free.</summary>
    private void NoteSwapped(MeshEvent input) => EndPause(input.Offset < swappedAt ? Stopwatch.GetTimestamp() : freeSince);

    private void EndPause(long until)
    {
        if (freeSince == 0) return;
        GuestMetrics.Swapped(start!.Plan.Agent.Definition.Name, Stopwatch.GetElapsedTime(heldSince, until));
        (heldSince, freeSince) = (0, 0);
    }

    private void DropPreparedGuest()
    {
        prepared?.Dispose();
        (prepared, heldSince) = (null, 0);
    }
}
