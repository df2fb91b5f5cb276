using AkkaWasm.Mesh.Events;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Tests.Offline;

public sealed class RecordsTests(RecordedMesh mesh) : IClassFixture<RecordedMesh>
{
    [Fact]
    public void All_records_come_in_order_with_names_and_derived_attributes()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var entries = log.Records().ToList();
        Assert.Equal(Enumerable.Range(0, entries.Count).Select(i => (long)i), entries.Select(e => e.Position.Offset));
        Assert.Equal([1, 2], entries.Select(e => e.Position.Epoch).Distinct());
        Assert.All(entries, e => Assert.Equal(e.Record is EventRecord, e.Id is not null && e.Source is not null));

        var external = entries.Where(e => e.Record is EventRecord { Event.Origin: EventOrigin.External }).ToList();
        Assert.Equal(Enumerable.Range(0, RecordedMesh.Batches * RecordedMesh.BatchEvents).Select(i => $"e{i}"), external.Select(e => e.Id));
        Assert.All(external, e => Assert.Equal(("/tests", null), (e.Source, e.Agent)));

        var emitted = entries.First(e => e.Record is EventRecord { Event.Topic: "count.out" } && e.Agent == "counter");
        var cause = ((EventRecord)emitted.Record).Event;
        Assert.Equal("/meshes/test/agents/counter", emitted.Source);
        Assert.Equal(EventIdentity.Derive("test", "counter", cause.Incarnation, cause.Cause, cause.Index), emitted.Id);
        Assert.Contains(entries, e => e.Record is TurnRecord && e.Agent == "family/a");
    }

    [Fact]
    public void A_stretch_is_the_same_as_that_part_of_all()
    {
        using var log = OfflineLog.Open(mesh.Folder);
        var all = log.Records().Select(Show).ToList();
        var random = new Random(4);
        for (var i = 0; i < 30; i++)
        {
            var from = random.Next(all.Count);
            var to = random.Next(from, all.Count + 3);
            Assert.Equal(all.Skip(from).Take(to - from + 1), log.Records(from, to).Select(Show));
        }
        Assert.Empty(log.Records(all.Count));
        Assert.Empty(log.Records(5, 4));
    }

    [Fact]
    public void Reading_ends_with_the_first_flaw_and_says_where()
    {
        using var copy = mesh.Copy();
        var (header, bytes) = copy.Blocks()[6];
        bytes[^20] ^= 1;
        copy.SetBlock(6, bytes);
        using var log = OfflineLog.Open(copy.Folder);
        Assert.Equal(header.FirstOffset, log.Records(0, header.FirstOffset - 1).Count());
        var read = 0;
        var failure = Assert.Throws<LogCorruptException>(() =>
        {
            foreach (var entry in log.Records()) read++;
        });
        Assert.Equal((header.FirstOffset, header.FirstOffset), (read, failure.FirstLost));
        Assert.StartsWith($"Row 6 of the journal (offset {header.FirstOffset}): A block of the log is damaged: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_is_missing_ends_the_reading()
    {
        using var copy = mesh.Copy();
        var offset = copy.Blocks()[6].Header.FirstOffset;
        copy.Run(copy.JournalFile, "DELETE FROM journal WHERE sequence_number = 6");
        using var log = OfflineLog.Open(copy.Folder);
        Assert.Equal(offset, Assert.Throws<LogCorruptException>(() => log.Records(offset + 100).Count()).FirstLost);
    }

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    public void Nothing_in_the_folder_is_made_or_changed(bool running, bool withLog, bool withSharedMemory)
    {
        using var copy = new DataCopy(running ? mesh.RunningFolder : mesh.Folder);
        Assert.Equal(running, File.Exists(copy.JournalFile + "-wal"));
        if (!withLog) File.Delete(copy.JournalFile + "-wal");
        if (!withSharedMemory) foreach (var file in Directory.GetFiles(copy.Folder, "*-shm")) File.Delete(file);
        var before = copy.Files();
        using (var log = OfflineLog.Open(copy.Folder))
        {
            Assert.Empty(log.Verify().Flaws);
            Assert.NotEmpty(log.Records());
            Assert.True(log.ReplayAgent("counter")!.IsFaithful);
        }
        var after = copy.Files();
        Assert.Equal(before.Keys, after.Keys);
        // the shared memory is an index that SQLite makes anew whenever nobody has the file open
        Assert.Equal(before.Where(f => !f.Key.EndsWith("-shm", StringComparison.Ordinal)), after.Where(f => !f.Key.EndsWith("-shm", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_folder_without_a_log_is_refused_in_one_sentence()
    {
        using var folder = new Support.TestFolder();
        var failure = Assert.Throws<MeshNodeException>(() => OfflineLog.Open(folder.Data));
        Assert.Equal((NodeFailure.DataFolder, $"There is no data folder '{folder.Data}'; name the one that a node was run on."), (failure.Failure, failure.Message));
        failure = Assert.Throws<MeshNodeException>(() => OfflineLog.Open(folder.Path));
        Assert.Equal($"There is no journal '{Path.Combine(folder.Path, "journal.db")}'; name a data folder that a node was run on.", failure.Message);
    }

    private static string Show(LogEntry entry) => $"{entry.Position} {entry.Record.GetType().Name} {entry.Id} {entry.Source} {entry.Agent}";
}
