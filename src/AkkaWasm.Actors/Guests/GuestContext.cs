using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>What the host functions find behind the instance that calls them: the turn that runs, and the world if the guest has one.</summary>
internal sealed class GuestContext
{
    private Turn? turn;

    /// <summary>The world of a guest that imports WASI.</summary>
    public GuestWorld? World { get; init; }

    /// <summary>The turn that runs; host functions are called in turns only.</summary>
    public Turn CurrentTurn => turn ?? throw new InvalidOperationException("The guest called the mesh outside of a turn.");

    public static GuestContext Of(WasmInstance instance) => (GuestContext)instance.HostState!;

    public void Begin(Turn next)
    {
        turn = next;
        World?.Begin(next);
    }

    public void End()
    {
        turn = null;
        World?.End();
    }
}
