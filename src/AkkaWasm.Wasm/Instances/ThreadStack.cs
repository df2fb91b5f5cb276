using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// How much stack the current thread has left. The library bounds a guest's stack by its own setting, not by the thread's size: on a thread that
/// has less, an endless recursion would run off the end and take the process with it.
/// </summary>
internal static unsafe partial class ThreadStack
{
    /// <summary>What host functions and the library itself may need below a guest's stack, in bytes.</summary>
    public const int HostBytes = 256 * 1024;

    private const nuint Unknown = 1;
    private const int AttributesBytes = 256;

    /// <summary>The lowest usable address, 0 until it was asked for.</summary>
    [ThreadStatic]
    private static nuint t_lowest;

    /// <summary>Throws if the thread has less than that left.</summary>
    /// <exception cref="InsufficientExecutionStackException">It has less.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Require(nuint bytes)
    {
        byte here;
        var lowest = t_lowest;
        if (lowest == 0) lowest = t_lowest = FindLowest();
        if ((nuint)(&here) < lowest + bytes) Throw(bytes);
    }

    [DoesNotReturn]
    private static void Throw(nuint bytes) => throw new InsufficientExecutionStackException(
        $"A guest needs {bytes} bytes of stack and the thread has less left: call it from a thread with more, or lower {nameof(WasmEngineOptions.MaxStackBytes)}.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nuint FindLowest()
    {
        if (OperatingSystem.IsWindows())
        {
            GetCurrentThreadStackLimits(out var low, out _);
            return low;
        }
        if (!OperatingSystem.IsLinux()) return Unknown;
        var attributes = stackalloc byte[AttributesBytes];
        if (GetAttributes(Self(), attributes) != 0) return Unknown;
        var found = GetStack(attributes, out var start, out _) == 0;
        DestroyAttributes(attributes);
        return found ? start : Unknown;
    }

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint Self();

    [LibraryImport("libc", EntryPoint = "pthread_getattr_np")]
    private static partial int GetAttributes(nint thread, byte* attributes);

    [LibraryImport("libc", EntryPoint = "pthread_attr_getstack")]
    private static partial int GetStack(byte* attributes, out nuint start, out nuint size);

    [LibraryImport("libc", EntryPoint = "pthread_attr_destroy")]
    private static partial int DestroyAttributes(byte* attributes);

    [LibraryImport("kernel32")]
    private static partial void GetCurrentThreadStackLimits(out nuint low, out nuint high);
}
