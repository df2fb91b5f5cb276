using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Snapshots;

/// <summary>
/// Which pages of a memory were written since they were last looked at, by whomever: guest, host or kernel. One <c>userfaultfd</c> of the process
/// has the kernel write-protect pages and note the first write to each without stopping anybody (Linux 6.7 and later, no privilege needed).
/// A watched range must be given up before it moves. A child process watches nothing.
/// </summary>
internal static unsafe partial class WrittenPages
{
    private const int SystemCallX64 = 323;
    private const int SystemCallArm64 = 282;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int UserModeOnly = 1;
    private const ulong ApiVersion = 0xAA;
    private const ulong WatchUnpopulated = 1 << 13;
    private const ulong NoteWithoutStopping = 1 << 15;
    private const ulong WriteProtect = 1 << 1;
    private const uint ApiRequest = 0xC018AA3F;
    private const uint RegisterRequest = 0xC020AA00;
    private const uint UnregisterRequest = 0x8010AA01;

    private static readonly int s_descriptor = Open();

    /// <summary>Whether this kernel tells written pages.</summary>
    public static bool IsServed => s_descriptor >= 0 && PagemapScan.IsServed;

    /// <summary>Watches a range from now on. What was written before counts as written.</summary>
    /// <param name="start">Its start, on a page boundary.</param>
    /// <param name="length">Its length in bytes, whole pages; all of it mapped, accessible or not.</param>
    public static bool TryWatch(byte* start, ulong length)
    {
        if (!IsServed) return false;
        var register = new RegisterArguments { Start = (ulong)start, Length = length, Mode = WriteProtect };
        return Ioctl(s_descriptor, RegisterRequest, &register) == 0;
    }

    /// <summary>Watches a range no longer.</summary>
    public static void Unwatch(byte* start, ulong length)
    {
        var range = new RangeArguments { Start = (ulong)start, Length = length };
        Ioctl(s_descriptor, UnregisterRequest, &range);
    }

    /// <summary>
    /// The runs, in rising order, that hold all pages written since the last <see cref="TryTake"/>. False if the range is not watched; what was
    /// written is then unknown.
    /// </summary>
    /// <param name="start">The memory.</param>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="isDense">Whether most pages have contents. Holes are then taken as written once, and marked, which takes page tables for all of it.</param>
    /// <param name="ranges">Where the runs are added.</param>
    public static bool TryFind(byte* start, ulong length, bool isDense, List<ByteRange> ranges) =>
        PagemapScan.TryFindWritten(start, length, ScanFlags.RequireWatched | HolesIf(isDense), ranges);

    /// <summary>As <see cref="TryFind"/>, and from now on these pages count as not written.</summary>
    public static bool TryTake(byte* start, ulong length, bool isDense, List<ByteRange> ranges) =>
        PagemapScan.TryFindWritten(start, length, ScanFlags.RequireWatched | ScanFlags.ProtectFound | HolesIf(isDense), ranges);

    private static ScanFlags HolesIf(bool isDense) => isDense ? ScanFlags.HolesToo : ScanFlags.None;

    private static int Open()
    {
        if (!OperatingSystem.IsLinux()) return -1;
        var call = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => SystemCallX64,
            Architecture.Arm64 => SystemCallArm64,
            _ => -1,
        };
        if (call < 0) return -1;
        var descriptor = (int)SystemCall(call, CloseOnExec | NonBlocking | UserModeOnly);
        if (descriptor < 0) return -1;
        var api = new ApiArguments { Version = ApiVersion, Features = WatchUnpopulated | NoteWithoutStopping };
        if (Ioctl(descriptor, ApiRequest, &api) == 0) return descriptor;
        Close(descriptor);
        return -1;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint argument);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int descriptor, nuint request, void* argument);

    /// <summary><c>struct uffdio_api</c></summary>
    private struct ApiArguments
    {
        public ulong Version;
        public ulong Features;
        public ulong Requests;
    }

    /// <summary><c>struct uffdio_range</c></summary>
    private struct RangeArguments
    {
        public ulong Start;
        public ulong Length;
    }

    /// <summary><c>struct uffdio_register</c></summary>
    private struct RegisterArguments
    {
        public ulong Start;
        public ulong Length;
        public ulong Mode;
        public ulong Requests;
    }
}
