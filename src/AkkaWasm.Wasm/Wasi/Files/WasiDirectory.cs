namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>
/// A directory of whatever backs the world. Every name is one component: no slash, not <c>.</c> or <c>..</c>; following symbolic links is the
/// business of <see cref="PathWalk"/>. Disposing closes what the host keeps open for it.
/// </summary>
internal abstract class WasiDirectory : IDisposable
{
    public abstract WasiErrno Stat(out WasiFileStat stat);

    /// <summary>Stats what a name stands for, a symbolic link itself.</summary>
    public abstract WasiErrno Stat(string name, out WasiFileStat stat);

    public abstract WasiErrno SetTimes(WasiTimes times);

    public abstract WasiErrno SetTimes(string name, WasiTimes times);

    /// <summary><see cref="WasiErrno.Invalid"/> for what is no symbolic link.</summary>
    public abstract WasiErrno ReadLink(string name, out string target);

    /// <summary>The directory of that name; <see cref="WasiErrno.NotDirectory"/> also for symbolic links.</summary>
    public abstract WasiErrno OpenDirectory(string name, out WasiDirectory directory);

    /// <summary>Opens or makes a file; <see cref="WasiErrno.IsDirectory"/> for a directory, <see cref="WasiErrno.Loop"/> for a symbolic link.</summary>
    public abstract WasiErrno OpenFile(string name, WasiOpenFlags flags, bool writes, out WasiFile file);

    public abstract WasiErrno CreateDirectory(string name);

    public abstract WasiErrno RemoveDirectory(string name);

    public abstract WasiErrno Unlink(string name);

    public abstract WasiErrno Rename(string name, WasiDirectory to, string newName);

    public abstract WasiErrno Link(string name, WasiDirectory to, string newName);

    public abstract WasiErrno Symlink(string target, string name);

    /// <summary>The entries from a cookie on, those for itself and its parent (cookies 0 and 1) first.</summary>
    public abstract WasiErrno List(ulong cookie, out IEnumerable<WasiEntry> entries);

    /// <summary>The same directory for another descriptor.</summary>
    public abstract WasiErrno Reopen(out WasiDirectory directory);

    public virtual void Dispose()
    {
    }
}

/// <summary>A regular file of whatever backs the world, open.</summary>
internal abstract class WasiFile : IDisposable
{
    public abstract WasiErrno Stat(out WasiFileStat stat);

    public abstract WasiErrno SetTimes(WasiTimes times);

    /// <summary>Reads; 0 at and behind the end.</summary>
    public abstract WasiErrno Read(ulong offset, Span<byte> destination, out int count);

    /// <summary>Writes all; what lies between the end and the offset becomes zeros.</summary>
    public abstract WasiErrno Write(ulong offset, ReadOnlySpan<byte> bytes);

    public abstract WasiErrno SetSize(ulong size);

    public abstract WasiErrno Sync();

    public virtual void Dispose()
    {
    }
}
