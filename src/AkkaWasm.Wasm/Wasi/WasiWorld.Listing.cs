using System.IO.Hashing;
using AkkaWasm.Wasm.Wasi.Files;

namespace AkkaWasm.Wasm.Wasi;

/// <summary>A file in memory.</summary>
/// <param name="Path">Its path from the root, as <c>/log/today.txt</c>; a file with several names is listed under each.</param>
/// <param name="Kind"><c>file</c>, <c>directory</c> or <c>link</c>.</param>
/// <param name="SizeBytes">Its size in bytes; 0 of a directory.</param>
/// <param name="Digest">A digest of the contents, 32 hexadecimal digits; of a link its target; empty for a directory.</param>
public sealed record WasiFileEntry(string Path, string Kind, long SizeBytes, string Digest);

/// <content>The files in memory, for people to see.</content>
public sealed partial class WasiWorld
{
    /// <summary>All files, directories and links in memory below the root, by path in ordinal order.</summary>
    public IReadOnlyList<WasiFileEntry> ListFiles()
    {
        if (_memory is null || !_memory.TryFind(MemoryFileSystem.RootInode, out var root) || root is not MemoryDirectoryNode directory) return [];
        var listed = new List<WasiFileEntry>();
        var open = new Stack<(string Path, MemoryDirectoryNode Directory)>([("", directory)]);
        while (open.TryPop(out var next))
        {
            foreach (var entry in next.Directory.Entries)
            {
                var path = $"{next.Path}/{entry.Name}";
                listed.Add(EntryOf(path, entry.Node));
                if (entry.Node is MemoryDirectoryNode below) open.Push((path, below));
            }
        }
        listed.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return listed;
    }

    private static WasiFileEntry EntryOf(string path, MemoryNode node)
    {
        var size = (long)node.ToStat().Size;
        return node switch
        {
            MemoryFileNode file => new WasiFileEntry(path, "file", size, DigestOf(file.Content)),
            MemoryLinkNode link => new WasiFileEntry(path, "link", size, link.Target),
            _ => new WasiFileEntry(path, "directory", size, ""),
        };
    }

    private static string DigestOf(FileContent content)
    {
        var hash = new XxHash128();
        content.AppendDigest(hash);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
