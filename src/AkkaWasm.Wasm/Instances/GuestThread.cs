using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Instances;

/// <summary>
/// A thread that runs guests: which one it runs now, and how much stack it has. The library bounds a guest's stack by its own setting, not by the
/// thread's size: on a thread that has less, an endless recursion would run off the end and take the process with it.
/// </summary>
internal sealed unsafe partial class GuestThread
{
    /// <summary>What host functions and the library itself may need below a guest's stack, in bytes.</summary>
    public const int HostBytes = 256 * 1024;

    private const nuint Unknown = 0;
    private const int AttributesBytes = 256;

    [ThreadStatic]
    private static GuestThread? t_current;

    private readonly nuint _lowest = FindLowest();

    public static GuestThread Current => t_current ?? Enlist();

    /// <summary>
    /// The store whose guest runs, innermost, as a handle: writing a number twice a call is cheaper than writing a reference. 0 outside of calls.
    /// </summary>
    public nint RunningHandle { get; set; }

    /// <summary>The store whose guest runs, innermost; null outside of calls.</summary>
    public WasmStore? Running =>
        RunningHandle == 0 ? null : Unsafe.As<WasmStore>(GCHandle.FromIntPtr(RunningHandle).Target);

    /// <summary>Throws if the thread has less stack left.</summary>
    /// <param name="here">An address in the current frame.</param>
    /// <param name="bytes">What must be left below it.</param>
    /// <exception cref="InsufficientExecutionStackException">It has less.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void RequireStack(void* here, nuint bytes)
    {
        if ((nuint)here - _lowest < bytes) Throw(bytes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GuestThread Enlist() => t_current = new GuestThread();

    [DoesNotReturn]
    private static void Throw(nuint bytes) => throw new InsufficientExecutionStackException(
        $"A guest needs {bytes} bytes of stack and the thread has less left: call it from a thread with more, or lower {nameof(WasmEngineOptions.MaxStackBytes)}.");

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
