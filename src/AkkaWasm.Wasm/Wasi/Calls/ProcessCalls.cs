using System.Buffers.Binary;

namespace AkkaWasm.Wasm.Wasi.Calls;

/// <summary>Arguments, environment, clocks, randomness, the end of the program, and sockets, of which there are none.</summary>
internal static class ProcessCalls
{
    private const ulong VirtualResolutionNs = 1;
    private const ulong MachineResolutionNs = 100;

    public static WasiErrno ArgsGet(ref WasiCall call) => WriteStrings(ref call, call.World.Arguments);

    public static WasiErrno ArgsSizesGet(ref WasiCall call) => WriteSizes(ref call, call.World.Arguments);

    public static WasiErrno EnvironGet(ref WasiCall call) => WriteStrings(ref call, call.World.Environment);

    public static WasiErrno EnvironSizesGet(ref WasiCall call) => WriteSizes(ref call, call.World.Environment);

    public static WasiErrno ClockResGet(ref WasiCall call) => call.U32(0) <= (uint)WasiClock.ThreadCpu
        ? call.Write64(call.U32(1), call.World.Host.TimePasses ? MachineResolutionNs : VirtualResolutionNs)
        : WasiErrno.Invalid;

    public static WasiErrno ClockTimeGet(ref WasiCall call) =>
        TryRead(call.World, (WasiClock)call.U32(0), out var now) ? call.Write64(call.U32(2), now) : WasiErrno.Invalid;

    public static bool TryRead(WasiWorld world, WasiClock clock, out ulong now)
    {
        now = clock switch
        {
            WasiClock.Realtime => world.RealtimeNs,
            WasiClock.Monotonic => world.MonotonicNs,
            WasiClock.ProcessCpu or WasiClock.ThreadCpu => world.ProcessorNs,
            _ => 0,
        };
        return (uint)clock <= (uint)WasiClock.ThreadCpu;
    }

    public static WasiErrno RandomGet(ref WasiCall call)
    {
        if (!call.TrySpan(call.U32(0), call.U32(1), out var buffer)) return WasiErrno.Fault;
        call.World.Host.FillRandom(buffer);
        return WasiErrno.Success;
    }

    public static WasiErrno SchedYield(ref WasiCall call) => WasiErrno.Success;

    public static WasiErrno ProcExit(ref WasiCall call) => throw new WasiExitException(call.U32(0));

    /// <summary>There are no signals.</summary>
    public static WasiErrno ProcRaise(ref WasiCall call) => WasiErrno.NotSupported;

    /// <summary>No descriptor is ever a socket.</summary>
    public static WasiErrno Socket(ref WasiCall call) => call.World.Descriptors.TryGet(call.Fd(0), out _) ? WasiErrno.NotSocket : WasiErrno.BadDescriptor;

    private static WasiErrno WriteSizes(ref WasiCall call, byte[][] strings)
    {
        var errno = call.Write32(call.U32(0), (uint)strings.Length);
        return errno == WasiErrno.Success ? call.Write32(call.U32(1), (uint)strings.Sum(s => s.Length)) : errno;
    }

    private static WasiErrno WriteStrings(ref WasiCall call, byte[][] strings)
    {
        var (pointers, text) = (call.U32(0), call.U32(1));
        if (!call.TrySpan(pointers, (uint)strings.Length * 4, out var array) || !call.TrySpan(text, (uint)strings.Sum(s => s.Length), out var buffer)) return WasiErrno.Fault;
        for (var i = 0; i < strings.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(array[(i * 4)..], text);
            strings[i].CopyTo(buffer);
            buffer = buffer[strings[i].Length..];
            text += (uint)strings[i].Length;
        }
        return WasiErrno.Success;
    }
}
