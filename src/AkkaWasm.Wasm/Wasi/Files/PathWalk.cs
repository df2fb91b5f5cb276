using System.Text;

namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>
/// Where a path leads: a name in a directory. The path is followed one component at a time from the directory that a descriptor stands for, and
/// never to anything above it: neither by <c>..</c> nor by a symbolic link.
/// </summary>
internal sealed class PathWalk : IDisposable
{
    /// <summary>Longest component, bytes.</summary>
    public const int MaxNameBytes = 255;

    /// <summary>Most symbolic links on a way, as in Linux.</summary>
    public const int MaxLinks = 40;

    private readonly List<WasiDirectory> _opened = [];
    private readonly Stack<string> _ahead = [];
    private readonly bool _slashFollows;
    private int _links;
    private int _components;

    private PathWalk(WasiDirectory start, bool slashFollows)
    {
        _opened.Add(start);
        _slashFollows = slashFollows;
    }

    /// <summary>The directory that the name is in.</summary>
    public WasiDirectory Parent => _opened[^1];

    /// <summary>The last component, or null where the path leads to <see cref="Parent"/> itself.</summary>
    public string? Name { get; private set; }

    /// <summary>Whether the path ends with a slash, so that it must be a directory.</summary>
    public bool MustBeDirectory { get; private set; }

    /// <summary>Follows a path.</summary>
    /// <param name="start">The directory that it is relative to; stays open.</param>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a symbolic link at its end is followed too.</param>
    /// <param name="slashFollows">Whether one is followed that has a slash behind it.</param>
    /// <param name="limits">How long and deep it may be.</param>
    /// <param name="walk">Where it leads; to be disposed.</param>
    public static WasiErrno Resolve(WasiDirectory start, string path, bool follow, bool slashFollows, WasiLimits limits, out PathWalk walk)
    {
        walk = new PathWalk(start, slashFollows);
        var errno = path.Length == 0 ? WasiErrno.NoEntry : walk.Push(path, limits);
        if (errno == WasiErrno.Success) errno = walk.Run(follow, limits);
        if (errno != WasiErrno.Success) walk.Dispose();
        return errno;
    }

    public void Dispose()
    {
        for (; _opened.Count > 1; _opened.RemoveAt(_opened.Count - 1)) _opened[^1].Dispose();
    }

    private WasiErrno Push(string path, WasiLimits limits)
    {
        if (path[0] == '/') return WasiErrno.NotCapable;
        if (path.Contains('\0', StringComparison.Ordinal)) return WasiErrno.IllegalSequence;
        if (Encoding.UTF8.GetByteCount(path) > limits.PathBytes) return WasiErrno.NameTooLong;
        var components = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if ((_components += components.Length) > limits.PathDepth) return WasiErrno.NameTooLong;
        if (_ahead.Count == 0) MustBeDirectory |= path[^1] == '/';
        for (var i = components.Length - 1; i >= 0; i--)
        {
            if (components[i].Length * 3 > MaxNameBytes && Encoding.UTF8.GetByteCount(components[i]) > MaxNameBytes) return WasiErrno.NameTooLong;
            _ahead.Push(components[i]);
        }
        return WasiErrno.Success;
    }

    private WasiErrno Run(bool follow, WasiLimits limits)
    {
        while (_ahead.TryPop(out var component))
        {
            var errno = component switch
            {
                "." => WasiErrno.Success,
                ".." => Ascend(),
                _ when _ahead.Count > 0 => Descend(component, limits),
                _ => Arrive(component, follow, limits),
            };
            if (errno != WasiErrno.Success) return errno;
        }
        return WasiErrno.Success;
    }

    private WasiErrno Ascend()
    {
        if (_opened.Count == 1) return WasiErrno.NotCapable;
        _opened[^1].Dispose();
        _opened.RemoveAt(_opened.Count - 1);
        return WasiErrno.Success;
    }

    private WasiErrno Descend(string name, WasiLimits limits)
    {
        var errno = Parent.OpenDirectory(name, out var directory);
        if (errno == WasiErrno.Success)
        {
            _opened.Add(directory);
            return WasiErrno.Success;
        }
        if (errno != WasiErrno.NotDirectory) return errno;
        return Parent.ReadLink(name, out var target) == WasiErrno.Success ? Follow(target, limits) : WasiErrno.NotDirectory;
    }

    private WasiErrno Arrive(string name, bool follow, WasiLimits limits)
    {
        if ((follow || (MustBeDirectory && _slashFollows)) && Parent.ReadLink(name, out var target) == WasiErrno.Success) return Follow(target, limits);
        Name = name;
        return WasiErrno.Success;
    }

    private WasiErrno Follow(string target, WasiLimits limits)
    {
        if (++_links > MaxLinks) return WasiErrno.Loop;
        return target.Length == 0 ? WasiErrno.NoEntry : Push(target, limits);
    }
}
