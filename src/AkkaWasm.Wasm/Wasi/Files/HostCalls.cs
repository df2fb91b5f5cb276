using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>The calls of Linux that work on one name in an open directory, and their constants.</summary>
internal static partial class HostCalls
{
    public const int CurrentDirectory = -100;
    public const int NoFollow = 0x100;
    public const int RemoveDirectory = 0x200;
    public const int EmptyPath = 0x1000;

    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int ReadWrite = 2;
    private const uint BasicStats = 0x7FF;
    private const int FileMode = 0x1B6; // 0666
    private const int DirectoryMode = 0x1FF; // 0777
    private const long OmitTime = 0x3FFFFFFE;
    private const long NsPerSecond = 1_000_000_000;

    // These two differ between the architectures.
    private static readonly int DirectoryFlag = IsArm ? 0x4000 : 0x10000;
    private static readonly int NoFollowFlag = IsArm ? 0x8000 : 0x20000;

    private static readonly Dictionary<int, WasiErrno> Errors = new()
    {
        [1] = WasiErrno.NotPermitted, [2] = WasiErrno.NoEntry, [5] = WasiErrno.Io, [9] = WasiErrno.BadDescriptor, [12] = WasiErrno.NoMemory,
        [13] = WasiErrno.Access, [16] = WasiErrno.Busy, [17] = WasiErrno.Exists, [18] = WasiErrno.CrossDevice, [20] = WasiErrno.NotDirectory, [21] = WasiErrno.IsDirectory,
        [22] = WasiErrno.Invalid, [23] = WasiErrno.TooManyDescriptors, [24] = WasiErrno.TooManyDescriptors, [26] = WasiErrno.TextFileBusy, [27] = WasiErrno.FileTooBig,
        [28] = WasiErrno.NoSpace, [30] = WasiErrno.ReadOnlyFileSystem, [31] = WasiErrno.TooManyLinks, [36] = WasiErrno.NameTooLong, [39] = WasiErrno.NotEmpty,
        [40] = WasiErrno.Loop, [75] = WasiErrno.Overflow, [95] = WasiErrno.NotSupported, [122] = WasiErrno.NoSpace,
    };

    private static bool IsArm => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    public static WasiErrno OpenDirectory(SafeFileHandle? at, string name, bool follow, out SafeFileHandle opened) =>
        Open(at, name, DirectoryFlag | CloseOnExec | (follow ? 0 : NoFollowFlag), out opened);

    /// <summary>Opens a file without waiting for the other end of a pipe.</summary>
    public static WasiErrno OpenFile(SafeFileHandle at, string name, bool create, bool exclusive, bool write, out SafeFileHandle opened) =>
        Open(at, name, CloseOnExec | NoFollowFlag | NonBlocking | (create ? Create : 0) | (exclusive ? Exclusive : 0) | (write ? ReadWrite : 0), out opened);

    public static WasiErrno MakeDirectory(SafeFileHandle at, string name) => Check(mkdirat(at, name, DirectoryMode));

    public static WasiErrno Unlink(SafeFileHandle at, string name, int flags) => Check(unlinkat(at, name, flags));

    public static WasiErrno Rename(SafeFileHandle at, string name, SafeFileHandle to, string newName) => Check(renameat(at, name, to, newName));

    public static WasiErrno Link(SafeFileHandle at, string name, SafeFileHandle to, string newName) => Check(linkat(at, name, to, newName, 0));

    public static WasiErrno Symlink(string target, SafeFileHandle at, string name) => Check(symlinkat(target, at, name));

    public static WasiErrno ReadLink(SafeFileHandle at, string name, Span<byte> target, out int length)
    {
        length = (int)readlinkat(at, name, target, (nuint)target.Length);
        return Check(Math.Min(length, 0));
    }

    /// <summary>Sets times of what a name stands for, or with no name of the handle itself.</summary>
    public static WasiErrno SetTimes(SafeFileHandle at, string? name, WasiTimes times)
    {
        ReadOnlySpan<long> values = [Seconds(times.AccessedNs), Rest(times.AccessedNs), Seconds(times.ModifiedNs), Rest(times.ModifiedNs)];
        return Check(name is null ? futimens(at, values) : utimensat(at, name, values, NoFollow));
    }

    public static WasiErrno Stat(SafeFileHandle at, string name, int flags, out WasiFileStat stat)
    {
        Span<ulong> room = stackalloc ulong[32];
        var errno = Check(statx(at, name, flags, BasicStats, room));
        stat = errno == WasiErrno.Success ? HostStat.Read(MemoryMarshal.AsBytes(room)) : default;
        return errno;
    }

    public static WasiErrno Of(int error) => Errors.GetValueOrDefault(error, WasiErrno.Io);

    private static WasiErrno Open(SafeFileHandle? at, string name, int flags, out SafeFileHandle opened)
    {
        var fd = at is null ? openat(CurrentDirectory, name, flags, FileMode) : openat(at, name, flags, FileMode);
        var errno = Check(Math.Min(fd, 0));
        opened = errno == WasiErrno.Success ? new SafeFileHandle(fd, ownsHandle: true) : null!;
        return errno;
    }

    private static WasiErrno Check(int result) => result == 0 ? WasiErrno.Success : Of(Marshal.GetLastPInvokeError());

    private static long Seconds(ulong? ns) => ns is { } value ? (long)(value / NsPerSecond) : 0;

    private static long Rest(ulong? ns) => ns is { } value ? (long)(value % NsPerSecond) : OmitTime;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(SafeFileHandle at, string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int openat(int at, string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdirat(SafeFileHandle at, string path, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlinkat(SafeFileHandle at, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat(SafeFileHandle at, string path, SafeFileHandle to, string newPath);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(SafeFileHandle at, string path, SafeFileHandle to, string newPath, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlinkat(string target, SafeFileHandle at, string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint readlinkat(SafeFileHandle at, string path, Span<byte> buffer, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int utimensat(SafeFileHandle at, string path, ReadOnlySpan<long> times, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int futimens(SafeFileHandle file, ReadOnlySpan<long> times);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle at, string path, int flags, uint mask, Span<ulong> buffer);
}
