using System.Diagnostics.CodeAnalysis;

namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>What every file, directory and symbolic link in memory has.</summary>
internal abstract class MemoryNode(MemoryFileSystem files, ulong inode)
{
    public MemoryFileSystem Files { get; } = files;

    public ulong Inode { get; } = inode;

    public abstract WasiFileType Type { get; }

    /// <summary>How many names it has; a directory has one until it is removed.</summary>
    public int Links { get; set; }

    /// <summary>How many descriptors stand for it; without names it lives as long as they do.</summary>
    public int Opened { get; set; }

    public ulong AccessedNs { get; set; }

    public ulong ModifiedNs { get; set; }

    public ulong ChangedNs { get; set; }

    protected abstract long Size { get; }

    public WasiFileStat ToStat() => new(Files.Device, Inode, Type, (ulong)Links, (ulong)Size, AccessedNs, ModifiedNs, ChangedNs);

    public WasiErrno Apply(WasiTimes times)
    {
        if (Files.IsReadOnly) return WasiErrno.ReadOnlyFileSystem;
        AccessedNs = times.AccessedNs ?? AccessedNs;
        ModifiedNs = times.ModifiedNs ?? ModifiedNs;
        ChangedNs = Files.NowNs;
        return WasiErrno.Success;
    }

    /// <summary>Its content changed.</summary>
    public void Touch() => ModifiedNs = ChangedNs = Files.NowNs;
}

/// <summary>A regular file in memory.</summary>
internal sealed class MemoryFileNode(MemoryFileSystem files, ulong inode, FileContent content) : MemoryNode(files, inode)
{
    public override WasiFileType Type => WasiFileType.RegularFile;

    public FileContent Content { get; } = content;

    protected override long Size => Content.Size;
}

/// <summary>A symbolic link in memory.</summary>
internal sealed class MemoryLinkNode(MemoryFileSystem files, ulong inode, string target) : MemoryNode(files, inode)
{
    public override WasiFileType Type => WasiFileType.SymbolicLink;

    public string Target { get; } = target;

    protected override long Size => System.Text.Encoding.UTF8.GetByteCount(Target);
}

/// <summary>
/// A directory in memory. Entries are listed in the order in which they were made, by numbers that are never used twice, so that a program that
/// removes what it lists misses nothing.
/// </summary>
internal sealed class MemoryDirectoryNode(MemoryFileSystem files, ulong inode) : MemoryNode(files, inode)
{
    private readonly Dictionary<string, MemoryEntry> _byName = new(StringComparer.Ordinal);
    private readonly SortedSet<MemoryEntry> _inOrder = new(Comparer<MemoryEntry>.Create((a, b) => a.Number.CompareTo(b.Number)));

    public override WasiFileType Type => WasiFileType.Directory;

    public MemoryDirectoryNode? Parent { get; set; }

    /// <summary>The number of the next entry.</summary>
    public ulong NextNumber { get; set; }

    public int Count => _byName.Count;

    public IEnumerable<MemoryEntry> Entries => _inOrder;

    protected override long Size => 0;

    public bool TryGet(string name, [NotNullWhen(true)] out MemoryNode? node)
    {
        node = _byName.TryGetValue(name, out var entry) ? entry.Node : null;
        return node is not null;
    }

    public IEnumerable<MemoryEntry> EntriesFrom(ulong number) => number >= NextNumber ? [] : _inOrder.GetViewBetween(Key(number), Key(ulong.MaxValue));

    public void Add(string name, MemoryNode node) => Add(new MemoryEntry(NextNumber++, name, node));

    /// <summary>Adds an entry that has its number already.</summary>
    public void Add(MemoryEntry entry)
    {
        _byName.Add(entry.Name, entry);
        _inOrder.Add(entry);
        entry.Node.Links++;
        if (entry.Node is MemoryDirectoryNode directory) directory.Parent = this;
    }

    public void Remove(string name)
    {
        if (!_byName.Remove(name, out var entry)) return;
        _inOrder.Remove(entry);
        entry.Node.Links--;
        if (entry.Node is MemoryDirectoryNode directory) directory.Parent = null;
    }

    private static MemoryEntry Key(ulong number) => new(number, "", null!);
}

/// <summary>A name in a directory.</summary>
internal sealed record MemoryEntry(ulong Number, string Name, MemoryNode Node);
