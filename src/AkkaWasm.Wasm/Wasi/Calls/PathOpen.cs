using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi.Calls;

/// <summary><c>path_open</c> behind its path: what is opened, and what may be done with it.</summary>
/// <param name="through">The directory that the path is relative to.</param>
/// <param name="flags">How to open.</param>
/// <param name="rights">Rights asked for; what does not apply to what is opened is left out.</param>
/// <param name="inheriting">Rights asked for what is opened through it.</param>
/// <param name="fdFlags">Flags of the new descriptor.</param>
internal readonly struct PathOpen(WasiDescriptor through, WasiOpenFlags flags, WasiRights rights, WasiRights inheriting, WasiFdFlags fdFlags)
{
    private bool Creates => flags.HasFlag(WasiOpenFlags.Create);

    private bool Truncates => flags.HasFlag(WasiOpenFlags.Truncate);

    private bool Writes => (rights & (WasiRights.Write | WasiRights.Allocate | WasiRights.SetSize)) != 0;

    public WasiErrno Run(PathWalk walk, out WasiDescriptor opened)
    {
        opened = null!;
        if ((flags & ~WasiOpenFlags.All) != 0 || (fdFlags & ~WasiFdFlags.All) != 0) return WasiErrno.Invalid;
        if ((rights & (WasiRights.OfDirectories | WasiRights.OfFiles) & ~through.Inheriting) != 0) return WasiErrno.NotCapable;
        if (Creates && !through.Rights.HasFlag(WasiRights.CreateFile)) return WasiErrno.NotCapable;
        if (Truncates && !through.Rights.HasFlag(WasiRights.PathSetSize)) return WasiErrno.NotCapable;
        if (flags.HasFlag(WasiOpenFlags.Directory) || walk.MustBeDirectory || walk.Name is null) return OpenDirectory(walk, out opened);
        var errno = walk.Parent.OpenFile(walk.Name, flags, Writes, out var file);
        if (errno == WasiErrno.Success)
            opened = WasiDescriptor.Of(file, rights & WasiRights.OfFiles, inheriting & through.Inheriting, fdFlags);
        return errno == WasiErrno.IsDirectory && !Creates && !Truncates ? OpenDirectory(walk, out opened) : errno;
    }

    private WasiErrno OpenDirectory(PathWalk walk, out WasiDescriptor opened)
    {
        opened = null!;
        if (Creates && flags.HasFlag(WasiOpenFlags.Directory)) return WasiErrno.Invalid;
        var errno = walk.Name is { } name ? walk.Parent.OpenDirectory(name, out var directory) : walk.Parent.Reopen(out directory);
        if (errno != WasiErrno.Success) return errno;
        if (Creates || Truncates || rights.HasFlag(WasiRights.Write))
        {
            directory.Dispose();
            return Creates && flags.HasFlag(WasiOpenFlags.Exclusive) ? WasiErrno.Exists : WasiErrno.IsDirectory;
        }
        opened = WasiDescriptor.Of(directory, rights & WasiRights.OfDirectories, inheriting & through.Inheriting, fdFlags);
        return WasiErrno.Success;
    }
}
