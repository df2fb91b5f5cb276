using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Inspection;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>Makes guests on the engine, and tells of their states.</summary>
internal sealed class WasmGuestFactory(GuestEngine engine) : IGuestFactory, IGuestInspection
{
    private readonly GuestInspection inspection = new(engine);

    public StateSummary Describe(AgentDefinition definition, ReadOnlyMemory<byte> image) => inspection.Describe(definition, image);

    public StateDifference Compare(AgentDefinition definition, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, int maxDetails) =>
        inspection.Compare(definition, before, after, maxDetails);

    public IGuest Create(AgentDefinition definition)
    {
        Check(definition);
        try
        {
            var module = engine.ModuleOf(definition);
            if (module.Kind != AgentKind.WasiCommand) return new WasmGuest(engine, module, definition);
            return definition.Wasi.InputLoops ? new LoopGuest(engine, module, definition) : new CommandGuest(engine, module, definition);
        }
        catch (Exception e) when (e is ModuleRefusedException or WasmTrapException)
        {
            throw new GuestRefusedException($"The module of agent '{definition.Name}' cannot be instantiated: {e.Message}", e);
        }
    }

    public GuestTraits TraitsOf(AgentDefinition definition)
    {
        try
        {
            return engine.ModuleOf(definition).TraitsOf(engine, definition);
        }
        catch (Exception e) when (e is ModuleRefusedException or WasmTrapException or HostExhaustedException or MeshNodeException { Failure: NodeFailure.ModuleRefused })
        {
            throw new GuestRefusedException($"The module of agent '{definition.Name}' cannot be instantiated: {e.Message}", e);
        }
    }

    public string? WhyNotTakenOver(AgentDefinition from, AgentDefinition to)
    {
        var (was, becomes) = (engine.ModuleOf(from), engine.ModuleOf(to));
        if (was.Kind != becomes.Kind) return $"it is a {becomes.Kind}, the old module a {was.Kind}";
        if (from.Wasi.InputLoops || to.Wasi.InputLoops) return "a program that waits for input within its own code goes on in that code only";
        return was.Kind == AgentKind.WasiCommand ? null : StateTransfer.WhyNot(was.Module, becomes.Module);
    }

    /// <summary>Loads the module and the folders of a definition, so that what is wrong with it shows before the mesh runs.</summary>
    /// <exception cref="GuestRefusedException">It cannot be an agent.</exception>
    public void Check(AgentDefinition definition)
    {
        if (definition.Limits.FuelPerTurn > 0 && !engine.Options.ConsumeFuel)
            throw new GuestRefusedException($"The agent '{definition.Name}' has limits.fuel-per-turn, but the engine does not count fuel; switch it on or leave the limit out.");
        engine.ModuleOf(definition);
        foreach (var preopen in definition.Wasi.Preopens) engine.FolderOf(definition, preopen);
    }
}
