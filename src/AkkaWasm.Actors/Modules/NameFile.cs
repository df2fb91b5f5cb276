using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;

namespace AkkaWasm.Actors.Modules;

/// <summary>A line of the file of names: a version of a name and its content, or that content was collected though versions name it.</summary>
/// <param name="Hash">SHA-256 of the content.</param>
/// <param name="Name">The name; null where content was collected.</param>
internal sealed record NameEntry(string Hash, ModuleName? Name)
{
    /// <summary>Size of the content, bytes.</summary>
    public long Bytes { get; init; }
}

/// <summary>
/// The file <c>names</c> beside the contents: it is only ever appended to, a line for each version that was pushed, each with a checksum that also covers the lines
/// before it. A line that a crash cut off never was; anything else that is not as it was written is damage.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class NameFile(string path)
{
    public const string FileName = "names";

    private const string Header = "akkawasm-modules 1\n";
    private const int ChecksumDigits = 16;
    private long soundLength;
    private ulong last;

    /// <summary>Reads it; no entries if it is not there.</summary>
    /// <exception cref="MeshNodeException">It is damaged, of a later version, or cannot be read.</exception>
    public IReadOnlyList<NameEntry> Read()
    {
        var bytes = ReadBytes();
        (soundLength, last) = (0, 0);
        var header = Encoding.ASCII.GetBytes(Header);
        if (bytes.Length < header.Length && header.AsSpan().StartsWith(bytes)) return [];
        if (!bytes.AsSpan().StartsWith(header)) throw Damaged(1, "it does not begin as a file of this version does");
        var entries = new List<NameEntry>();
        soundLength = header.Length;
        for (var number = 2; soundLength < bytes.Length; number++)
        {
            var rest = bytes.AsSpan((int)soundLength);
            var end = rest.IndexOf((byte)'\n');
            if (end < 0)
            {
                if (Find(rest[..^1]) is not null) throw Damaged(number, "its end is not as it was written");
                break;
            }
            var (entry, checksum) = Find(rest[..end]) ?? throw Damaged(number, "its checksum is another one");
            entries.Add(entry);
            (soundLength, last) = (soundLength + end + 1, checksum);
        }
        return entries;
    }

    /// <summary>Appends entries after what was read or appended last, and syncs them. All of them are there afterwards, or those before the one that a crash cut off.</summary>
    /// <exception cref="MeshNodeException">The file cannot be written.</exception>
    public void Append(IEnumerable<NameEntry> entries)
    {
        var text = new MemoryStream();
        var checksum = last;
        if (soundLength == 0) text.Write(Encoding.ASCII.GetBytes(Header));
        foreach (var entry in entries)
        {
            var json = Json(entry);
            checksum = ChecksumOf(json, checksum);
            text.Write(Encoding.ASCII.GetBytes(checksum.ToString("x16", CultureInfo.InvariantCulture) + " "));
            text.Write(json);
            text.WriteByte((byte)'\n');
        }
        try
        {
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
            file.SetLength(soundLength);
            file.Position = soundLength;
            file.Write(text.GetBuffer().AsSpan(0, (int)text.Length));
            file.Flush(true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshNodeException(NodeFailure.DataFolder, $"The names of modules cannot be written to '{path}': {e.Message} See to its rights and to the room on the disk.", e);
        }
        (soundLength, last) = (soundLength + text.Length, checksum);
    }

    private byte[] ReadBytes()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeshNodeException(NodeFailure.DataFolder, $"The names of modules cannot be read from '{path}': {e.Message}", e);
        }
    }

    /// <summary>The entry of a line and its checksum, or null if it is not as it was written.</summary>
    private (NameEntry Entry, ulong Checksum)? Find(ReadOnlySpan<byte> line)
    {
        if (line.Length <= ChecksumDigits + 1 || line[ChecksumDigits] != ' ') return null;
        var json = line[(ChecksumDigits + 1)..];
        var checksum = ChecksumOf(json, last);
        // compared as text: a digit in upper case is damage too
        if (!line[..ChecksumDigits].SequenceEqual(Encoding.ASCII.GetBytes(checksum.ToString("x16", CultureInfo.InvariantCulture)))) return null;
        using var parsed = JsonDocument.Parse(json.ToArray());
        return (EntryOf(parsed.RootElement), checksum);
    }

    private static ulong ChecksumOf(ReadOnlySpan<byte> json, ulong before) => XxHash64.HashToUInt64(json, unchecked((long)before));

    private static byte[] Json(NameEntry entry)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString(entry.Name is null ? "collected" : "sha256", entry.Hash);
            if (entry.Name is { } name)
            {
                json.WriteString("name", name.Name);
                json.WriteString("version", name.Version);
                json.WriteNumber("bytes", entry.Bytes);
                json.WriteString("at", name.PushedAt);
                json.WriteString("origin", name.Origin);
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static NameEntry EntryOf(JsonElement json) => json.TryGetProperty("collected", out var collected)
        ? new NameEntry(collected.GetString()!, null)
        : new NameEntry(json.GetProperty("sha256").GetString()!, new ModuleName(
            json.GetProperty("name").GetString()!, json.GetProperty("version").GetString()!, json.GetProperty("at").GetDateTimeOffset(), json.GetProperty("origin").GetString()!))
        {
            Bytes = json.GetProperty("bytes").GetInt64(),
        };

    private MeshNodeException Damaged(int line, string why) =>
        new(NodeFailure.DataFolder, $"The file '{path}', which says how modules are named, is damaged in line {line}: {why}; put it back from a copy. Agents run without it: what they are made of is found by its content.");
}
