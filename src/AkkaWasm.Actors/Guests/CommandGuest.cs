using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;
using StateHash = AkkaWasm.Mesh.StateHash;

namespace AkkaWasm.Actors.Guests;

/// <summary>
/// A program that runs once for every event, in a fresh instance: the event's data is its input, its files are what the agent keeps. It succeeds
/// by returning or with exit code 0.
/// </summary>
internal sealed class CommandGuest : IGuest
{
    private readonly GuestEngine engine;
    private readonly AgentModule module;
    private readonly AgentLimits limits;
    private readonly GuestWorld world;
    private readonly GuestContext context;

    public CommandGuest(GuestEngine engine, AgentModule module, AgentDefinition definition)
    {
        this.engine = engine;
        this.module = module;
        limits = definition.Limits;
        world = new GuestWorld(engine, definition);
        context = new GuestContext { World = world };
    }

    public GuestUsage Usage { get; private set; }

    /// <summary>Nothing runs before the first event.</summary>
    public GuestFault? Initialize(Turn first) => null;

    public GuestFault? Handle(Turn next)
    {
        try
        {
            using var instance = new GuestInstance(engine, module, limits, context);
            world.BeginProgram(next, withEvent: true);
            var fault = instance.Run(next, instance, static running => ProgramRun.Start(running));
            Usage = instance.Usage;
            return fault;
        }
        catch (WasmTrapException e)
        {
            return GuestFaults.Of(e);
        }
        catch (HostExhaustedException e)
        {
            return new GuestFault(FaultKind.Operating, GuestFault.HostOutOfMemory, e.Message);
        }
    }

    public ReadOnlyMemory<byte>? Capture() => new GuestImage(null, world.ToBytes()).ToBytes();

    public void Restore(ReadOnlyMemory<byte> image) => world.Restore(GuestImage.FromBytes(image).World);

    public StateHash Hash() => world.Hash();

    public void Dispose() => world.Dispose();
}
