using System.Collections.Immutable;
using AkkaWasm.Mesh.Turns;
using AkkaWasm.Wasm;

namespace AkkaWasm.Actors.Guests;

/// <summary>What each failure of the engine is to the mesh.</summary>
internal static class GuestFaults
{
    public const string StackOverflow = "stack-overflow";

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
        [WasmFailureCode.StackOverflow] = (FaultKind.Trap, StackOverflow),
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

    /// <summary>The settings that a failure can be answered by.</summary>
    private static readonly Dictionary<WasmFailureCode, string> Settings = new()
    {
        [WasmFailureCode.Interrupt] = "limits.deadline",
        [WasmFailureCode.OutOfFuel] = "limits.fuel-per-turn",
        [WasmFailureCode.GcHeapOutOfMemory] = "limits.gc-heap",
        [WasmFailureCode.AllocationTooLarge] = "limits.gc-heap",
        [WasmFailureCode.StackOverflow] = "engine.max-stack",
        [WasmFailureCode.HostOutOfMemory] = "engine.max-memory, engine.max-awake",
    };

    /// <summary>What a failure is, with the setting in its message that bounds what ran out.</summary>
    public static GuestFault Of(WasmTrapException trap)
    {
        ImmutableArray<string> backTrace = [.. trap.Frames.Select(f => f.ToString())];
        if (trap.InnerException is GuestFaultException ended) return ended.Fault with { BackTrace = backTrace };
        var (kind, code) = Table[trap.Code];
        var message = Settings.TryGetValue(trap.Code, out var setting) ? $"{trap.Message.TrimEnd('.')} ({setting})" : trap.Message;
        return new GuestFault(kind, code, Sentence(message), backTrace);
    }

    private static string Sentence(string message) => char.ToUpperInvariant(message[0]) + message[1..] + (message.EndsWith('.') ? "" : ".");
}
