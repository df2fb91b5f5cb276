using System.Diagnostics;
using System.Globalization;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// Kills a process as <c>kill -9</c> does at each step by which something of the log or of the snapshots goes or comes: while it is compacted, while a
/// node gives the beginning of its log up, and between the parts of an image and what names them. AKKAWASM_KILLS says how often in all, as in
/// <see cref="KillTests"/>, each round of a test being several of them; AKKAWASM_SEED sets another seed.
/// </summary>
public sealed class RetentionKillTests
{
    private const int Events = 200;

    private const string Journal = "journal.db";
    private const string Snapshots = "snapshots.db";

    private static int Rounds => Math.Max(1, KillTests.Kills / 50);

    [Fact]
    public async Task A_compaction_that_is_killed_at_any_step_leaves_a_sound_log_and_is_finished_by_the_next_one()
    {
        using var mesh = new CounterMesh("1 hour");
        var random = new Random(KillTests.Seed);
        await BuildAsync(mesh, "built");
        var undisturbed = mesh.Copy("built", "undisturbed");
        var expected = (await undisturbed.RunToIdleAsync()).Agents;
        var clock = Stopwatch.StartNew();
        var report = await CounterMesh.CompactAsync(undisturbed);
        var span = clock.Elapsed;
        foreach (var what in new[] { "blocks", "snapshots", "pages" }) Assert.True(report.GetProperty(what).GetInt64() > 0, $"A compaction of this log has no {what} to give up.");

        for (var round = 0; round < Rounds; round++)
        {
            var place = mesh.Copy("built", $"round-{round}");
            foreach (var step in StepsOfCompaction(place, random))
            {
                var context = $"seed {KillTests.Seed}, round {round}, killed at {step}";
                await KillCompactionAsync(place, step);
                await CounterMesh.JudgeAsync(place, expected, context);
            }
            for (var kill = 0; kill < 2; kill++) await KillCompactionAsync(place, span * (0.5 + (random.NextDouble() / 2)));
            await CounterMesh.CompactAsync(place);
            Assert.Equal(0, (await CounterMesh.CompactAsync(place, "--dry-run")).GetProperty("pages").GetInt64());
            await CounterMesh.JudgeAsync(place, expected, $"seed {KillTests.Seed}, round {round}, in the end");
        }
    }

    [Fact]
    public async Task A_node_that_is_killed_while_it_gives_up_the_beginning_of_its_log_goes_on_from_a_sound_one_without_loss()
    {
        using var mesh = new CounterMesh("50 ms");
        var random = new Random(KillTests.Seed);
        var place = await mesh.BeginAsync("killed");
        var next = 0;
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var step in StepsOfRetention(place)) next = await RunAndKillAsync(place, next, node => step.ReachedAsync(node), step);
            next = await RunAndKillAsync(place, next, _ => Task.Delay(TimeSpan.FromSeconds(3 * random.NextDouble())), null);
        }
        var context = $"seed {KillTests.Seed}, {next} events";
        await CounterMesh.ServeAsync(place, Math.Max(0, next - 10), next + 20); // some of them again, and some more
        await CounterMesh.JudgeAsync(place, await mesh.UndisturbedAsync(next + 20), context);
        Assert.True((await CounterMesh.CompactAsync(place, "--dry-run")).GetProperty("begins").GetInt64() > 0, $"{context}: nothing of the log was given up.");
    }

    [Fact]
    public async Task A_node_that_is_killed_between_the_parts_of_an_image_and_what_names_them_has_all_states_and_some_parts_too_many()
    {
        using var mesh = new CounterMesh("1 hour");
        var place = await mesh.BeginAsync("killed");
        var snapshots = Path.Combine(place.Data, Snapshots);
        await CounterMesh.ServeAsync(place, 0, Events / 4);
        // An image may also be of pages that are all there already; with this many, there is one that no image names.
        var parts = EndlessStatement.Execute(snapshots, "SELECT count(*) FROM image_part").ToString(CultureInfo.InvariantCulture);
        var more = $"(SELECT count(*) FROM image_part) > {parts}";
        var step = new EndlessStatement(snapshots, "snapshot", "INSERT", $"NEW.manifest = 'image/1' AND {more}") { Committed = more };
        var before = (await CounterMesh.CompactAsync(place, "--dry-run")).GetProperty("pages").GetInt64();

        var next = await RunAndKillAsync(place, Events / 4, node => step.ReachedAsync(node), step);

        var pages = (await CounterMesh.CompactAsync(place, "--dry-run")).GetProperty("pages").GetInt64();
        Assert.True(pages > before, $"{pages} pages have no image, and {before} before: none was in the middle of being saved.");
        await CounterMesh.ServeAsync(place, Math.Max(0, next - 10), next + 20);
        var expected = await mesh.UndisturbedAsync(next + 20);
        await CounterMesh.JudgeAsync(place, expected, $"{next} events");
        await CounterMesh.CompactAsync(place);
        await CounterMesh.JudgeAsync(place, expected, $"{next} events, compacted");
    }

    /// <summary>In the order in which a compaction comes to them.</summary>
    private static EndlessStatement[] StepsOfCompaction(Place place, Random random)
    {
        var (journal, snapshots) = (Path.Combine(place.Data, Journal), Path.Combine(place.Data, Snapshots));
        var rows = EndlessStatement.Execute(journal, "SELECT max(sequence_number) FROM journal");
        var row = random.NextInt64(1, rows / 4).ToString(CultureInfo.InvariantCulture);
        return
        [
            new(snapshots, "snapshot", "INSERT", "NEW.persistence_id = 'shard-0'"),
            new(journal, "journal", "INSERT", "1"),
            new(journal, "journal", "DELETE", $"OLD.sequence_number = {row}"),
            new(snapshots, "snapshot", "DELETE", "OLD.manifest = 'image/1'"),
            new(snapshots, "image_part", "DELETE", "1"),
        ];
    }

    private static EndlessStatement[] StepsOfRetention(Place place)
    {
        var (journal, snapshots) = (Path.Combine(place.Data, Journal), Path.Combine(place.Data, Snapshots));
        return
        [
            new(snapshots, "snapshot", "INSERT", "NEW.persistence_id = 'shard-0'"),
            new(journal, "journal", "DELETE", "OLD.sequence_number % 7 = 3"),
            new(snapshots, "snapshot", "DELETE", "OLD.persistence_id = 'shard-0'"),
            new(snapshots, "snapshot", "DELETE", "OLD.manifest = 'image/1'"),
        ];
    }

    /// <summary>A log of which all can go but its end, with images and parts that a node did not come to delete.</summary>
    private static async Task BuildAsync(CounterMesh mesh, string name)
    {
        var place = await mesh.BeginAsync(name);
        await CounterMesh.ServeAsync(place, 0, Events / 4);
        var snapshots = Path.Combine(place.Data, Snapshots);
        EndlessStatement.Execute(snapshots, "CREATE TRIGGER kept_images BEFORE DELETE ON snapshot WHEN OLD.manifest = 'image/1' BEGIN SELECT RAISE(IGNORE); END");
        EndlessStatement.Execute(snapshots, "CREATE TRIGGER kept_parts BEFORE DELETE ON image_part BEGIN SELECT RAISE(IGNORE); END");
        await CounterMesh.ServeAsync(place, Events / 4, Events);
        foreach (var trigger in new[] { "kept_images", "kept_parts" }) EndlessStatement.Execute(snapshots, $"DROP TRIGGER {trigger}");
    }

    private static async Task KillCompactionAsync(Place place, EndlessStatement step)
    {
        step.Place();
        using (var compact = NodeProcess.Start(["log", "compact", .. place.Log]))
        {
            await step.ReachedAsync(compact);
            await compact.KillAsync();
        }
        step.Remove();
    }

    private static async Task KillCompactionAsync(Place place, TimeSpan moment)
    {
        using var compact = NodeProcess.Start(["log", "compact", .. place.Log]);
        await Task.WhenAny(Task.Delay(moment), compact.ExitAsync());
        await compact.KillAsync();
    }

    /// <summary>Posts events until the moment has come, and kills the node.</summary>
    /// <returns>The first number that is not acknowledged.</returns>
    private static async Task<int> RunAndKillAsync(Place place, int next, Func<NodeProcess, Task> moment, EndlessStatement? step)
    {
        step?.Place();
        using (var node = place.Serve())
        {
            using var end = new CancellationTokenSource();
            var posting = CounterMesh.PostAsync(node, place, next, int.MaxValue, end.Token);
            await moment(node);
            Assert.False(node.HasExited, node.Errors);
            await node.KillAsync();
            await end.CancelAsync();
            next = await posting;
        }
        step?.Remove();
        return next;
    }
}
