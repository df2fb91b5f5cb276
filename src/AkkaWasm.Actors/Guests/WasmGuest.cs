using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using StateHash = AkkaWasm.Mesh.StateHash;

namespace AkkaWasm.Actors.Guests;

/// <summary>A guest that lives on from event to event and handles each by <c>mesh_handle</c>: a mesh agent or a reactor.</summary>
internal sealed partial class WasmGuest : IGuest
{
    private readonly GuestEngine engine;
    private readonly AgentModule module;
    private readonly GuestContext context;
    private readonly GuestInstance instance;
    private readonly WasmFunction handle;

    public WasmGuest(GuestEngine engine, AgentModule module, AgentDefinition definition)
    {
        this.engine = engine;
        this.module = module;
        context = new GuestContext { World = module.UsesWasi ? new GuestWorld(engine, definition) : null };
        instance = new GuestInstance(engine, module, definition.Limits, context);
        MaxGcHeapBytes = GuestInstance.MaxGcHeapBytes(definition.Limits);
        handle = instance.Wasm.GetFunction(AgentModule.Handle)!;
    }

    public GuestUsage Usage => instance.Usage;

    public long Fuel => instance.Fuel;

    public bool CanCompact => module.CanCompact;

    public long MaxGcHeapBytes { get; }

    public GuestFault? Initialize(Turn first)
    {
        context.World?.BeginProgram(first, withEvent: false);
        return instance.Run(first, this, static guest => guest.RunInitializers());
    }

    public GuestFault? Handle(Turn next) => instance.Run(next, this, static guest =>
    {
        var size = guest.context.CurrentTurn.Input.Data.Length;
        return Status(AgentModule.Handle, guest.module.Is64 ? guest.handle.InvokeI64ToI32(size) : guest.handle.InvokeI32(size));
    });

    public ReadOnlyMemory<byte>? Capture() => CaptureState().ToBytes();

    public GuestState CaptureState() => new WasmGuestState(instance.Capture(), context.World is { } world ? (ReadOnlyMemory<byte>?)world.ToBytes() : null);

    public void RestoreState(GuestState state)
    {
        if (state is WasmGuestState captured)
        {
            instance.Restore(() => captured.Snapshot);
            if (context.World is { } world) world.Restore(captured.World ?? throw new ImageCorruptException("The state has no files."));
        }
        else if (state is not StoredGuestState stored) Restore(state.ToBytes());
        else if (context.World is null) instance.Restore(stored.ToManifest(), stored);
        else
        {
            var parts = GuestImage.FromBytes(stored.ToManifest());
            instance.Restore(InstanceOf(parts), stored);
            context.World.Restore(parts.World);
        }
    }

    public void Restore(ReadOnlyMemory<byte> image)
    {
        if (context.World is not { } world)
        {
            instance.Restore(image);
            return;
        }
        var parts = GuestImage.FromBytes(image);
        instance.Restore(InstanceOf(parts));
        world.Restore(parts.World);
    }

    private ReadOnlyMemory<byte> InstanceOf(GuestImage parts) => parts.Instance ?? throw new ImageCorruptException($"The image has no instance of the module {module.Module.File}.");

    public StateHash Hash() => context.World is { } world ? GuestImage.Combine(instance.Hash(), world.Hash()) : instance.Hash();

    public void Dispose()
    {
        instance.Dispose();
        context.World?.Dispose();
    }

    private void RunStart()
    {
        instance.Wasm.RunStart();
        if (module is { Kind: AgentKind.WasiReactor, HasInitialize: true }) instance.Wasm.GetFunction(AgentModule.Initialize)!.Invoke();
    }

    private GuestFault? RunInitializers()
    {
        RunStart();
        return module.HasInit ? Status(AgentModule.Init, instance.Wasm.GetFunction(AgentModule.Init)!.Invoke()[0].AsI32()) : null;
    }

    private static GuestFault? Status(string function, int status) =>
        status == 0 ? null : new GuestFault(FaultKind.Status, "status", $"{function} answered {status}.");
}
