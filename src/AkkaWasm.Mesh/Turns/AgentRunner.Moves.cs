using System.Buffers;
using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;
using AkkaWasm.Mesh.Topics;

namespace AkkaWasm.Mesh.Turns;

/// <content>
/// A turn that moves the state of an agent from one definition to the next. What guests do in it follows from the state alone, so that it may be made ready
/// before the event is recorded that it stands for: there is no event to be read, <c>now()</c> is 0, and nothing may be done outside the agent.
/// </content>
public sealed partial class AgentRunner
{
    private LineageMove? due;
    private bool isMoved;

    /// <summary>Whether its next turn moves the state; what it holds until then is not the state of a turn of its life.</summary>
    internal bool IsToMove => due is not null;

    /// <summary>
    /// Why its state cannot be moved by the way that is due, which is known since it was rebuilt: the new module fails on an event that the state was made by, or a version
    /// that nobody ran yet could not take the state over on the way. The next turn fails with it, as one fails that finds out only then. Null where nothing is known against it.
    /// </summary>
    public GuestFault? MoveFault { get; private set; }

    /// <summary>Makes another runner ready that goes on from this one's state under another definition; this one stays as it is.</summary>
    /// <param name="next">The life that begins.</param>
    /// <param name="move">How the state is moved; its offset does not matter yet.</param>
    /// <param name="ready">The other runner: the next event it is given is the one that the move stands for. Null where the state cannot be moved.</param>
    /// <returns>Why the state cannot be moved, or null.</returns>
    /// <exception cref="ObjectDisposedException">A turn failed: what the guest holds now is the state of no turn.</exception>
    public GuestFault? TryPrepare(AgentIdentity next, LineageMove move, out AgentRunner? ready)
    {
        ObjectDisposedException.ThrowIf(broken, this);
        ready = null;
        if (Carry(next, move, isReplay: false, out var moved) is { } fault) return fault;
        ready = new AgentRunner(next, identity, factory, next.Definition, moved!) { due = move, isMoved = true, LastInput = LastInput, Turns = Turns };
        return null;
    }

    private void RefuseMove(GuestFault fault) => (MoveFault, broken) = (fault, false);

    private GuestFault? MoveTo(AgentIdentity life, LineageMove move, bool isReplay)
    {
        if (MoveFault is { } known) return known;
        if (isMoved || move.Way == MoveWay.Replay)
        {
            isMoved = false;
            return null;
        }
        if (Carry(life, move, isReplay, out var moved) is { } fault) return fault;
        guest.Dispose();
        (guest, definition, turnsSinceCompaction) = (moved!, life.Definition, 0);
        heap = WatchOf(guest, definition);
        return null;
    }

    /// <summary>Makes a guest of the next definition in the state that this one's leads to; this one's stays as it is.</summary>
    private GuestFault? Carry(AgentIdentity life, LineageMove move, bool isReplay, out IGuest? moved)
    {
        moved = null;
        IGuest? next = null;
        try
        {
            var state = guest.CaptureState();
            if (state is null) return Refused($"The guest of agent '{agent.Name}' cannot be saved, so its state cannot be moved but by a replay of its events.");
            next = factory.Create(life.Definition);
            if (Fill(next, state, life, move, isReplay) is { } fault) return fault;
            (moved, next) = (next, null);
            return null;
        }
        catch (GuestFaultException e)
        {
            return e.Fault;
        }
        catch (HostExhaustedException e)
        {
            return new GuestFault(FaultKind.Operating, GuestFault.HostOutOfMemory, e.Message);
        }
        catch (Exception e) when (e is ImageCorruptException or GuestRefusedException)
        {
            return Refused(e.Message);
        }
        finally
        {
            next?.Dispose();
        }
    }

    private GuestFault? Fill(IGuest next, GuestState state, AgentIdentity life, LineageMove move, bool isReplay)
    {
        if (move.Way != MoveWay.Save)
        {
            next.TakeOver(state, definition);
            if (move.Way == MoveWay.Layout) return null;
            var migration = TurnOf(life, default, isReplay);
            return next.Migrate(migration, move.FromVersion) ?? Loud(migration, "mesh_migrate");
        }
        // What it writes down may cost the guest its state, and it may have to go on.
        using var copy = factory.Create(definition);
        copy.RestoreState(state);
        var saving = TurnOf(life, default, isReplay, saves: true);
        if ((copy.Save(saving) ?? Loud(saving, "mesh_save")) is { } fault) return fault;
        var loading = TurnOf(life, saving.Saved!.WrittenMemory, isReplay);
        return next.Load(loading) ?? Loud(loading, "mesh_load");
    }

    private Turn TurnOf(AgentIdentity life, ReadOnlyMemory<byte> data, bool isReplay, bool saves = false) => new(
        life,
        new MeshEvent
        {
            Topic = AgentName.Lifecycle(life.Name, "replaced"), Data = data, Origin = EventOrigin.Lifecycle, Agent = agent.Number, Incarnation = life.Incarnation, Offset = LastInput,
        },
        identity, isReplay) { Saved = saves ? new ArrayBufferWriter<byte>() : null };

    private static GuestFault? Loud(Turn turn, string function) => turn.Outputs.Any(output => output is not LineLogged)
        ? Refused($"{function} did something outside the agent; it may change or read the agent's own state, and write lines to the log.")
        : null;

    private static GuestFault Refused(string why) => new(FaultKind.Failed, GuestFault.StateRefused, why);
}
