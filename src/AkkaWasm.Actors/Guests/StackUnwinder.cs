using System.Buffers.Binary;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>
/// Puts the stack of a program aside and takes it up again by what Binaryen's Asyncify builds into a module (wasm-opt --asyncify): functions to begin
/// and end unwinding and rewinding, and a stack of its own in the module's memory, for which the module's <c>malloc</c> gives the room. So the whole
/// program is in memories and globals and can be saved.
/// </summary>
internal sealed class StackUnwinder : IProgramStack
{
    /// <summary>Room for the unwound stack, bytes; a program that is deeper where it reads traps.</summary>
    public const int StackBytes = 256 << 10;

    private const string Malloc = "malloc";
    private const string StartUnwind = "asyncify_start_unwind";
    private const string StopUnwind = "asyncify_stop_unwind";
    private const string StartRewind = "asyncify_start_rewind";
    private const string StopRewind = "asyncify_stop_rewind";
    private const int HeaderBytes = 8;

    private GuestInstance? instance;

    /// <summary>Where the unwound stack lies in memory; 0 before there is one.</summary>
    public uint Address { get; private set; }

    /// <summary>Whether the program has been put aside.</summary>
    public bool IsUnwound { get; private set; }

    private bool IsRewinding { get; set; }

    /// <exception cref="ModuleRefusedException">The module cannot unwind its stack.</exception>
    public static void RequireExports(WasmModule module)
    {
        const string why = "which stdin = loop needs: build it with wasm-opt --asyncify and link with --export=malloc, or write stdin = event";
        var pointerToNothing = WasmFunctionType.Of([WasmValueKind.I32], []);
        var nothing = WasmFunctionType.Of([], []);
        AgentKinds.Require(module, StartUnwind, pointerToNothing, why);
        AgentKinds.Require(module, StopUnwind, nothing, why);
        AgentKinds.Require(module, StartRewind, pointerToNothing, why);
        AgentKinds.Require(module, StopRewind, nothing, why);
        AgentKinds.Require(module, Malloc, WasmFunctionType.Of([WasmValueKind.I32], [WasmValueKind.I32]), why);
    }

    /// <summary>Takes room in the memory of a program that begins.</summary>
    /// <exception cref="GuestFaultException">The program has no memory for it.</exception>
    public void Begin(GuestInstance beginning)
    {
        instance = beginning;
        IsUnwound = IsRewinding = false;
        Address = (uint)Function(Malloc).Invoke(WasmValue.FromI32(StackBytes))[0].AsI32();
        if (Address == 0) throw new GuestFaultException(new GuestFault(FaultKind.Limit, "unwound-stack", $"The program's malloc has no {StackBytes} bytes for its unwound stack."));
    }

    /// <summary>Goes on with a program that was saved while it was put aside.</summary>
    public void Continue(GuestInstance restored, uint address)
    {
        instance = restored;
        Address = address;
        IsUnwound = true;
        IsRewinding = false;
    }

    public void Unwind()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Address + HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Address + StackBytes);
        instance!.Wasm.GetMemory(0).Write(Address, header);
        Function(StartUnwind).Invoke(WasmValue.FromI32((int)Address));
        IsUnwound = true;
    }

    /// <summary>Ends unwinding; to be called when the program has returned.</summary>
    public void EndUnwind() => Function(StopUnwind).Invoke();

    /// <summary>Begins to take the program up; it is to be called again from its beginning.</summary>
    public void Rewind()
    {
        IsUnwound = false;
        IsRewinding = true;
        Function(StartRewind).Invoke(WasmValue.FromI32((int)Address));
    }

    public void EndRewind()
    {
        if (!IsRewinding) return;
        IsRewinding = false;
        Function(StopRewind).Invoke();
    }

    private WasmFunction Function(string name) => instance!.Wasm.GetFunction(name)!;
}
