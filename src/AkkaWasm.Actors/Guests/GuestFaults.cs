using System.Collections.Immutable;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>What each failure of the engine is to the mesh.</summary>
internal static class GuestFaults
{
    private static readonly Dictionary<WasmFailureCode, (FaultKind Kind, string Code)> Table = new()
    {
        [WasmFailureCode.Unreachable] = (FaultKind.Trap, "unreachable"),
        [WasmFailureCode.MemoryOutOfBounds] = (FaultKind.Trap, "memory-out-of-bounds"),
        [WasmFailureCode.TableOutOfBounds] = (FaultKind.Trap, "table-out-of-bounds"),
        [WasmFailureCode.IndirectCallToNull] = (FaultKind.Trap, "indirect-call-to-null"),
        [WasmFailureCode.BadSignature] = (FaultKind.Trap, "bad-signature"),
        [WasmFailureCode.IntegerOverflow] = (FaultKind.Trap, "integer-overflow"),
        [WasmFailureCode.IntegerDivisionByZero] = (FaultKind.Trap, "integer-division-by-zero"),
        [WasmFailureCode.BadConversionToInteger] = (FaultKind.Trap, "bad-conversion-to-integer"),
        [WasmFailureCode.StackOverflow] = (FaultKind.Trap, "stack-overflow"),
        [WasmFailureCode.NullReference] = (FaultKind.Trap, "null-reference"),
        [WasmFailureCode.ArrayOutOfBounds] = (FaultKind.Trap, "array-out-of-bounds"),
        [WasmFailureCode.CastFailure] = (FaultKind.Trap, "cast-failure"),
        [WasmFailureCode.Other] = (FaultKind.Trap, "other"),
        [WasmFailureCode.UncaughtException] = (FaultKind.UncaughtException, "uncaught-exception"),
        [WasmFailureCode.Interrupt] = (FaultKind.Deadline, "deadline"),
        [WasmFailureCode.OutOfFuel] = (FaultKind.Fuel, "out-of-fuel"),
        [WasmFailureCode.AllocationTooLarge] = (FaultKind.Limit, "allocation-too-large"),
        [WasmFailureCode.GcHeapOutOfMemory] = (FaultKind.Limit, GuestFault.GcHeapOutOfMemory),
        [WasmFailureCode.HostFailure] = (FaultKind.Operating, "host-failure"),
        [WasmFailureCode.HostOutOfMemory] = (FaultKind.Operating, GuestFault.HostOutOfMemory),
    };

    public static GuestFault Of(WasmTrapException trap)
    {
        ImmutableArray<string> backTrace = [.. trap.Frames.Select(f => f.ToString())];
        if (trap.InnerException is GuestFaultException ended) return ended.Fault with { BackTrace = backTrace };
        var (kind, code) = Table[trap.Code];
        return new GuestFault(kind, code, Sentence(trap.Message), backTrace);
    }

    private static string Sentence(string message) => char.ToUpperInvariant(message[0]) + message[1..] + (message.EndsWith('.') ? "" : ".");
}
