using System.Runtime.InteropServices;

namespace AkkaWasm.Wasm.Instances;

/// <summary>Pages of the process's address space, Linux only.</summary>
internal static unsafe partial class HostPages
{
    private const int ProtectNone = 0;
    private const int ProtectReadWrite = 3;
    private const int PrivateAnonymousNoReserve = 0x02 | 0x20 | 0x4000;
    private const int MoveToFixed = 1 | 2;
    private const int AdviseDoNotNeed = 4;
    private const int AdviseHugePages = 14;
    private const int AdviseNoHugePages = 15;

    /// <summary>Address space that cannot be accessed yet, or null if there is none.</summary>
    public static byte* Reserve(nuint length) => Map(length, ProtectNone);

    /// <summary>Zeros that take real memory once they are written, a small page each, or null if there is no room.</summary>
    public static byte* MapZeros(nuint length)
    {
        var start = Map(length, ProtectReadWrite);
        // Best effort: where it fails, huge pages are not there at all.
        if (start is not null) _ = Advise(start, length, AdviseNoHugePages);
        return start;
    }

    /// <summary>Makes reserved pages accessible.</summary>
    public static bool Open(byte* start, nuint length) => length == 0 || Protect(start, length, ProtectReadWrite) == 0;

    /// <summary>Moves pages over others without copying them; their old place is left without any.</summary>
    public static bool Move(byte* from, nuint length, byte* to) => Remap(from, length, length, MoveToFixed, to) == to;

    /// <summary>Gives real memory back; the pages are zero again.</summary>
    public static bool Discard(byte* start, nuint length) => length == 0 || Advise(start, length, AdviseDoNotNeed) == 0;

    /// <summary>Whether pages that are made from now on are huge where whole ones fit, as far as the kernel has any. Only advice.</summary>
    public static void PreferHugePages(byte* start, nuint length, bool isPreferred) =>
        _ = Advise(start, length, isPreferred ? AdviseHugePages : AdviseNoHugePages);

    public static void Unmap(byte* start, nuint length) => Munmap(start, length == 0 ? (nuint)Environment.SystemPageSize : length);

    /// <summary>Whether the process has that much address space left in one piece.</summary>
    public static bool CanReserve(nuint bytes)
    {
        var start = Reserve(bytes);
        if (start is null) return false;
        Unmap(start, bytes);
        return true;
    }

    public static nuint RoundUp(nuint length)
    {
        var mask = (nuint)Environment.SystemPageSize - 1;
        return (length + mask) & ~mask;
    }

    private static byte* Map(nuint length, int protection)
    {
        var start = Mmap(null, length == 0 ? (nuint)Environment.SystemPageSize : length, protection, PrivateAnonymousNoReserve, -1, 0);
        return (nint)start == -1 ? null : start;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Mmap(void* address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "mremap")]
    private static partial byte* Remap(void* address, nuint oldLength, nuint newLength, int flags, void* target);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
