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
