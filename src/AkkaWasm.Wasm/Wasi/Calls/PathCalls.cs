using System.Text;
using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi.Calls;

/// <summary>What is done with paths, each relative to the directory that a descriptor stands for.</summary>
internal static class PathCalls
{
    private const uint Follow = 1;

    public static WasiErrno CreateDirectory(ref WasiCall call)
    {
        var errno = Walk(ref call, 0, WasiRights.CreateDirectory, 1, false, out var walk);
        if (errno != WasiErrno.Success) return errno;
        using (walk) return walk.Name is { } name ? walk.Parent.CreateDirectory(name) : WasiErrno.Exists;
    }

    public static WasiErrno RemoveDirectory(ref WasiCall call)
    {
        var errno = Walk(ref call, 0, WasiRights.RemoveDirectory, 1, false, out var walk, slashFollows: false);
        if (errno != WasiErrno.Success) return errno;
        using (walk) return walk.Name is { } name ? walk.Parent.RemoveDirectory(name) : WasiErrno.Invalid;
    }

    public static WasiErrno UnlinkFile(ref WasiCall call)
    {
        var errno = Walk(ref call, 0, WasiRights.UnlinkFile, 1, false, out var walk, slashFollows: false);
        if (errno != WasiErrno.Success) return errno;
        using (walk)
        {
            if (walk.Name is not { } name) return WasiErrno.IsDirectory;
            if (!walk.MustBeDirectory) return walk.Parent.Unlink(name);
            errno = walk.Parent.Stat(name, out var stat);
            if (errno != WasiErrno.Success) return errno;
            return stat.Type == WasiFileType.Directory ? WasiErrno.IsDirectory : WasiErrno.NotDirectory;
        }
    }

    public static WasiErrno FileStatGet(ref WasiCall call)
    {
        var errno = Walk(ref call, 0, WasiRights.PathStat, 2, Follows(ref call, 1), out var walk);
        if (errno != WasiErrno.Success) return errno;
        using (walk)
        {
            errno = Stat(walk, out var stat);
            return errno == WasiErrno.Success ? DescriptorCalls.WriteStat(ref call, call.U32(4), stat) : errno;
        }
    }

    public static WasiErrno SetTimes(ref WasiCall call)
    {
        var errno = DescriptorCalls.Times(ref call, 4, out var times);
        if (errno != WasiErrno.Success) return errno;
        errno = Walk(ref call, 0, WasiRights.PathSetTimes, 2, Follows(ref call, 1), out var walk);
        if (errno != WasiErrno.Success) return errno;
        using (walk) return walk.Name is { } name ? walk.Parent.SetTimes(name, times) : walk.Parent.SetTimes(times);
    }

    public static WasiErrno ReadLink(ref WasiCall call)
    {
        var errno = Walk(ref call, 0, WasiRights.ReadLink, 1, false, out var walk);
        if (errno != WasiErrno.Success) return errno;
        using (walk)
        {
            if (walk.Name is not { } name) return WasiErrno.Invalid;
            errno = walk.Parent.ReadLink(name, out var target);
            if (errno != WasiErrno.Success) return errno;
            var bytes = Encoding.UTF8.GetBytes(target);
            var count = (uint)Math.Min((ulong)bytes.Length, call.U32(4));
            if (!call.TrySpan(call.U32(3), count, out var buffer)) return WasiErrno.Fault;
            bytes.AsSpan(0, (int)count).CopyTo(buffer);
            return call.Write32(call.U32(5), count);
        }
    }

    /// <summary>A target that begins with a slash could only lead out of every preopened directory and is refused.</summary>
    public static WasiErrno Symlink(ref WasiCall call)
    {
        var errno = call.Text(0, out var target);
        if (errno != WasiErrno.Success) return errno;
        if (target.Length == 0) return WasiErrno.NoEntry;
        if (target[0] == '/') return WasiErrno.NotCapable;
        if (target.Contains('\0', StringComparison.Ordinal)) return WasiErrno.IllegalSequence;
        if (Encoding.UTF8.GetByteCount(target) > call.World.Limits.PathBytes) return WasiErrno.NameTooLong;
        errno = Walk(ref call, 2, WasiRights.Symlink, 3, false, out var walk);
        if (errno != WasiErrno.Success) return errno;
        using (walk)
        {
            if (walk.Name is not { } name) return WasiErrno.Exists;
            return walk.MustBeDirectory ? Absent(walk) : walk.Parent.Symlink(target, name);
        }
    }

    /// <summary>Hard links are made to what a name stands for itself; <c>symlink_follow</c> is refused, as real runtimes do.</summary>
    public static WasiErrno Link(ref WasiCall call)
    {
        if (Follows(ref call, 1)) return WasiErrno.Invalid;
        var errno = Walk(ref call, 0, WasiRights.LinkSource, 2, false, out var from);
        if (errno != WasiErrno.Success) return errno;
        using (from)
        {
            errno = Walk(ref call, 4, WasiRights.LinkTarget, 5, false, out var to);
            if (errno != WasiErrno.Success) return errno;
            using (to)
            {
                if (from.Name is not { } name) return WasiErrno.NotPermitted;
                if (to.Name is not { } newName) return WasiErrno.Exists;
                return from.MustBeDirectory ? WasiErrno.NotDirectory : to.MustBeDirectory ? Absent(to) : from.Parent.Link(name, to.Parent, newName);
            }
        }
    }

    public static WasiErrno Rename(ref WasiCall call)
    {
        var errno = Walk(ref call, 0, WasiRights.RenameSource, 1, false, out var from, slashFollows: false);
        if (errno != WasiErrno.Success) return errno;
        using (from)
        {
            errno = Walk(ref call, 3, WasiRights.RenameTarget, 4, false, out var to, slashFollows: false);
            if (errno != WasiErrno.Success) return errno;
            using (to)
            {
                if (from.Name is not { } name || to.Name is not { } newName) return WasiErrno.Busy;
                if (from.MustBeDirectory || to.MustBeDirectory)
                {
                    errno = from.Parent.Stat(name, out var stat);
                    if (errno != WasiErrno.Success) return errno;
                    if (stat.Type != WasiFileType.Directory) return WasiErrno.NotDirectory;
                }
                return from.Parent.Rename(name, to.Parent, newName);
            }
        }
    }

    public static WasiErrno Open(ref WasiCall call)
    {
        var errno = Walk(ref call, 0, WasiRights.Open, 2, Follows(ref call, 1) && (call.U32(4) & (uint)WasiOpenFlags.Exclusive) == 0, out var walk);
        if (errno != WasiErrno.Success) return errno;
        using (walk)
        {
            if (!call.TrySpan(call.U32(8), 4, out _)) return WasiErrno.Fault;
            if (!call.World.Descriptors.HasRoom) return WasiErrno.TooManyDescriptors;
            call.World.Descriptors.TryGet(call.Fd(0), out var directory);
            errno = new PathOpen(directory, (WasiOpenFlags)call.U32(4), (WasiRights)call.U64(5), (WasiRights)call.U64(6), (WasiFdFlags)call.U32(7)).Run(walk, out var opened);
            return errno == WasiErrno.Success ? call.Write32(call.U32(8), (uint)call.World.Descriptors.Add(opened)) : errno;
        }
    }

    private static bool Follows(ref WasiCall call, int index) => (call.U32(index) & Follow) != 0;

    /// <summary>Follows the path that the two arguments at <paramref name="path"/> give, from the descriptor at <paramref name="fd"/>.</summary>
    private static WasiErrno Walk(ref WasiCall call, int fd, WasiRights needed, int path, bool follow, out PathWalk walk, bool slashFollows = true)
    {
        walk = null!;
        if (!call.World.Descriptors.TryGet(call.Fd(fd), out var descriptor)) return WasiErrno.BadDescriptor;
        if (descriptor.Directory is not { } directory) return WasiErrno.NotDirectory;
        if ((descriptor.Rights & needed) != needed) return WasiErrno.NotCapable;
        var errno = call.Text(path, out var text);
        return errno == WasiErrno.Success ? PathWalk.Resolve(directory, text, follow, slashFollows, call.World.Limits, out walk) : errno;
    }

    private static WasiErrno Stat(PathWalk walk, out WasiFileStat stat)
    {
        if (walk.Name is not { } name) return walk.Parent.Stat(out stat);
        var errno = walk.Parent.Stat(name, out stat);
        return errno == WasiErrno.Success && walk.MustBeDirectory && stat.Type != WasiFileType.Directory ? WasiErrno.NotDirectory : errno;
    }

    /// <summary>What a new name that ends with a slash leads to: it is there, or it cannot be made.</summary>
    private static WasiErrno Absent(PathWalk walk)
    {
        var errno = walk.Parent.Stat(walk.Name!, out var stat);
        if (errno != WasiErrno.Success) return errno;
        return stat.Type == WasiFileType.Directory ? WasiErrno.Exists : WasiErrno.NotDirectory;
    }
}
