using System.Text;
using AkkaWasm.Actors.Sources;
using AkkaWasm.Mesh.Shards;

namespace AkkaWasm.Actors.Tests.Sources;

public sealed class FileSourceActorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akkawasm-sources-").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Fact]
    public async Task The_recorded_week_is_in_the_log_once_in_file_order()
    {
        var mesh = new SourceMesh();
        var (reports, failure) = await SourceRun.ToEndAsync(Week, mesh);
        Assert.Null(failure);
        Assert.Equal(RecordedWeek.Features.Select(f => f.Id), mesh.Log.Select(e => e.Id));
        Assert.All(mesh.Log.Zip(RecordedWeek.Features, (e, f) => (Logged: e.Data, Expected: f.Data)), pair => Assert.Equal(pair.Expected, pair.Logged.ToArray()));
        Assert.All(mesh.Log, e => Assert.Equal(("usgs.feed", "file:///usgs-all-week-2018-02.geojson", "application/geo+json", null), (e.Topic, e.Source, e.ContentType, e.Subject)));
        Assert.Equal((SourceState.Drained, 1_707, null), (reports[^1].State, reports[^1].Elements, reports[^1].Problem));
        Assert.Equal((RecordedWeek.Bytes.Length, RecordedWeek.Bytes.Length), (reports[^1].BytesRead, reports[^1].BytesTotal));
        Assert.Equal(reports.Select(r => r.BytesRead).Order(), reports.Select(r => r.BytesRead));
        Assert.Equal(18, mesh.Asked);
    }

    [Fact]
    public async Task Batches_wait_for_their_commit_together_but_not_more_than_may()
    {
        var mesh = new SourceMesh { CommitsTogether = 4 };
        await SourceRun.ToEndAsync(Lines(100) with { BatchEvents = 3, MaxBatchesInFlight = 4 }, mesh);
        Assert.Equal(Numbers(1, 100), mesh.Log.Select(e => e.Id));
        Assert.Equal(4, mesh.MostInFlight);
    }

    [Fact]
    public async Task Where_nobody_says_when_a_batch_is_taken_one_is_out_at_a_time()
    {
        var mesh = new SourceMesh { TellsWhenTaken = false };
        await SourceRun.ToEndAsync(Lines(100) with { BatchEvents = 3, MaxBatchesInFlight = 4 }, mesh);
        Assert.Equal(Numbers(1, 100), mesh.Log.Select(e => e.Id));
        Assert.Equal(1, mesh.MostInFlight);
    }

    [Fact]
    public async Task With_a_rate_each_batch_waits_for_the_share_of_time_of_the_one_before()
    {
        var (mesh, time) = (new SourceMesh(), new ImmediateTime());
        await SourceRun.ToEndAsync(Lines(50) with { BatchEvents = 30, MaxEventsPerSecond = 200 }, mesh, time);
        Assert.Equal(Numbers(1, 50), mesh.Log.Select(e => e.Id));
        Assert.Equal([0.1, 0.1, 0.05], time.Waits.Select(w => w.TotalSeconds));
        var slow = new ImmediateTime();
        await SourceRun.ToEndAsync(Lines(3) with { MaxEventsPerSecond = 2 }, new SourceMesh(), slow);
        Assert.Equal([0.5, 0.5, 0.5], slow.Waits.Select(w => w.TotalSeconds));
    }

    [Fact]
    public async Task A_file_that_is_in_the_log_is_drained_at_once()
    {
        var mesh = new SourceMesh();
        await SourceRun.ToEndAsync(Week, mesh);
        var asked = mesh.Asked;
        var (reports, _) = await SourceRun.ToEndAsync(Week, mesh);
        Assert.Equal(asked, mesh.Asked);
        Assert.Equal(1_707, mesh.Log.Count);
        Assert.Equal((SourceState.Drained, 1_707), (reports[^1].State, reports[^1].Elements));
    }

    [Fact]
    public async Task After_an_interruption_at_any_batch_the_source_goes_on_there()
    {
        var options = Lines(50) with { BatchEvents = 7 };
        for (var boundary = 0; boundary < 8; boundary++)
        {
            var mesh = new SourceMesh();
            mesh.Refuse = _ => mesh.Cursors.Count == boundary ? throw new IOException("the journal is gone") : null;
            var (reports, failure) = await SourceRun.ToEndAsync(options, mesh);
            Assert.True(Assert.IsType<SourceFailedException>(failure).RetryHelps);
            Assert.Equal(SourceState.Restarting, reports[^1].State);
            Assert.Equal("The source 'made-up' cannot go on: the journal is gone", reports[^1].Problem);
            Assert.Equal(Math.Min(7 * boundary, 50), mesh.Log.Count);

            mesh.Refuse = _ => null;
            var asked = mesh.Asked;
            (reports, _) = await SourceRun.ToEndAsync(options, mesh);
            Assert.Equal(8 - boundary, mesh.Asked - asked);
            Assert.Equal(Numbers(1, 50), mesh.Log.Select(e => e.Id));
            Assert.Equal((SourceState.Drained, 50), (reports[^1].State, reports[^1].Elements));
        }
    }

    [Fact]
    public async Task A_changed_file_is_read_from_its_beginning_and_what_is_known_is_not_appended_again()
    {
        var mesh = new SourceMesh();
        await SourceRun.ToEndAsync(Lines(30), mesh);
        var (reports, _) = await SourceRun.ToEndAsync(Lines(40), mesh);
        Assert.Equal(Numbers(1, 40), mesh.Log.Select(e => e.Id));
        Assert.Equal((SourceState.Drained, 40, null), (reports[^1].State, reports[^1].Elements, reports[^1].Problem));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Whatever_is_refused_for_overload_the_order_is_that_of_the_file(int seed)
    {
        var random = new Random(seed);
        var mesh = new SourceMesh();
        var time = new ImmediateTime();
        var refused = 0;
        mesh.Refuse = _ =>
        {
            if (random.Next(2) == 0) return null;
            refused++;
            return new PublishReply([], 0, new PublishProblem(PublishRefusal.Overloaded, 0, "too much"), random.Next(2) == 0 ? null : TimeSpan.FromSeconds(7));
        };
        var (reports, failure) = await SourceRun.ToEndAsync(Lines(500) with { BatchEvents = random.Next(1, 40), MaxBatchesInFlight = random.Next(1, 9) }, mesh, time);
        Assert.Null(failure);
        Assert.Equal(Numbers(1, 500), mesh.Log.Select(e => e.Id));
        Assert.Equal(SourceState.Drained, reports[^1].State);
        Assert.Equal(refused, time.Waits.Count);
        Assert.All(time.Waits, wait => Assert.InRange(wait, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(7)));
    }

    [Fact]
    public async Task Waits_double_until_the_batch_is_taken()
    {
        var mesh = new SourceMesh();
        var time = new ImmediateTime();
        mesh.Refuse = _ => mesh.Asked is <= 9 or 11 ? new PublishReply([], 0, new PublishProblem(PublishRefusal.Overloaded, 0, "too much"), null) : null;
        await SourceRun.ToEndAsync(Lines(2) with { BatchEvents = 1 }, mesh, time);
        Assert.Equal([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 50], time.Waits.Select(w => w.TotalMilliseconds));
    }

    [Fact]
    public async Task An_element_whose_id_is_known_with_another_content_is_reported_and_passed_over()
    {
        var mesh = new SourceMesh();
        var options = FileOf("made-up.jsonl", "{\"id\":1}\n{\"id\":2}\n{\"id\":1,\"x\":0}\n{\"id\":2,\"x\":0}\n{\"id\":3}");
        var (reports, failure) = await SourceRun.ToEndAsync(options, mesh);
        Assert.Null(failure);
        Assert.Equal(["1", "2", "3"], mesh.Log.Select(e => e.Id));
        Assert.Equal((SourceState.Drained, 5), (reports[^1].State, reports[^1].Elements));
        Assert.StartsWith($"The mesh does not take element 4 of '{options.Path}' (id '2', byte 33): The event '2' of 'file:///made-up.jsonl' is known", reports[^1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_known_ids_with_another_content_still_moves_the_cursor()
    {
        var mesh = new SourceMesh();
        await SourceRun.ToEndAsync(FileOf("made-up.jsonl", "{\"id\":1}\n{\"id\":2}"), mesh);
        var changed = FileOf("made-up.jsonl", "{\"id\":1,\"x\":0}\n{\"id\":2,\"x\":0}");
        await SourceRun.ToEndAsync(changed, mesh);
        var asked = mesh.Asked;
        var (reports, _) = await SourceRun.ToEndAsync(changed, mesh);
        Assert.Equal(asked, mesh.Asked);
        Assert.Equal((SourceState.Drained, 2), (reports[^1].State, reports[^1].Elements));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    public async Task An_element_that_the_mesh_cannot_take_ends_the_source_after_those_before_it(int before)
    {
        var mesh = new SourceMesh();
        var lines = Numbers(1, 10).Select((n, i) => i == before ? $"{{\"id\":{n},\"x\":\"{new string('x', 5_000)}\"}}" : $"{{\"id\":{n}}}");
        var (reports, failure) = await SourceRun.ToEndAsync(FileOf("made-up.jsonl", string.Join('\n', lines)), mesh);
        Assert.False(Assert.IsType<SourceFailedException>(failure).RetryHelps);
        Assert.Equal(Numbers(1, before), mesh.Log.Select(e => e.Id));
        Assert.Equal((SourceState.Failed, before), (reports[^1].State, reports[^1].Elements));
        Assert.Equal(failure.Message, reports[^1].Problem);
        Assert.Contains($"does not take element {before + 1} of ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_before_a_flaw_of_the_file_is_in_the_log_before_the_source_fails()
    {
        var mesh = new SourceMesh();
        var options = FileOf("made-up.jsonl", string.Join('\n', Numbers(1, 25).Select(n => $"{{\"id\":{n}}}")) + "\n{\"id\":") with { BatchEvents = 10 };
        var (reports, failure) = await SourceRun.ToEndAsync(options, mesh);
        Assert.Equal(Numbers(1, 25), mesh.Log.Select(e => e.Id));
        Assert.False(Assert.IsType<SourceFailedException>(failure).RetryHelps);
        Assert.Equal((SourceState.Failed, 25), (reports[^1].State, reports[^1].Elements));
        Assert.Contains("(line 26, byte ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_tried_again()
    {
        var (reports, failure) = await SourceRun.ToEndAsync(Lines(1) with { Path = Path.Combine(folder, "none") }, new SourceMesh());
        Assert.True(Assert.IsType<SourceFailedException>(failure).RetryHelps);
        Assert.Equal(SourceState.Restarting, reports[^1].State);
    }

    [Fact]
    public async Task A_file_without_elements_is_drained()
    {
        var mesh = new SourceMesh();
        var (reports, _) = await SourceRun.ToEndAsync(FileOf("empty.jsonl", "\n"), mesh);
        Assert.Equal((SourceState.Drained, 0, 0), (reports[^1].State, reports[^1].Elements, mesh.Asked));
    }

    [Fact]
    public void A_cursor_comes_back_as_it_was_and_one_of_another_kind_is_none()
    {
        var cursor = new SourceCursor(new FileFingerprint(12, UInt128.MaxValue - 5), 7, true);
        Assert.Equal(cursor, SourceCursor.Read(cursor.ToBytes()));
        Assert.Equal(cursor with { IsComplete = false }, SourceCursor.Read((cursor with { IsComplete = false }).ToBytes()));
        Assert.Null(SourceCursor.Read([]));
        Assert.Null(SourceCursor.Read([2, .. cursor.ToBytes()[1..]]));
    }

    private static FileSourceOptions Week => new() { Name = "week", Path = RecordedWeek.Path, Format = FileSourceFormat.GeoJsonFeatures, Topic = "usgs.feed" };

    private static IEnumerable<string> Numbers(int from, int count) => Enumerable.Range(from, count).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private FileSourceOptions Lines(int count) => FileOf("made-up.jsonl", string.Join('\n', Numbers(1, count).Select(n => $"{{\"id\":{n}}}")));

    private FileSourceOptions FileOf(string name, string content)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(content));
        return new FileSourceOptions { Name = "made-up", Path = path, Format = FileSourceFormat.JsonLines, Topic = "made.up" };
    }
}
