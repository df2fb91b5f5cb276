using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Actors.Guests;

/// <summary>Runs the program of a command, and says what its end means.</summary>
internal static class ProgramRun
{
    /// <summary>Runs a program from its beginning.</summary>
    /// <returns>Null if it ended with success.</returns>
    /// <exception cref="WasmTrapException">It failed.</exception>
    public static GuestFault? Start(GuestInstance instance) => ToEnd(instance, static running =>
    {
        running.Wasm.RunStart();
        running.Wasm.GetFunction(AgentModule.Start)!.Invoke();
    });

    /// <summary>Runs something of a program that may end it.</summary>
    public static GuestFault? ToEnd<T>(T state, Action<T> run)
    {
        try
        {
            run(state);
            return null;
        }
        catch (WasmTrapException e) when (WasiExitException.Is(e, out var code))
        {
            return code == 0 ? null : new GuestFault(FaultKind.Status, GuestInstance.ExitCode, $"The program ended with exit code {code}.");
        }
    }
}
