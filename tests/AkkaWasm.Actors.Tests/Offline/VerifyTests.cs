using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Serialization;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Tests.Offline;

public sealed class VerifyTests(RecordedMesh mesh) : IClassFixture<RecordedMesh>
{
    [Fact]
    public void A_log_that_a_node_wrote_is_sound()
    {
        using var copy = mesh.Copy();
        var found = copy.Verify();
        Assert.Empty(found.Flaws);
        var last = copy.Blocks().Last();
        Assert.True(last.Key > 10);
        Assert.Equal((last.Key, last.Value.Header.LastOffset + 1, last.Value.Header.LastOffset, 2), (found.Blocks, found.Records, found.Last!.Value.Offset, found.Last.Value.Epoch));
    }

    [Fact]
    public void A_log_is_sound_while_a_node_runs_on_it()
    {
        Assert.Empty(mesh.WhileRunning!.Flaws);
        Assert.True(mesh.WhileRunning.Blocks > 5);
    }

    [Fact]
    public void Three_hundred_flipped_bits_are_each_found_and_placed()
    {
        using var copy = mesh.Copy();
        var blocks = copy.Blocks();
        var random = new Random(1_707);
        for (var i = 0; i < 300; i++)
        {
            var row = random.NextInt64(1, blocks.Count + 1);
            var (header, bytes) = blocks[row];
            // every tenth in what stands before the records or in the checksum
            var at = (i % 10) switch { 0 => random.Next(0, 20), 1 => bytes.Length - 1 - random.Next(0, 8), _ => random.Next(bytes.Length) };
            var bit = random.Next(8);
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= (byte)(1 << bit);
            copy.SetBlock(row, damaged);
            var found = copy.Verify();
            var flaw = found.Flaws[0];
            Assert.True((flaw.SequenceNr, flaw.Offset) == (row, header.FirstOffset), $"seed 1707, flip {i}: byte {at} bit {bit} of row {row}: {flaw}");
            Assert.StartsWith($"Row {row} of the journal (offset {header.FirstOffset}): ", flaw.Message, StringComparison.Ordinal);
            Assert.All(found.Flaws.Skip(1), f => Assert.Equal(0, f.SequenceNr));
            Assert.Equal(blocks.Count - 1, found.Blocks);
            copy.SetBlock(row, bytes);
        }
        Assert.Empty(copy.Verify().Flaws);
    }

    [Fact]
    public void A_bit_that_flips_in_the_file_is_found_too()
    {
        using var copy = mesh.Copy();
        var file = File.ReadAllBytes(copy.JournalFile);
        var largest = copy.Blocks().MaxBy(b => b.Value.Bytes.Length);
        var part = largest.Value.Bytes[^200..^100];
        // SQLite leaves old copies of rows behind where it has moved them
        var places = Enumerable.Range(0, file.Length - part.Length).Where(i => file[i] == part[0] && file.AsSpan(i, part.Length).SequenceEqual(part)).ToList();
        Assert.NotEmpty(places);
        foreach (var place in places) file[place + 50] ^= 4;
        File.WriteAllBytes(copy.JournalFile, file);
        Assert.Equal((largest.Key, largest.Value.Header.FirstOffset), (copy.Verify().Flaws[0].SequenceNr, copy.Verify().Flaws[0].Offset));
    }

    [Fact]
    public void After_a_flaw_the_rest_is_verified()
    {
        using var copy = mesh.Copy();
        var blocks = copy.Blocks();
        foreach (var row in new[] { 3L, 4L, 8L })
        {
            blocks[row].Bytes[^1] ^= 1;
            copy.SetBlock(row, blocks[row].Bytes);
        }
        var found = copy.Verify();
        Assert.Equal([3, 4, 8], found.Flaws.Select(f => f.SequenceNr).Where(n => n > 0));
        Assert.Equal([blocks[3].Header.FirstOffset, blocks[8].Header.FirstOffset], found.Flaws.Where(f => f.SequenceNr is 3 or 8).Select(f => f.Offset));
        Assert.Equal(blocks.Count - 3, found.Blocks);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_cut_tail_is_found_by_the_head_and_by_what_was_saved(int rows)
    {
        using var copy = mesh.Copy();
        var blocks = copy.Blocks();
        var last = blocks.Keys.Max();
        copy.Run(copy.JournalFile, "DELETE FROM journal WHERE sequence_number > $row", ("$row", last - rows));
        var end = blocks[last - rows].Header.LastOffset;
        var flaw = copy.Verify().Flaws[0];
        Assert.Equal((last - rows + 1, end + 1), (flaw.SequenceNr, flaw.Offset));
        Assert.StartsWith($"The log ends at offset {end} (row {last - rows}), but it had been committed up to offset {blocks[last].Header.LastOffset} (row {last})", flaw.Message, StringComparison.Ordinal);

        File.Delete(copy.HeadFile);
        Assert.Contains(copy.Verify().Flaws, f => f.Offset == end + 1 && f.Message.Contains("its end was cut off", StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_row_is_found()
    {
        using var copy = mesh.Copy();
        var offset = copy.Blocks()[5].Header.FirstOffset;
        copy.Run(copy.JournalFile, "DELETE FROM journal WHERE sequence_number = 5");
        var flaw = Assert.Single(copy.Verify().Flaws, f => f.SequenceNr > 0);
        Assert.Equal(new LogFlaw(offset, 5, $"Row 5 of the journal is missing, and with it the records from offset {offset}; put the journal back from a copy."), flaw);
        copy.Run(copy.JournalFile, "DELETE FROM journal WHERE sequence_number = 6");
        Assert.StartsWith("Rows 5 to 6 of the journal are missing", copy.Verify().Flaws[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_in_the_wrong_place_is_found()
    {
        using var copy = mesh.Copy();
        var blocks = copy.Blocks();
        copy.SetBlock(6, blocks[5].Bytes);
        var flaw = copy.Verify().Flaws[0];
        Assert.Equal((6, blocks[6].Header.FirstOffset), (flaw.SequenceNr, flaw.Offset));
        Assert.Contains($"begins at offset {blocks[5].Header.FirstOffset} where {blocks[6].Header.FirstOffset} is next", flaw.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_row_of_another_log_is_found_by_the_head()
    {
        using var copy = mesh.Copy();
        var (row, (header, _)) = copy.Blocks().Last();
        using (var file = LogHeadFileOf(copy)) file.Write(new AkkaWasm.Actors.Persistence.LogHead(row, header.LastOffset, header.Checksum ^ 1));
        var flaw = copy.Verify().Flaws[0];
        Assert.Equal((row, header.FirstOffset), (flaw.SequenceNr, flaw.Offset));
        Assert.Contains("is another one than was committed", flaw.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_head_is_said()
    {
        using var copy = mesh.Copy();
        File.WriteAllBytes(copy.HeadFile, new byte[40]);
        Assert.Contains("is damaged, so that nobody can tell whether the log's end is there", Assert.Single(copy.Verify().Flaws).Message, StringComparison.Ordinal);
        File.Delete(copy.HeadFile);
        Assert.Empty(copy.Verify().Flaws);
    }

    [Theory]
    [InlineData("UPDATE journal SET deleted = 1 WHERE sequence_number = 4", "is marked as deleted")]
    [InlineData("UPDATE journal SET manifest = 'x' WHERE sequence_number = 4", "was written as 'x' by serializer 22017")]
    [InlineData("UPDATE journal SET identifier = 1 WHERE sequence_number = 4", "was written as 'block/1' by serializer 1")]
    public void A_row_that_akka_would_not_read_is_found(string sql, string message)
    {
        using var copy = mesh.Copy();
        copy.Run(copy.JournalFile, sql);
        var flaw = Assert.Single(copy.Verify().Flaws);
        Assert.Equal(4, flaw.SequenceNr);
        Assert.Contains(message, flaw.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.95)]
    public void A_database_that_was_cut_is_found_and_what_is_left_of_it_is_verified(double share)
    {
        using var copy = mesh.Copy();
        using (var file = File.OpenWrite(copy.JournalFile)) file.SetLength((long)(file.Length * share));
        var found = copy.Verify();
        Assert.NotEmpty(found.Flaws);
        Assert.Contains(found.Flaws, f => f.Message.Contains(copy.JournalFile, StringComparison.Ordinal) && f.Message.Contains("damaged", StringComparison.Ordinal));
        using var log = OfflineLog.Open(copy.Folder);
        Assert.Throws<LogCorruptException>(() => log.Records().Count());
    }

    [Fact]
    public void A_file_that_is_no_database_is_one_sentence()
    {
        using var copy = mesh.Copy();
        File.WriteAllText(copy.JournalFile, new string('x', 5_000));
        Assert.Equal($"The database '{copy.JournalFile}' is damaged (SQLite 26: file is not a database); put it back from a copy.", copy.Verify().Flaws[0].Message);
        File.Delete(copy.JournalFile);
        using (var empty = File.Create(copy.JournalFile)) { }
        Assert.Contains("was not written by this program", copy.Verify().Flaws[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_is_gone_or_changed_is_found_where_it_is_first_mentioned()
    {
        using var copy = mesh.Copy();
        var module = Directory.GetFiles(Path.Combine(copy.Folder, "modules"))[0];
        File.AppendAllText(module, " ");
        var flaw = Assert.Single(copy.Verify().Flaws);
        Assert.Equal((1, 1), (flaw.SequenceNr, flaw.Offset));
        Assert.Contains("was changed", flaw.Message, StringComparison.Ordinal);
        File.Delete(module);
        Assert.Contains("cannot be read", Assert.Single(copy.Verify().Flaws).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_or_missing_image_is_found()
    {
        using var copy = mesh.Copy();
        Assert.True(copy.Run(copy.SnapshotsFile, "UPDATE snapshot SET snapshot = zeroblob(100) WHERE persistence_id = 'agent-counter'") > 0);
        var found = copy.Verify().Flaws;
        Assert.Contains(found, f => f.Message.Contains("The bytes are no image of an agent", StringComparison.Ordinal));
        Assert.Contains(found, f => f.Message.StartsWith("The image of agent 'counter' after the event at offset ", StringComparison.Ordinal));
        File.Delete(copy.SnapshotsFile);
        Assert.Contains(copy.Verify().Flaws, f => f.Message.Contains("is not in", StringComparison.Ordinal) && f.Message.Contains("'counter'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_state_of_the_shard_is_found()
    {
        using var copy = mesh.Copy();
        Assert.True(copy.Run(copy.SnapshotsFile, "UPDATE snapshot SET snapshot = zeroblob(100) WHERE persistence_id = 'shard-0'") > 0);
        Assert.Contains("the checksum does not fit", copy.Verify().Flaws[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_of_serializer_and_manifests_are_those_that_the_node_writes()
    {
        using var system = Akka.Actor.ActorSystem.Create("names", "akka.loglevel = OFF, akka.stdout-loglevel = OFF");
        var serializer = new MeshSerializer((Akka.Actor.ExtendedActorSystem)system);
        Assert.Equal(JournalSchema.Serializer, serializer.Identifier);
        Assert.Equal(JournalSchema.BlockManifest, serializer.Manifest(new JournalRow(default)));
        Assert.Equal(JournalSchema.StateManifest, serializer.Manifest(new ShardSnapshot(default)));
        Assert.Equal(JournalSchema.ImageManifest, serializer.Manifest(new ImageSnapshot(default)));
    }

    private static AkkaWasm.Actors.Persistence.LogHeadFile LogHeadFileOf(DataCopy copy) => AkkaWasm.Actors.Persistence.LogHeadFile.Open(copy.HeadFile);
}
