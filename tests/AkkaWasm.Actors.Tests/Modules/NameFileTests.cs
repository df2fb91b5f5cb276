using AkkaWasm.Actors.Modules;
using AkkaWasm.Actors.Tests.Support;

namespace AkkaWasm.Actors.Tests.Modules;

/// <summary>The file of names, as it is cut off by crashes and damaged on disks.</summary>
public sealed class NameFileTests : IDisposable
{
    private readonly TestFolder folder = new();

    private string File => Path.Combine(folder.Path, NameFile.FileName);

    public void Dispose() => folder.Dispose();

    private static NameEntry Entry(int i) => i % 5 == 4
        ? new NameEntry(new string("abcdef"[i % 6], 64), null)
        : new NameEntry(new string("abcdef"[i % 6], 64), new ModuleName($"n{i % 3}", $"1.{i}.0", DateTimeOffset.UnixEpoch.AddSeconds(i), $"from \"{i}\"\n, ä")) { Bytes = i };

    private NameFile Written(int count, int perAppend = 2)
    {
        var file = new NameFile(File);
        file.Read();
        for (var i = 0; i < count; i += perAppend) file.Append(Enumerable.Range(i, Math.Min(perAppend, count - i)).Select(Entry));
        return file;
    }

    [Fact]
    public void What_is_appended_is_read_again_by_others_and_by_those_who_go_on()
    {
        Assert.Empty(new NameFile(File).Read());
        Written(7);
        var again = new NameFile(File);
        Assert.Equal(Enumerable.Range(0, 7).Select(Entry), again.Read());
        again.Append([Entry(7)]);
        Assert.Equal(Enumerable.Range(0, 8).Select(Entry), new NameFile(File).Read());
    }

    [Fact]
    public void Cut_off_anywhere_it_has_the_first_entries_and_goes_on_from_there()
    {
        Written(6);
        var whole = System.IO.File.ReadAllBytes(File);
        for (var length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            var file = new NameFile(File);
            var kept = file.Read();
            Assert.Equal(Math.Max(0, whole.Take(length).Count(b => b == '\n') - 1), kept.Count);
            Assert.Equal(Enumerable.Range(0, kept.Count).Select(Entry), kept);
            file.Append([Entry(kept.Count)]);
            Assert.Equal(Enumerable.Range(0, kept.Count + 1).Select(Entry), new NameFile(File).Read());
        }
    }

    [Fact]
    public void A_changed_byte_is_found_wherever_it_is()
    {
        Written(6);
        var whole = System.IO.File.ReadAllBytes(File);
        for (var at = 0; at < whole.Length; at++)
        {
            foreach (var change in (byte[])[0x01, 0x20, 0x80, 0xff])
            {
                var bytes = (byte[])whole.Clone();
                bytes[at] ^= change;
                System.IO.File.WriteAllBytes(File, bytes);
                var failure = Assert.Throws<MeshNodeException>(() => new NameFile(File).Read());
                Assert.Contains(File, failure.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_missing_line_is_found()
    {
        Written(6);
        var lines = System.IO.File.ReadAllLines(File);
        System.IO.File.WriteAllText(File, string.Join('\n', lines.Where((_, i) => i != 3)) + "\n");
        Assert.Contains("line 4", Assert.Throws<MeshNodeException>(() => new NameFile(File).Read()).Message, StringComparison.Ordinal);
    }
}
