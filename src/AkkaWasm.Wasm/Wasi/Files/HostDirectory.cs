using System.Text;
using Microsoft.Win32.SafeHandles;

namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>
/// A directory of the machine, held open. Everything happens to one name in it, and no symbolic link is ever followed by the machine, so nothing
/// outside is reached even while others rename what is inside.
/// </summary>
internal sealed class HostDirectory : WasiDirectory
{
    private const int MaxTargetBytes = 4_096;

    private readonly SafeFileHandle _handle;
    private WasiEntry[]? _listed;

    private HostDirectory(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens the folder that a program is given.</summary>
    /// <exception cref="IOException">It is not there or cannot be read.</exception>
    /// <exception cref="PlatformNotSupportedException">The machine does not run Linux.</exception>
    public static HostDirectory OpenRoot(string path)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("Folders of the machine can be given to programs on Linux only.");
        var errno = HostCalls.OpenDirectory(null, path, follow: true, out var handle);
        return errno == WasiErrno.Success ? new HostDirectory(handle) : throw new IOException(errno switch
        {
            WasiErrno.NoEntry => $"The folder '{path}' is not there; check the path.",
            WasiErrno.NotDirectory => $"'{path}' is no folder; name one.",
            _ => $"The folder '{path}' cannot be opened ({errno}); see to its rights.",
        });
    }

    public override WasiErrno Stat(out WasiFileStat stat) => HostCalls.Stat(_handle, "", HostCalls.EmptyPath, out stat);

    public override WasiErrno Stat(string name, out WasiFileStat stat) => HostCalls.Stat(_handle, name, HostCalls.NoFollow, out stat);

    public override WasiErrno SetTimes(WasiTimes times) => HostCalls.SetTimes(_handle, null, times);

    public override WasiErrno SetTimes(string name, WasiTimes times) => HostCalls.SetTimes(_handle, name, times);

    public override WasiErrno ReadLink(string name, out string target)
    {
        Span<byte> buffer = stackalloc byte[MaxTargetBytes];
        var errno = HostCalls.ReadLink(_handle, name, buffer, out var length);
        target = errno == WasiErrno.Success ? Encoding.UTF8.GetString(buffer[..length]) : "";
        return errno;
    }

    public override WasiErrno OpenDirectory(string name, out WasiDirectory directory)
    {
        var errno = HostCalls.OpenDirectory(_handle, name, follow: false, out var handle);
        directory = errno == WasiErrno.Success ? new HostDirectory(handle) : null!;
        // Linux says "loop" for a symbolic link where it is asked for a directory and not to follow.
        return errno == WasiErrno.Loop ? WasiErrno.NotDirectory : errno;
    }

    public override WasiErrno OpenFile(string name, WasiOpenFlags flags, bool writes, out WasiFile file)
    {
        file = null!;
        var (creates, truncates) = (flags.HasFlag(WasiOpenFlags.Create), flags.HasFlag(WasiOpenFlags.Truncate));
        var errno = HostCalls.OpenFile(_handle, name, creates, flags.HasFlag(WasiOpenFlags.Exclusive), writes || truncates, out var handle);
        if (errno != WasiErrno.Success) return errno;
        file = new HostFile(handle);
        errno = file.Stat(out var stat);
        if (errno == WasiErrno.Success && stat.Type == WasiFileType.Directory) errno = WasiErrno.IsDirectory;
        if (errno == WasiErrno.Success && stat.Type != WasiFileType.RegularFile) errno = WasiErrno.NotSupported;
        if (errno == WasiErrno.Success && truncates) errno = file.SetSize(0);
        if (errno != WasiErrno.Success) file.Dispose();
        return errno;
    }

    public override WasiErrno CreateDirectory(string name) => HostCalls.MakeDirectory(_handle, name);

    public override WasiErrno RemoveDirectory(string name) => HostCalls.Unlink(_handle, name, HostCalls.RemoveDirectory);

    public override WasiErrno Unlink(string name) => HostCalls.Unlink(_handle, name, 0);

    public override WasiErrno Rename(string name, WasiDirectory to, string newName) =>
        to is HostDirectory other ? HostCalls.Rename(_handle, name, other._handle, newName) : WasiErrno.CrossDevice;

    public override WasiErrno Link(string name, WasiDirectory to, string newName) =>
        to is HostDirectory other ? HostCalls.Link(_handle, name, other._handle, newName) : WasiErrno.CrossDevice;

    public override WasiErrno Symlink(string target, string name) => HostCalls.Symlink(target, _handle, name);

    /// <summary>The folder is read at cookie 0; further cookies count in what was read then.</summary>
    public override WasiErrno List(ulong cookie, out IEnumerable<WasiEntry> entries)
    {
        entries = [];
        if (cookie == 0 || _listed is null)
        {
            var errno = ReadEntries(out _listed);
            if (errno != WasiErrno.Success) return errno;
        }
        entries = cookie >= (ulong)_listed!.Length ? [] : new ArraySegment<WasiEntry>(_listed, (int)cookie, _listed.Length - (int)cookie);
        return WasiErrno.Success;
    }

    public override WasiErrno Reopen(out WasiDirectory directory)
    {
        var errno = HostCalls.OpenDirectory(_handle, ".", follow: false, out var handle);
        directory = errno == WasiErrno.Success ? new HostDirectory(handle) : null!;
        return errno;
    }

    public override void Dispose() => _handle.Dispose();

    private WasiErrno ReadEntries(out WasiEntry[]? listed)
    {
        listed = null;
        var errno = Stat(out var self);
        if (errno != WasiErrno.Success) return errno;
        var entries = new List<WasiEntry> { new(1, self.Inode, WasiFileType.Directory, "."), new(2, self.Inode, WasiFileType.Directory, "..") };
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/self/fd/{_handle.DangerousGetHandle()}").Order(StringComparer.Ordinal))
            {
                var name = Path.GetFileName(path);
                if (Stat(name, out var stat) == WasiErrno.Success) entries.Add(new WasiEntry((ulong)entries.Count + 1, stat.Inode, stat.Type, name));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e is UnauthorizedAccessException ? WasiErrno.Access : WasiErrno.Io;
        }
        listed = [.. entries];
        return WasiErrno.Success;
    }
}
