namespace AkkaWasm.Wasm.Wasi;

/// <summary><c>filetype</c>.</summary>
internal enum WasiFileType : byte
{
    Unknown = 0,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SymbolicLink = 7,
}

/// <summary><c>rights</c>: what may be done through a descriptor.</summary>
[Flags]
internal enum WasiRights : ulong
{
    None = 0,
    DataSync = 1 << 0,
    Read = 1 << 1,
    Seek = 1 << 2,
    SetFlags = 1 << 3,
    Sync = 1 << 4,
    Tell = 1 << 5,
    Write = 1 << 6,
    Advise = 1 << 7,
    Allocate = 1 << 8,
    CreateDirectory = 1 << 9,
    CreateFile = 1 << 10,
    LinkSource = 1 << 11,
    LinkTarget = 1 << 12,
    Open = 1 << 13,
    ReadDirectory = 1 << 14,
    ReadLink = 1 << 15,
    RenameSource = 1 << 16,
    RenameTarget = 1 << 17,
    PathStat = 1 << 18,
    PathSetSize = 1 << 19,
    PathSetTimes = 1 << 20,
    Stat = 1 << 21,
    SetSize = 1 << 22,
    SetTimes = 1 << 23,
    Symlink = 1 << 24,
    RemoveDirectory = 1 << 25,
    UnlinkFile = 1 << 26,
    Poll = 1 << 27,

    /// <summary>What applies to a directory itself.</summary>
    OfDirectories = CreateDirectory | CreateFile | LinkSource | LinkTarget | Open | ReadDirectory | ReadLink | RenameSource | RenameTarget | PathStat | PathSetSize | PathSetTimes
        | Stat | SetTimes | Symlink | RemoveDirectory | UnlinkFile | SetFlags | Sync | Advise,

    /// <summary>What applies to a regular file.</summary>
    OfFiles = DataSync | Read | Seek | SetFlags | Sync | Tell | Write | Advise | Allocate | Stat | SetSize | SetTimes | Poll,

    /// <summary>What applies to standard input.</summary>
    OfInput = Read | SetFlags | Stat | Poll,

    /// <summary>What applies to standard output and error.</summary>
    OfOutput = Write | SetFlags | Stat | Poll | DataSync | Sync,
}

/// <summary><c>fdflags</c>.</summary>
[Flags]
internal enum WasiFdFlags : ushort
{
    None = 0,
    Append = 1 << 0,
    DataSync = 1 << 1,
    NonBlocking = 1 << 2,
    ReadSync = 1 << 3,
    Sync = 1 << 4,
    All = Append | DataSync | NonBlocking | ReadSync | Sync,
}

/// <summary><c>oflags</c>.</summary>
[Flags]
internal enum WasiOpenFlags : ushort
{
    None = 0,
    Create = 1 << 0,
    Directory = 1 << 1,
    Exclusive = 1 << 2,
    Truncate = 1 << 3,
    All = Create | Directory | Exclusive | Truncate,
}

/// <summary><c>clockid</c>.</summary>
internal enum WasiClock
{
    Realtime = 0,
    Monotonic = 1,
    ProcessCpu = 2,
    ThreadCpu = 3,
}

/// <summary><c>filestat</c>: times in nanoseconds since the Unix epoch.</summary>
internal readonly record struct WasiFileStat(
    ulong Device, ulong Inode, WasiFileType Type, ulong Links, ulong Size, ulong AccessedNs, ulong ModifiedNs, ulong ChangedNs);

/// <summary>An entry of a directory: <c>dirent</c> and the name after it; <c>Next</c> is the cookie of the entry behind it.</summary>
internal readonly record struct WasiEntry(ulong Next, ulong Inode, WasiFileType Type, string Name);

/// <summary>The times to set on a file; null leaves one as it is.</summary>
internal readonly record struct WasiTimes(ulong? AccessedNs, ulong? ModifiedNs);
