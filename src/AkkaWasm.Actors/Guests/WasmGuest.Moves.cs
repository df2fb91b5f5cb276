using AkkaWasm.Mesh;
using AkkaWasm.Mesh.Topology;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <content>The state of a guest of another module becomes its own.</content>
internal sealed partial class WasmGuest
{
    public void TakeOver(GuestState state, AgentDefinition definition)
    {
        if (state is not WasmGuestState captured) throw new ImageCorruptException($"The state for the module {module.Module.File} is not one of a guest that runs.");
        var from = engine.ModuleOf(definition);
        if (from.Module.ContentHash == module.Module.ContentHash)
        {
            RestoreState(state);
            return;
        }
        using var before = new GuestInstance(engine, from, definition.Limits, new GuestContext());
        instance.TakeOver(captured.Snapshot, before);
        if (context.World is { } world && captured.World is { } files) world.Restore(files);
    }

    public GuestFault? Migrate(Turn turn, int fromVersion) => Call(turn, AgentModule.Migrate, WasmValue.FromI32(fromVersion));

    public GuestFault? Save(Turn turn) => Call(turn, AgentModule.Save);

    public GuestFault? Load(Turn turn)
    {
        context.World?.BeginProgram(turn, withEvent: false);
        return Call(turn, AgentModule.LoadState, true, module.Is64 ? WasmValue.FromI64(turn.Input.Data.Length) : WasmValue.FromI32(turn.Input.Data.Length));
    }

    private GuestFault? Call(Turn turn, string name, params WasmValue[] arguments) => Call(turn, name, false, arguments);

    private GuestFault? Call(Turn turn, string name, bool starts, params WasmValue[] arguments)
    {
        if (instance.Wasm.GetFunction(name) is not { } function) return GuestFault.CannotMove(name);
        return instance.Run(turn, (Guest: this, function, arguments), call =>
        {
            if (starts) call.Guest.RunStart();
            return Status(name, call.function.Invoke(call.arguments)[0].AsI32());
        });
    }
}
