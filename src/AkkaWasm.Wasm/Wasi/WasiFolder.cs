using System.Security.Cryptography;
using System.Text;
using AkkaWasm.Wasm.Wasi.Codec;
using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi;

/// <summary>
/// The content of a folder at one time: files and directories, named by the SHA-256 of their packed form. Read-only, shared by all worlds that show
/// it. All its times are 0, its inodes follow from the order of the names, so that every program sees the same in it for ever.
/// </summary>
public sealed class WasiFolder
{
    /// <summary>Files and directories that a folder may have, those below included.</summary>
    public const int MaxNodes = 100_000;

    private const uint Magic = 0x444C4657; // "WFLD"
    private const byte Version = 1;
    private const byte FileKind = 1;
    private const byte DirectoryKind = 2;

    private readonly Lazy<MemoryFileSystem> _files;

    private WasiFolder(ReadOnlyMemory<byte> packed)
    {
        Packed = packed;
        ContentHash = Convert.ToHexStringLower(SHA256.HashData(packed.Span));
        _files = new Lazy<MemoryFileSystem>(Unpack);
    }

    /// <summary>SHA-256 of <see cref="Packed"/>, 64 lower-case hexadecimal digits.</summary>
    public string ContentHash { get; }

    /// <summary>The packed form: every entry with its path and bytes, in the order of the paths' UTF-8 bytes; the same for the same content.</summary>
    public ReadOnlyMemory<byte> Packed { get; }

    internal MemoryDirectoryNode Root => _files.Value.Root;

    internal MemoryFileSystem Files => _files.Value;

    /// <summary>Packs a folder of the machine.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="maxBytes">The most bytes that its files may have together.</param>
    /// <exception cref="IOException">It cannot be read, holds something else than files and folders, or more than it may; one sentence says what.</exception>
    public static WasiFolder Pack(string path, long maxBytes)
    {
        if (!Directory.Exists(path)) throw new IOException($"The folder '{path}' is not there; check the path.");
        var found = new SortedDictionary<string, bool>(Comparer<string>.Create((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))));
        Collect(path, "", found);
        var writer = Begin();
        long bytes = 0;
        foreach (var (name, isDirectory) in found)
        {
            writer.Byte(isDirectory ? DirectoryKind : FileKind);
            writer.Text(name);
            if (isDirectory) continue;
            var file = Path.Combine(path, name);
            if ((bytes += new FileInfo(file).Length) > maxBytes)
                throw new IOException($"The files in '{path}' have more than {maxBytes} bytes together, the most that are allowed; leave some out or raise the limit.");
            writer.Bytes(File.ReadAllBytes(file));
        }
        return new WasiFolder(writer.Written.ToArray());
    }

    /// <summary>A folder from its packed form; the bytes must not change any more.</summary>
    /// <exception cref="SnapshotCorruptException">The bytes are no packed folder.</exception>
    public static WasiFolder FromPacked(ReadOnlyMemory<byte> packed)
    {
        var folder = new WasiFolder(packed);
        _ = folder._files.Value;
        return folder;
    }

    private static WorldWriter Begin()
    {
        var writer = new WorldWriter();
        writer.Fixed32(Magic);
        writer.Byte(Version);
        return writer;
    }

    private static void Collect(string root, string below, SortedDictionary<string, bool> found)
    {
        foreach (var entry in new DirectoryInfo(Path.Combine(root, below)).EnumerateFileSystemInfos())
        {
            var name = below.Length == 0 ? entry.Name : $"{below}/{entry.Name}";
            if (entry.LinkTarget is not null) throw new IOException($"'{entry.FullName}' is a symbolic link, which a preopened folder cannot have; put the file itself there.");
            if (found.Count >= MaxNodes) throw new IOException($"The folder '{root}' has more than {MaxNodes} files and folders, the most that are allowed; leave some out.");
            var isDirectory = entry is DirectoryInfo;
            if (!isDirectory && (entry.Attributes & FileAttributes.Device) != 0) throw new IOException($"'{entry.FullName}' is neither a file nor a folder; take it out.");
            found.Add(name, isDirectory);
            if (isDirectory) Collect(root, name, found);
        }
    }

    private MemoryFileSystem Unpack()
    {
        var reader = new WorldReader(Packed, "the packed folder");
        if (reader.Fixed32() != Magic) throw reader.Corrupt("other first bytes than a packed folder");
        if (reader.Byte() is var version && version != Version) throw reader.Corrupt($"format version {version}, where this program reads {Version}");
        var files = MemoryFileSystem.ReadOnly(Convert.ToUInt64(ContentHash[..15], 16));
        files.MakeRoot();
        while (!reader.AtEnd) Unpack(reader, files);
        return files;
    }

    private static void Unpack(WorldReader reader, MemoryFileSystem files)
    {
        var kind = reader.Byte();
        var path = reader.Text().Split('/');
        var parent = files.Root;
        foreach (var name in path[..^1])
            parent = parent.TryGet(name, out var node) && node is MemoryDirectoryNode directory ? directory : throw reader.Corrupt($"a path below '{name}', which is no directory");
        if (path[^1].Length == 0 || parent.TryGet(path[^1], out _)) throw reader.Corrupt($"the path '{string.Join('/', path)}' twice or empty");
        MemoryNode made = kind switch
        {
            DirectoryKind => Make(files, inode => new MemoryDirectoryNode(files, inode)),
            FileKind => Make(files, inode => new MemoryFileNode(files, inode, new FileContent(reader.Bytes()))),
            _ => throw reader.Corrupt($"an entry of kind {kind}"),
        };
        parent.Add(path[^1], made);
    }

    private static MemoryNode Make<T>(MemoryFileSystem files, Func<ulong, T> make) where T : MemoryNode
    {
        files.Make(make, out var node);
        return node;
    }
}
