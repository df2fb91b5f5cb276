using AkkaWasm.Actors.Offline;
using AkkaWasm.Actors.Tests.Support;
using AkkaWasm.Mesh.Shards;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Actors.Tests.Offline;

/// <summary>Cuts of a log that are read from saved states on, and replays of all agents with little memory.</summary>
public sealed class CutTests(RecordedMesh mesh) : IClassFixture<RecordedMesh>
{
    [Fact]
    public void A_cut_is_the_same_from_a_saved_state_and_from_the_beginning()
    {
        using var copy = mesh.Copy();
        var stores = WithStates(copy);
        using var journal = JournalFile.Open(stores);
        var fromStates = 0;
        foreach (var cut in Cuts(copy))
        {
            var whole = Describe(MeshMoments.ReadFrom(journal, null, cut, default));
            Assert.Equal(whole, Describe(MeshMoments.Read(journal, stores, cut, default)));
            if (SavedCuts.Before(journal, stores, cut).FirstOrDefault() is not { } saved || MeshMoments.ReadFrom(journal, saved, cut, default) is not { IsExact: true } found) continue;
            Assert.Equal(whole, Describe(found));
            fromStates++;
        }
        Assert.True(fromStates > 10);
        Assert.Equal(copy.Blocks().Count, SavedCuts.Before(journal, stores, long.MaxValue).First().Row);
    }

    [Fact]
    public async Task A_node_finds_the_same_cut_from_a_saved_state_and_from_the_beginning()
    {
        using var copy = mesh.Copy();
        WithStates(copy);
        using var place = new StorePlace(StoreKind.Sqlite, null!);
        RecordedMesh.CopyTo(copy.Folder, place.Folder.Path);
        await using var store = await TestStore.OpenAsync(place);
        store.Reader.LastSequenceNr = copy.Blocks().Count;
        foreach (var cut in Cuts(copy).Where(cut => cut % 3 == 0))
            Assert.Equal(Describe(store.Reader.CutFromBeginning(cut, new ShardOptions())), Describe(store.Reader.CutAt(cut, new ShardOptions())));
        var end = copy.Blocks().Last().Value.Header.LastOffset;
        Assert.Equal(end + 1, store.Reader.CutAt(end, new ShardOptions()).NextOffset);
        Assert.Throws<LogCorruptException>(() => store.Reader.CutAt(end + 1, new ShardOptions()));
    }

    [Fact]
    public void States_that_are_damaged_or_of_another_log_are_passed_over()
    {
        using var copy = mesh.Copy();
        var stores = WithStates(copy);
        var end = copy.Blocks().Last().Value.Header.LastOffset;
        copy.Run(copy.SnapshotsFile, "UPDATE snapshot SET snapshot = zeroblob(50) WHERE persistence_id = 'shard-0' AND sequence_number % 2 = 0");
        copy.Run(copy.SnapshotsFile, "UPDATE snapshot SET sequence_number = -sequence_number WHERE persistence_id = 'shard-0' AND sequence_number % 4 = 1");
        copy.Run(copy.SnapshotsFile, "UPDATE snapshot SET sequence_number = 4 - sequence_number WHERE persistence_id = 'shard-0' AND sequence_number < 0");
        using var journal = JournalFile.Open(stores);
        Assert.All(SavedCuts.Before(journal, stores, end), saved => Assert.Equal(3, saved.Row % 4));
        Assert.Equal(Describe(MeshMoments.ReadFrom(journal, null, end, default)), Describe(MeshMoments.Read(journal, stores, end, default)));
    }

    [Theory, InlineData(1), InlineData(100), InlineData(250)]
    public void All_agents_are_replayed_the_same_with_little_memory(int turns)
    {
        using var log = OfflineLog.Open(mesh.Folder);
        using var little = OfflineLog.Open(new LogLocation(mesh.Folder) { MaxReplayTurns = turns });
        Assert.Equal(log.ReplayAll().Select(Describe), little.ReplayAll().Select(Describe));
        foreach (var cut in new long?[] { null, 300 })
            Assert.Equal(log.MeshAt(cut).Agents.Select(a => (a.Status.Name, a.Hash, a.Problem)), little.MeshAt(cut).Agents.Select(a => (a.Status.Name, a.Hash, a.Problem)));
        static (string, int, long, long, long, long, object?, object?, int) Describe(ReplayReport r) =>
            (r.Agent, r.Incarnation, r.Turns, r.Failures, r.Hashes, r.LastInput, r.StateHash, r.Divergence, r.Skipped.Length);
    }

    [Theory, InlineData(1), InlineData(100), InlineData(250), InlineData(1_000_000)]
    public void A_group_has_no_more_turns_than_are_allowed_unless_it_is_one_agent(int turns)
    {
        using var journal = JournalFile.Open(LogStores.Of(new LogLocation(mesh.Folder)));
        var (groups, agents) = (0, new List<int>());
        LogSurvey.InGroups(journal, turns, group =>
        {
            groups++;
            agents.AddRange(group.Wanted.Select(agent => agent.Number));
            Assert.True(group.Wanted.Count == 1 || group.Wanted.Sum(agent => agent.Turns.Count + agent.Images.Count) <= turns);
            Assert.InRange(group.Pieces.MostHeld, 0, turns + group.Pieces.Size + 1);
            Assert.True(group.Wanted.Count == 1 || group.Pieces.ReadAgain == 0);
        }, default);
        Assert.Equal(Enumerable.Range(0, mesh.Hashes.Count), agents);
        Assert.Equal(turns switch { 1 => mesh.Hashes.Count, 1_000_000 => 1, _ => Math.Clamp(groups, 2, mesh.Hashes.Count) }, groups);
    }

    [Theory, InlineData(8), InlineData(20)]
    public void Of_one_agent_no_more_turns_are_in_memory_than_are_allowed_and_all_of_them_are_found(int turns)
    {
        using var journal = JournalFile.Open(LogStores.Of(new LogLocation(mesh.Folder)));
        AgentHistory? most = null;
        LogSurvey.InGroups(journal, int.MaxValue, group => most = group.Wanted.MaxBy(agent => agent.Turns.Count), default);
        var longest = most!;
        var whole = LogSurvey.Of(journal, longest.Name, all: true, int.MaxValue, default).Find(longest.Name)!;
        var survey = LogSurvey.Of(journal, longest.Name, all: true, turns, default);
        var pieces = survey.Find(longest.Name)!;

        Assert.True(pieces.Turns.Count > 3 * turns, $"{pieces.Turns.Count} turns are few.");
        Assert.Equal(whole.Turns.Select(Describe), pieces.Turns.Select(Describe));
        for (var i = pieces.Turns.Count - 1; i >= 0; i -= 7) Assert.Equal(Describe(whole.Turns[i]), Describe(pieces.Turns[i]));
        foreach (var incarnation in whole.Lives.Keys)
            Assert.Equal(whole.Path(incarnation, whole.Turns.Count, survey.Find).Turns, pieces.Path(incarnation, pieces.Turns.Count, survey.Find).Turns);
        Assert.InRange(survey.Pieces.MostHeld, turns, turns + survey.Pieces.Size + 1);
        Assert.True(survey.Pieces.ReadAgain > pieces.Turns.Count, "They were gone through more than once.");

        static string Describe(HistoryTurn turn) => $"{turn.Record.Offset} {turn.Record} {turn.InForce.Definition.ModuleHash} {turn.InForce.Writer}";
    }

    /// <summary>Saves the state of the shard with every third row, as a node would.</summary>
    private static LogStores WithStates(DataCopy copy)
    {
        var state = new ShardCut(new ShardOptions());
        foreach (var (row, block) in copy.Blocks())
        {
            state.Take(block.Bytes);
            if (row % 3 != 0) continue;
            copy.Run(copy.SnapshotsFile, "INSERT OR REPLACE INTO snapshot (persistence_id, sequence_number, created, snapshot, manifest, serializer_id) "
                + "SELECT persistence_id, $row, created, $state, manifest, serializer_id FROM snapshot WHERE persistence_id = 'shard-0' ORDER BY sequence_number DESC LIMIT 1", ("$row", row), ("$state", state.Save().ToArray()));
        }
        SqliteConnection.ClearAllPools();
        return LogStores.Of(new LogLocation(copy.Folder));
    }

    /// <summary>Some records, and those around the ends of some blocks.</summary>
    private static IEnumerable<long> Cuts(DataCopy copy)
    {
        var ends = copy.Blocks().Values.Select(block => block.Header.LastOffset).ToList();
        var some = ends.Where((_, i) => i % Math.Max(1, ends.Count / 8) == 0).ToList();
        return Enumerable.Range(0, (int)ends[^1] + 1).Select(n => (long)n).Where(n => n % Math.Max(1, ends[^1] / 20) == 0 || some.Exists(end => Math.Abs(end - n) < 2)).ToList();
    }

    private static string Describe(ShardCut cut) => string.Join('\n', [
        $"{cut.NextOffset} {cut.Epoch} {cut.LastTimeNs} {cut.TopologyHash} {cut.Totals}", .. cut.Agents.Select(agent => agent.ToString()), .. cut.Timers.Select(timer => timer.ToString()),
        .. cut.Cursors.Select(cursor => $"{cursor.Key} {Convert.ToHexString(cursor.Value.Span)}"), .. cut.Agents.SelectMany(agent => cut.Quarantine(agent.Name)).Select(put => $"{put.Agent} {put.Input}")]);
}
