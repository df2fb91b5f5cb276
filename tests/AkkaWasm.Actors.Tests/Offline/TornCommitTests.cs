using System.Buffers.Binary;
using System.Globalization;
using AkkaWasm.Actors.Persistence;
using AkkaWasm.Actors.Tests.Support;

namespace AkkaWasm.Actors.Tests.Offline;

/// <summary>
/// The machine stopped while the last block was being written: of the database's write-ahead log only the beginning is there. AKKAWASM_CUTS above 1,000
/// cuts it at every byte of its last commit, otherwise at one of 61.
/// </summary>
public sealed class TornCommitTests(RecordedMesh mesh) : IClassFixture<RecordedMesh>
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;

    private static int Step => int.TryParse(Environment.GetEnvironmentVariable("AKKAWASM_CUTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var cuts) && cuts > 1_000 ? 1 : 61;

    [Fact]
    public void Wherever_the_last_commit_is_torn_all_blocks_before_it_are_read_and_what_is_missing_is_named()
    {
        using var whole = new DataCopy(mesh.RunningFolder);
        var log = File.ReadAllBytes(whole.JournalFile + "-wal");
        var found = whole.Verify();
        Assert.Empty(found.Flaws);
        var blocks = whole.Blocks();
        var begin = BeginOfLastCommit(log);
        using var torn = new DataCopy(mesh.RunningFolder);
        var lost = 0L;
        for (var length = begin; length < log.Length; length += Step)
        {
            Cut(torn, log, length);
            var left = torn.Verify();
            lost = found.Blocks - left.Blocks;
            Assert.True(lost > 0 && left.Blocks > 0, $"Cut to {length} of {log.Length} bytes {left.Blocks} of {found.Blocks} blocks are there.");
            var missing = blocks[left.Blocks + 1].Header.FirstOffset;
            Assert.Equal(missing, left.Records);
            Assert.All(left.Flaws, f => Assert.Equal((missing, left.Blocks + 1), (f.Offset, f.SequenceNr)));
        }
        Assert.InRange(lost, 1, 2);
        Cut(torn, log, log.Length);
        Assert.Equal(found.Blocks, torn.Verify().Blocks);
    }

    /// <summary>Where the frames of the last commit begin (file format of SQLite, section 4).</summary>
    private static int BeginOfLastCommit(byte[] log)
    {
        var frame = FrameHeaderBytes + BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(8));
        var (before, last) = (HeaderBytes, HeaderBytes);
        for (var at = HeaderBytes; at + frame <= log.Length && log.AsSpan(at + 8, 8).SequenceEqual(log.AsSpan(16, 8)); at += frame)
            if (BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(at + 4)) != 0) (before, last) = (last, at + frame);
        Assert.True(before > HeaderBytes && last == log.Length, "There is one commit at the most, or the log was begun again.");
        return before;
    }

    private static void Cut(DataCopy copy, byte[] log, int length)
    {
        File.Delete(copy.JournalFile + "-shm");
        File.WriteAllBytes(copy.JournalFile + "-wal", log[..length]);
    }
}
