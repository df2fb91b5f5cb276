using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using StateHash = AkkaWasm.Mesh.StateHash;

namespace AkkaWasm.Actors.Guests;

/// <summary>
/// A program that runs over all events: turn 0 begins it, and where it reads past the end of its input it is put aside until the next event. One
/// that ends with success begins anew with the next event.
/// </summary>
internal sealed class LoopGuest : IGuest
{
    private readonly GuestEngine engine;
    private readonly AgentModule module;
    private readonly AgentLimits limits;
    private readonly StackUnwinder stack = new();
    private readonly GuestWorld world;
    private readonly GuestContext context;
    private GuestInstance? instance;

    public LoopGuest(GuestEngine engine, AgentModule module, AgentDefinition definition)
    {
        this.engine = engine;
        this.module = module;
        limits = definition.Limits;
        world = new GuestWorld(engine, definition, stack);
        context = new GuestContext { World = world };
    }

    public GuestUsage Usage { get; private set; }

    public bool CanCompact => module.CanCompact && instance is not null;

    public long MaxGcHeapBytes => GuestInstance.MaxGcHeapBytes(limits);

    /// <summary>The event that says that the agent started is no input.</summary>
    public GuestFault? Initialize(Turn first) => Start(first, static guest => guest.world.DropInput());

    public GuestFault? Handle(Turn next) => instance is null ? Start(next, static _ => { }) : Finish(instance.Run(next, this, static guest => ProgramRun.ToEnd(guest, static guest =>
    {
        guest.stack.Rewind();
        guest.CallProgram();
    })));

    public ReadOnlyMemory<byte>? Capture() => CaptureState().ToBytes();

    public GuestState CaptureState() => instance is null
        ? GuestState.FromBytes(new GuestImage(null, world.ToBytes()).ToBytes())
        : new WasmGuestState(instance.Capture(), world.ToBytes(), stack.Address);

    public void RestoreState(GuestState state)
    {
        if (state is WasmGuestState captured) Continue(captured.World!.Value, captured.UnwoundStack, guest => guest.Restore(() => captured.Snapshot));
        else if (state is not StoredGuestState stored) Restore(state.ToBytes());
        else
        {
            var parts = GuestImage.FromBytes(stored.ToManifest());
            Continue(parts.World, parts.UnwoundStack, guest => guest.Restore(parts.Instance ?? throw new ImageCorruptException("The image names pages and has no instance."), stored));
        }
    }

    public void Restore(ReadOnlyMemory<byte> image)
    {
        var parts = GuestImage.FromBytes(image);
        if (parts.Instance is { } state) Continue(parts.World, parts.UnwoundStack, guest => guest.Restore(state));
        else world.Restore(parts.World);
    }

    private void Continue(ReadOnlyMemory<byte> files, uint unwoundStack, Action<GuestInstance> restore)
    {
        world.Restore(files);
        instance = new GuestInstance(engine, module, limits, context);
        restore(instance);
        stack.Continue(instance, unwoundStack);
    }

    public StateHash Hash() => instance is null ? world.Hash() : GuestImage.Combine(instance.Hash(), world.Hash());

    public void Dispose()
    {
        instance?.Dispose();
        world.Dispose();
    }

    private GuestFault? Start(Turn turn, Action<LoopGuest> prepare)
    {
        try
        {
            instance = new GuestInstance(engine, module, limits, context);
        }
        catch (WasmTrapException e)
        {
            return GuestFaults.Of(e);
        }
        catch (HostExhaustedException e)
        {
            return new GuestFault(FaultKind.Operating, GuestFault.HostOutOfMemory, e.Message);
        }
        world.BeginProgram(turn, withEvent: false);
        return Finish(instance.Run(turn, this, guest => ProgramRun.ToEnd(guest, guest =>
        {
            prepare(guest);
            guest.instance!.Wasm.RunStart();
            guest.stack.Begin(guest.instance);
            guest.CallProgram();
        })));
    }

    private void CallProgram()
    {
        instance!.Wasm.GetFunction(AgentModule.Start)!.Invoke();
        if (stack.IsUnwound) stack.EndUnwind();
    }

    /// <summary>A program that ended leaves its files and nothing else.</summary>
    private GuestFault? Finish(GuestFault? fault)
    {
        Usage = instance!.Usage;
        if (fault is not null || stack.IsUnwound) return fault;
        instance.Dispose();
        instance = null;
        return null;
    }
}
