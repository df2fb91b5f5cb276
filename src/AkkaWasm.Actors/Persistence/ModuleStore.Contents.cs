using AkkaWasm.Actors.Modules;

namespace AkkaWasm.Actors.Persistence;

/// <summary>Content that is kept.</summary>
/// <param name="Hash">SHA-256 of its bytes, by the name of its file.</param>
/// <param name="IsFolder">Whether it is the packed content of a folder.</param>
/// <param name="Bytes">Size of its file.</param>
/// <param name="KeptAt">When it came, or was asked for last.</param>
/// <param name="File">Its file.</param>
internal sealed record StoredContent(string Hash, bool IsFolder, long Bytes, DateTimeOffset KeptAt, string File);

/// <content>What is kept as a whole: listed, signed, deleted.</content>
internal sealed partial class ModuleStore
{
    private const string Unfinished = ".new";
    private const string SignatureEnding = ".sig";

    /// <summary>Most signatures of a module.</summary>
    private const int MaxSignatures = 16;

    private readonly Lock signing = new();

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>Whose signatures count; null where none is looked at, as when the past is replayed.</summary>
    public ModuleTrust? Trust { get; init; }

    /// <summary>Who is about to use what.</summary>
    public ModuleLeases Leases { get; } = new();

    /// <summary>The clock that says when content came.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>All contents, by hash.</summary>
    public IReadOnlyList<StoredContent> All() => !Directory.Exists(folder) ? [] :
    [
        .. new DirectoryInfo(folder).EnumerateFiles()
            .Where(file => file.Extension is ModuleEnding or FolderEnding && ModuleReference.IsHash(Path.GetFileNameWithoutExtension(file.Name)))
            .Select(file => new StoredContent(Path.GetFileNameWithoutExtension(file.Name), file.Extension == FolderEnding, file.Length, file.LastWriteTimeUtc, file.FullName))
            .OrderBy(content => content.Hash, StringComparer.Ordinal),
    ];

    /// <summary>The bytes of a module, whatever they are; null if it is not kept.</summary>
    public byte[]? TryRead(string hash) => HasModule(hash) ? File.ReadAllBytes(FileOf(hash)) : null;

    /// <summary>Keeps a module; what is kept of it is overwritten if it was changed there.</summary>
    public void Put(string hash, ReadOnlySpan<byte> module)
    {
        Directory.CreateDirectory(folder);
        if (TryRead(hash) is { } kept && HashOf(kept) == hash) Touch(hash);
        else Write(FileOf(hash), module);
    }

    /// <summary>The signatures that are kept with content, base64.</summary>
    public string[] SignaturesOf(string hash)
    {
        var file = SignaturesFileOf(hash);
        try
        {
            return File.Exists(file) ? ModuleSignature.Lines(File.ReadAllText(file)) : [];
        }
        catch (Exception e) when (e is MeshNodeException or IOException or UnauthorizedAccessException)
        {
            return []; // what cannot be read signs nothing
        }
    }

    /// <summary>Keeps signatures beside those that are there.</summary>
    /// <exception cref="MeshNodeException">A line is no signature, or there are too many.</exception>
    public void AddSignatures(string hash, string signatures)
    {
        var lines = ModuleSignature.Lines(signatures);
        lock (signing)
        {
            var before = SignaturesOf(hash);
            string[] all = [.. before.Union(lines, StringComparer.Ordinal)];
            if (all.Length == before.Length) return;
            if (all.Length > MaxSignatures) throw new MeshNodeException(NodeFailure.ModuleRefused, $"The module {hash} would have {all.Length} signatures, at most {MaxSignatures} are kept; leave some out.");
            Write(SignaturesFileOf(hash), System.Text.Encoding.ASCII.GetBytes(string.Join('\n', all) + "\n"));
        }
    }

    /// <summary>Says that content was asked for, so that it does not count as old.</summary>
    public void Touch(string hash, bool isFolder = false) => SetTime(isFolder ? FolderFileOf(hash) : FileOf(hash));

    /// <summary>Deletes content and then its signatures: a crash in between leaves signatures of nothing, which are leftovers.</summary>
    public void Delete(StoredContent content)
    {
        File.Delete(content.File);
        if (!content.IsFolder) File.Delete(SignaturesFileOf(content.Hash));
    }

    /// <summary>Files that a crash left behind: unfinished ones, and signatures of nothing.</summary>
    public IReadOnlyList<FileInfo> Leftovers() => !Directory.Exists(folder) ? [] :
    [
        .. new DirectoryInfo(folder).EnumerateFiles().Where(file => file.Extension == Unfinished
            || (file.Extension == SignatureEnding && ModuleReference.IsHash(Path.GetFileNameWithoutExtension(file.Name)) && !HasModule(Path.GetFileNameWithoutExtension(file.Name)))),
    ];

    private void SetTime(string file)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, Time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // it only counts as older than it is
        }
    }

    private string SignaturesFileOf(string hash) => Path.Combine(folder, hash + SignatureEnding);
}
