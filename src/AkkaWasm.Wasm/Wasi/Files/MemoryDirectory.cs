namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>A directory in memory, as a descriptor or a path sees it. One that was removed has no entries and takes no new ones.</summary>
internal sealed class MemoryDirectory(MemoryDirectoryNode node) : WasiDirectory
{
    public MemoryDirectoryNode Node => node;

    private MemoryFileSystem Files => node.Files;

    public override WasiErrno Stat(out WasiFileStat stat)
    {
        stat = node.ToStat();
        return WasiErrno.Success;
    }

    public override WasiErrno Stat(string name, out WasiFileStat stat)
    {
        stat = default;
        if (!node.TryGet(name, out var found)) return WasiErrno.NoEntry;
        stat = found.ToStat();
        return WasiErrno.Success;
    }

    public override WasiErrno SetTimes(WasiTimes times) => node.Apply(times);

    public override WasiErrno SetTimes(string name, WasiTimes times) => node.TryGet(name, out var found) ? found.Apply(times) : WasiErrno.NoEntry;

    public override WasiErrno ReadLink(string name, out string target)
    {
        target = "";
        if (!node.TryGet(name, out var found)) return WasiErrno.NoEntry;
        if (found is not MemoryLinkNode link) return WasiErrno.Invalid;
        target = link.Target;
        return WasiErrno.Success;
    }

    public override WasiErrno OpenDirectory(string name, out WasiDirectory directory)
    {
        directory = null!;
        if (!node.TryGet(name, out var found)) return WasiErrno.NoEntry;
        if (found is not MemoryDirectoryNode inner) return WasiErrno.NotDirectory;
        directory = new MemoryDirectory(inner);
        return WasiErrno.Success;
    }

    public override WasiErrno OpenFile(string name, WasiOpenFlags flags, bool writes, out WasiFile file)
    {
        file = null!;
        if (node.TryGet(name, out var found))
        {
            if (flags.HasFlag(WasiOpenFlags.Create | WasiOpenFlags.Exclusive)) return WasiErrno.Exists;
            if (found is MemoryLinkNode) return WasiErrno.Loop;
            if (found is not MemoryFileNode existing) return WasiErrno.IsDirectory;
            if (Files.IsReadOnly && (writes || flags.HasFlag(WasiOpenFlags.Truncate))) return WasiErrno.ReadOnlyFileSystem;
            file = new MemoryFile(existing);
            return flags.HasFlag(WasiOpenFlags.Truncate) ? file.SetSize(0) : WasiErrno.Success;
        }
        if (!flags.HasFlag(WasiOpenFlags.Create)) return WasiErrno.NoEntry;
        var errno = Make(name, inode => new MemoryFileNode(Files, inode, new FileContent()), out var made);
        if (errno == WasiErrno.Success) file = new MemoryFile(made);
        return errno;
    }

    public override WasiErrno CreateDirectory(string name) => Make(name, inode => new MemoryDirectoryNode(Files, inode), out MemoryDirectoryNode _);

    public override WasiErrno Symlink(string target, string name) => Make(name, inode => new MemoryLinkNode(Files, inode, target), out MemoryLinkNode _);

    public override WasiErrno RemoveDirectory(string name)
    {
        if (!node.TryGet(name, out var found)) return WasiErrno.NoEntry;
        if (found is not MemoryDirectoryNode inner) return WasiErrno.NotDirectory;
        if (inner.Count > 0) return WasiErrno.NotEmpty;
        return Drop(name, inner);
    }

    public override WasiErrno Unlink(string name)
    {
        if (!node.TryGet(name, out var found)) return WasiErrno.NoEntry;
        return found is MemoryDirectoryNode ? WasiErrno.IsDirectory : Drop(name, found);
    }

    public override WasiErrno Rename(string name, WasiDirectory to, string newName)
    {
        if (!node.TryGet(name, out var moved)) return WasiErrno.NoEntry;
        var errno = Target(to, out var target);
        if (errno != WasiErrno.Success) return errno;
        if (moved is MemoryDirectoryNode directory && IsWithin(target.Node, directory)) return WasiErrno.Invalid;
        if (target.Node.TryGet(newName, out var replaced))
        {
            if (replaced == moved) return WasiErrno.Success;
            errno = MayReplace(moved, replaced);
            if (errno == WasiErrno.Success) errno = target.Drop(newName, replaced);
            if (errno != WasiErrno.Success) return errno;
        }
        moved.Links++; // so that it lives while it has no name
        node.Remove(name);
        target.Node.Add(newName, moved);
        moved.Links--;
        moved.ChangedNs = Files.NowNs;
        node.Touch();
        target.Node.Touch();
        return WasiErrno.Success;
    }

    public override WasiErrno Link(string name, WasiDirectory to, string newName)
    {
        if (!node.TryGet(name, out var found)) return WasiErrno.NoEntry;
        var errno = Target(to, out var target);
        if (errno != WasiErrno.Success) return errno;
        if (found is MemoryDirectoryNode) return WasiErrno.NotPermitted;
        if (target.Node.TryGet(newName, out _)) return WasiErrno.Exists;
        target.Node.Add(newName, found);
        found.ChangedNs = Files.NowNs;
        target.Node.Touch();
        return WasiErrno.Success;
    }

    public override WasiErrno List(ulong cookie, out IEnumerable<WasiEntry> entries)
    {
        entries = List(cookie);
        return WasiErrno.Success;
    }

    public override WasiErrno Reopen(out WasiDirectory directory)
    {
        directory = new MemoryDirectory(node);
        return WasiErrno.Success;
    }

    private IEnumerable<WasiEntry> List(ulong cookie)
    {
        if (cookie == 0) yield return new WasiEntry(1, node.Inode, WasiFileType.Directory, ".");
        if (cookie <= 1) yield return new WasiEntry(2, (node.Parent ?? node).Inode, WasiFileType.Directory, "..");
        foreach (var entry in node.EntriesFrom(Math.Max(cookie, 2) - 2))
            yield return new WasiEntry(entry.Number + 3, entry.Node.Inode, entry.Node.Type, entry.Name);
    }

    private WasiErrno Make<T>(string name, Func<ulong, T> make, out T made) where T : MemoryNode
    {
        made = null!;
        if (node.TryGet(name, out _)) return WasiErrno.Exists;
        if (Files.IsReadOnly) return WasiErrno.ReadOnlyFileSystem;
        if (node.Links == 0) return WasiErrno.NoEntry;
        var errno = Files.Make(make, out made);
        if (errno != WasiErrno.Success) return errno;
        node.Add(name, made);
        node.Touch();
        return WasiErrno.Success;
    }

    private WasiErrno Drop(string name, MemoryNode dropped)
    {
        if (Files.IsReadOnly) return WasiErrno.ReadOnlyFileSystem;
        node.Remove(name);
        dropped.ChangedNs = Files.NowNs;
        Files.Release(dropped);
        node.Touch();
        return WasiErrno.Success;
    }

    private WasiErrno Target(WasiDirectory to, out MemoryDirectory target)
    {
        target = (to as MemoryDirectory)!;
        if (target is null || target.Files != Files) return WasiErrno.CrossDevice;
        if (Files.IsReadOnly) return WasiErrno.ReadOnlyFileSystem;
        return target.Node.Links == 0 ? WasiErrno.NoEntry : WasiErrno.Success;
    }

    private static WasiErrno MayReplace(MemoryNode moved, MemoryNode replaced) => (moved, replaced) switch
    {
        (MemoryDirectoryNode, MemoryDirectoryNode { Count: > 0 }) => WasiErrno.NotEmpty,
        (MemoryDirectoryNode, MemoryDirectoryNode) => WasiErrno.Success,
        (MemoryDirectoryNode, _) => WasiErrno.NotDirectory,
        (_, MemoryDirectoryNode) => WasiErrno.IsDirectory,
        _ => WasiErrno.Success,
    };

    private static bool IsWithin(MemoryDirectoryNode? inner, MemoryDirectoryNode outer)
    {
        for (; inner is not null; inner = inner.Parent)
            if (inner == outer) return true;
        return false;
    }
}

/// <summary>A file in memory, open.</summary>
internal sealed class MemoryFile(MemoryFileNode node) : WasiFile
{
    public MemoryFileNode Node => node;

    public override WasiErrno Stat(out WasiFileStat stat)
    {
        stat = node.ToStat();
        return WasiErrno.Success;
    }

    public override WasiErrno SetTimes(WasiTimes times) => node.Apply(times);

    /// <summary>Reading changes nothing, not even the time of the last access.</summary>
    public override WasiErrno Read(ulong offset, Span<byte> destination, out int count)
    {
        count = offset > long.MaxValue ? 0 : node.Content.Read((long)offset, destination);
        return WasiErrno.Success;
    }

    public override WasiErrno Write(ulong offset, ReadOnlySpan<byte> bytes)
    {
        if (node.Files.IsReadOnly) return WasiErrno.ReadOnlyFileSystem;
        if (bytes.IsEmpty) return WasiErrno.Success;
        if (offset > long.MaxValue - (ulong)bytes.Length) return WasiErrno.FileTooBig;
        var end = offset + (ulong)bytes.Length;
        if (end > (ulong)node.Content.Size && node.Files.Resize(node, end) is not WasiErrno.Success and var errno) return errno;
        node.Content.Write((long)offset, bytes);
        node.Touch();
        return WasiErrno.Success;
    }

    public override WasiErrno SetSize(ulong size)
    {
        if (node.Files.IsReadOnly) return WasiErrno.ReadOnlyFileSystem;
        var errno = node.Files.Resize(node, size);
        if (errno == WasiErrno.Success) node.Touch();
        return errno;
    }

    public override WasiErrno Sync() => WasiErrno.Success;
}
