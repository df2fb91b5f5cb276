using System.Diagnostics.CodeAnalysis;

namespace AkkaWasm.Wasm.Wasi.Files;

/// <summary>A file system in memory: nodes by their numbers, given in the order in which they were made, from 1, the root.</summary>
internal sealed class MemoryFileSystem
{
    public const ulong RootInode = 1;

    private readonly Dictionary<ulong, MemoryNode> _nodes = [];
    private readonly WasiLimits _limits;
    private readonly Func<ulong>? _now;

    /// <summary>A file system that can be written.</summary>
    /// <param name="device">Its number.</param>
    /// <param name="limits">How much it may hold.</param>
    /// <param name="now">The time for what changes, nanoseconds since the Unix epoch.</param>
    public MemoryFileSystem(ulong device, WasiLimits limits, Func<ulong> now) : this(device, limits) => _now = now;

    private MemoryFileSystem(ulong device, WasiLimits limits)
    {
        Device = device;
        _limits = limits;
    }

    public ulong Device { get; }

    public bool IsReadOnly => _now is null;

    public ulong NowNs => _now!();

    /// <summary>Sizes of all files together, bytes.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>The number of the next node.</summary>
    public ulong NextInode { get; set; } = RootInode;

    public MemoryDirectoryNode Root => (MemoryDirectoryNode)_nodes[RootInode];

    /// <summary>All nodes by their numbers.</summary>
    public IEnumerable<MemoryNode> Nodes => _nodes.Values.OrderBy(node => node.Inode);

    public int NodeCount => _nodes.Count;

    /// <summary>A file system that nobody writes, to be filled by who makes it.</summary>
    public static MemoryFileSystem ReadOnly(ulong device) => new(device, new WasiLimits { Nodes = int.MaxValue, FileBytes = long.MaxValue });

    public bool TryFind(ulong inode, [NotNullWhen(true)] out MemoryNode? node) => _nodes.TryGetValue(inode, out node);

    public WasiErrno MakeRoot()
    {
        var errno = Make(inode => new MemoryDirectoryNode(this, inode), out var root);
        if (errno == WasiErrno.Success) root.Links = 1;
        return errno;
    }

    /// <summary>Makes a node that has no name yet.</summary>
    public WasiErrno Make<T>(Func<ulong, T> make, out T node) where T : MemoryNode
    {
        node = null!;
        if (_nodes.Count >= _limits.Nodes) return WasiErrno.NoSpace;
        node = make(NextInode++);
        if (!IsReadOnly) node.AccessedNs = node.ModifiedNs = node.ChangedNs = NowNs;
        Adopt(node);
        return WasiErrno.Success;
    }

    /// <summary>Takes a node that has its number already.</summary>
    public void Adopt(MemoryNode node)
    {
        _nodes.Add(node.Inode, node);
        if (node is MemoryFileNode file) UsedBytes += file.Content.Size;
    }

    public WasiErrno Resize(MemoryFileNode file, ulong size)
    {
        if (size > (ulong)_limits.FileBytes) return WasiErrno.FileTooBig;
        var growth = (long)size - file.Content.Size;
        if (growth > _limits.FileBytes - UsedBytes) return WasiErrno.NoSpace;
        file.Content.Resize((long)size);
        UsedBytes += growth;
        return WasiErrno.Success;
    }

    /// <summary>Forgets a node that has neither a name nor a descriptor.</summary>
    public void Release(MemoryNode node)
    {
        if (node.Links > 0 || node.Opened > 0 || IsReadOnly || !_nodes.Remove(node.Inode)) return;
        if (node is MemoryFileNode file) UsedBytes -= file.Content.Size;
    }
}
