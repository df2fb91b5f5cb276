using System.IO.Hashing;
using AkkaWasm.Wasm.Wasi.Codec;
using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi;

/// <content>The state between turns saved, read back and hashed.</content>
public sealed partial class WasiWorld
{
    private const uint Magic = 0x444C5257; // "WRLD"
    private const byte Version = 1;
    private const int ChecksumBytes = 8;
    private const int MaxDescriptorNumber = int.MaxValue;

    private enum DescriptorKind : byte
    {
        Stream = 1,
        Directory = 2,
        File = 3,
    }

    /// <summary>Whether the state can be saved: all of it lies in memory.</summary>
    public bool CanSave => _settings.HostFolders.IsEmpty;

    /// <summary>
    /// Saves the state between turns: files, open descriptors and their offsets, the monotonic clock. Arguments, environment and the content of
    /// folders are not in it; folders are named by their content hashes. Versioned, with a checksum at its end; equal states give equal bytes.
    /// </summary>
    /// <exception cref="NotSupportedException">A folder of the machine is preopened.</exception>
    public byte[] ToBytes()
    {
        var writer = WriteState(static (file, to) => file.Content.Write(to));
        writer.Fixed64(XxHash64.HashToUInt64(writer.Written));
        return writer.Written.ToArray();
    }

    /// <summary>The hash of the state. Files that did not change are not read again.</summary>
    /// <exception cref="NotSupportedException">A folder of the machine is preopened.</exception>
    public StateHash ComputeHash()
    {
        var hash = new XxHash128();
        var writer = WriteState((file, _) => file.Content.AppendDigest(hash));
        hash.Append(writer.Written);
        return new StateHash(hash.GetCurrentHashAsUInt128());
    }

    /// <summary>Reads a saved state back.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> gave. Files are parts of it until they change, so it must not be changed.</param>
    /// <param name="settings">What the world is made with now; its folders must have the content that they had.</param>
    /// <exception cref="SnapshotCorruptException">The bytes are damaged or of another version.</exception>
    /// <exception cref="ArgumentException">The settings have other folders than the saved world had; the message says which.</exception>
    public static WasiWorld FromBytes(ReadOnlyMemory<byte> bytes, WasiSettings settings)
    {
        if (bytes.Length < ChecksumBytes) throw new SnapshotCorruptException("the world ends before its checksum", bytes.Length);
        var checksum = BitConverter.ToUInt64(bytes.Span[^ChecksumBytes..]);
        if (checksum != XxHash64.HashToUInt64(bytes.Span[..^ChecksumBytes])) throw new SnapshotCorruptException("the checksum of the world does not fit", bytes.Length - ChecksumBytes);
        var reader = new WorldReader(bytes[..^ChecksumBytes], "the world");
        if (reader.Fixed32() != Magic) throw reader.Corrupt("other first bytes than a world");
        if (reader.Byte() is var version && version != Version) throw reader.Corrupt($"format version {version}, where this program reads {Version}");
        var world = new WasiWorld(settings, isRestored: true);
        world.ReadState(reader);
        return reader.AtEnd ? world : throw reader.Corrupt("bytes behind its end");
    }

    private WorldWriter WriteState(Action<MemoryFileNode, WorldWriter> writeContent)
    {
        if (!CanSave) throw new NotSupportedException("A world with folders of the machine cannot be saved; give it copies of the folders.");
        var writer = new WorldWriter();
        writer.Fixed32(Magic);
        writer.Byte(Version);
        writer.Number(_monotonicFloorNs);
        writer.Number((ulong)_settings.Folders.Length);
        foreach (var mount in _settings.Folders)
        {
            writer.Text(mount.Path);
            writer.Text(mount.Folder.ContentHash);
        }
        writer.Byte(_memory is null ? (byte)0 : (byte)1);
        if (_memory is not null) WriteFiles(writer, _memory, writeContent);
        writer.Number((ulong)Descriptors.Count);
        foreach (var (number, descriptor) in Descriptors.All) WriteDescriptor(writer, number, descriptor);
        return writer;
    }

    private static void WriteFiles(WorldWriter writer, MemoryFileSystem files, Action<MemoryFileNode, WorldWriter> writeContent)
    {
        writer.Number(files.NextInode);
        writer.Number((ulong)files.NodeCount);
        foreach (var node in files.Nodes)
        {
            writer.Number(node.Inode);
            writer.Byte((byte)node.Type);
            writer.Number(node.AccessedNs);
            writer.Number(node.ModifiedNs);
            writer.Number(node.ChangedNs);
            if (node is MemoryFileNode file) writeContent(file, writer);
            if (node is MemoryLinkNode link) writer.Text(link.Target);
            if (node is not MemoryDirectoryNode directory) continue;
            writer.Number(directory.NextNumber);
            writer.Number((ulong)directory.Count);
            foreach (var entry in directory.Entries)
            {
                writer.Number(entry.Number);
                writer.Text(entry.Name);
                writer.Number(entry.Node.Inode);
            }
        }
    }

    private void WriteDescriptor(WorldWriter writer, int number, WasiDescriptor descriptor)
    {
        writer.Number((ulong)number);
        var kind = descriptor.Stream is not null ? DescriptorKind.Stream : descriptor.Directory is not null ? DescriptorKind.Directory : DescriptorKind.File;
        writer.Byte((byte)kind);
        if (descriptor.Stream is { } stream) writer.Byte((byte)stream);
        else
        {
            writer.Number((ulong)(PlaceOf(descriptor.Node!.Files) + 1));
            writer.Number(descriptor.Node.Inode);
        }
        writer.Number((ulong)descriptor.Rights);
        writer.Number((ulong)descriptor.Inheriting);
        writer.Number((ulong)descriptor.Flags);
        writer.Number(descriptor.Offset);
        writer.Byte(descriptor.PreopenedAs is null ? (byte)0 : (byte)1);
        if (descriptor.PreopenedAs is { } path) writer.Text(path);
    }

    /// <summary>Which folder a file system is, or -1 for the one in memory.</summary>
    private int PlaceOf(MemoryFileSystem files)
    {
        for (var i = 0; i < _settings.Folders.Length; i++)
            if (_settings.Folders[i].Folder.Files == files) return i;
        return -1;
    }

    private void ReadState(WorldReader reader)
    {
        _monotonicFloorNs = reader.Number();
        RequireFolders(reader);
        if (reader.Byte() != (_memory is null ? 0 : 1)) throw new ArgumentException("The saved world has a file system in memory where the settings have none, or the other way round.", nameof(reader));
        if (_memory is not null) ReadFiles(reader, _memory);
        for (var count = reader.Number(Limits.OpenDescriptors); count > 0; count--) ReadDescriptor(reader);
    }

    private void RequireFolders(WorldReader reader)
    {
        var count = reader.Number();
        if (count != (ulong)_settings.Folders.Length)
            throw new ArgumentException($"The saved world had {count} preopened folders; it is to be read back with {_settings.Folders.Length}.", nameof(reader));
        foreach (var mount in _settings.Folders)
        {
            var (path, hash) = (reader.Text(), reader.Text());
            if (path != mount.Path || hash != mount.Folder.ContentHash)
                throw new ArgumentException($"The saved world had the folder {hash} at '{path}'; it is to be read back with {mount.Folder.ContentHash} at '{mount.Path}'.", nameof(reader));
        }
    }

    private static void ReadFiles(WorldReader reader, MemoryFileSystem files)
    {
        files.NextInode = reader.Number();
        var named = new List<(MemoryDirectoryNode Directory, ulong Number, string Name, ulong Inode)>();
        for (var count = reader.Number(int.MaxValue); count > 0; count--) files.Adopt(ReadNode(reader, files, named));
        if (!files.TryFind(MemoryFileSystem.RootInode, out var root) || root is not MemoryDirectoryNode) throw reader.Corrupt("no root directory");
        root.Links = 1;
        foreach (var (directory, number, name, inode) in named)
        {
            if (!files.TryFind(inode, out var node) || node == root || directory.TryGet(name, out _) || (node is MemoryDirectoryNode && node.Links > 0))
                throw reader.Corrupt($"the entry '{name}' for file {inode}, which cannot be there");
            directory.Add(new MemoryEntry(number, name, node));
        }
    }

    private static MemoryNode ReadNode(WorldReader reader, MemoryFileSystem files, List<(MemoryDirectoryNode Directory, ulong Number, string Name, ulong Inode)> named)
    {
        var inode = reader.Number();
        if (inode >= files.NextInode || files.TryFind(inode, out _)) throw reader.Corrupt($"file {inode} twice or too high");
        var type = (WasiFileType)reader.Byte();
        var (accessed, modified, changed) = (reader.Number(), reader.Number(), reader.Number());
        MemoryNode node = type switch
        {
            WasiFileType.Directory => new MemoryDirectoryNode(files, inode) { NextNumber = reader.Number() },
            WasiFileType.RegularFile => new MemoryFileNode(files, inode, FileContent.Read(reader)),
            WasiFileType.SymbolicLink => new MemoryLinkNode(files, inode, reader.Text()),
            _ => throw reader.Corrupt($"a file of type {type}"),
        };
        (node.AccessedNs, node.ModifiedNs, node.ChangedNs) = (accessed, modified, changed);
        if (node is not MemoryDirectoryNode directory) return node;
        for (var count = reader.Number(int.MaxValue); count > 0; count--)
        {
            var (number, name) = (reader.Number(), reader.Text());
            if (number >= directory.NextNumber) throw reader.Corrupt($"entry {number} of a directory that has {directory.NextNumber}");
            named.Add((directory, number, name, reader.Number()));
        }
        return node;
    }

    private void ReadDescriptor(WorldReader reader)
    {
        var number = reader.Number(MaxDescriptorNumber);
        var kind = (DescriptorKind)reader.Byte();
        if (Descriptors.TryGet(number, out _)) throw reader.Corrupt($"descriptor {number} twice");
        WasiStream? stream = kind == DescriptorKind.Stream ? (WasiStream)reader.Byte() : null;
        var node = stream is null ? ReadPlace(reader) : null;
        var (rights, inheriting, flags, offset) = ((WasiRights)reader.Number(), (WasiRights)reader.Number(), (WasiFdFlags)reader.Number(ushort.MaxValue), reader.Number());
        var preopened = reader.Byte() == 0 ? null : reader.Text();
        var descriptor = (kind, node) switch
        {
            (DescriptorKind.Stream, _) when stream is <= WasiStream.Error => WasiDescriptor.Of(stream.Value),
            (DescriptorKind.Directory, MemoryDirectoryNode directory) => WasiDescriptor.Of(new MemoryDirectory(directory), rights, inheriting, flags, preopened),
            (DescriptorKind.File, MemoryFileNode file) => WasiDescriptor.Of(new MemoryFile(file), rights, inheriting, flags),
            _ => throw reader.Corrupt($"descriptor {number} for something else than it says"),
        };
        (descriptor.Rights, descriptor.Inheriting, descriptor.Flags, descriptor.Offset) = (rights, inheriting, flags, offset);
        Descriptors.Put(number, descriptor);
    }

    private MemoryNode ReadPlace(WorldReader reader)
    {
        var place = reader.Number(_settings.Folders.Length);
        var files = place == 0 ? _memory : _settings.Folders[place - 1].Folder.Files;
        var inode = reader.Number();
        return files is not null && files.TryFind(inode, out var node) ? node : throw reader.Corrupt($"a descriptor for file {inode}, which is not there");
    }
}
