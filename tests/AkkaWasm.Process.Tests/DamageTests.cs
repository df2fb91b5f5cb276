using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// A data folder that a killed node left is damaged in one place of one of its files, and a node is started on it: it ends in the states of an undisturbed
/// run, or refuses the folder and names the place. Never another answer, and never silence. AKKAWASM_FLIPS says how many bits are flipped, one a
/// run, and AKKAWASM_CUTS how many places the last row and each file are cut at; AKKAWASM_SEED sets another seed.
/// </summary>
public sealed class DamageTests(KilledNode killed) : IClassFixture<KilledNode>
{
    private static readonly string[] Databases = ["journal.db", "journal.db-wal", "snapshots.db", "snapshots.db-wal"];

    private readonly TemporaryFolder folder = killed.Folder;
    private readonly Summary expected = killed.Expected;
    private readonly int seed = Environment.GetEnvironmentVariable("AKKAWASM_SEED") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : 20180208;

    [Fact]
    public async Task A_flipped_bit_anywhere_in_the_data_folder_is_recovered_from_or_refused_with_its_place()
    {
        var random = new Random(seed);
        var files = FilesOf(folder["killed"]);
        var (recovered, refused) = (0, 0);
        for (var flip = 0; flip < Count("AKKAWASM_FLIPS", 10); flip++)
        {
            var file = files[flip % files.Length];
            var bytes = await File.ReadAllBytesAsync(Path.Combine(folder["killed"], file));
            var (at, bit) = (random.Next(bytes.Length), random.Next(8));
            bytes[at] ^= (byte)(1 << bit);
            await JudgeAsync($"seed {seed}, bit {bit} of byte {at} of {file}", copy => File.WriteAllBytes(Path.Combine(copy, file), bytes), () => recovered++, () => refused++);
        }
        Assert.True(recovered > 0, $"{refused} of {recovered + refused} were refused.");
    }

    [Fact]
    public async Task A_file_that_is_cut_anywhere_is_recovered_from_or_refused_with_its_place()
    {
        var random = new Random(seed);
        for (var cut = 0; cut < Count("AKKAWASM_CUTS", 1); cut++)
            foreach (var file in FilesOf(folder["killed"]).Where(f => Databases.Contains(f) || f == "log.head"))
            {
                var length = random.NextInt64(new FileInfo(Path.Combine(folder["killed"], file)).Length);
                await JudgeAsync($"seed {seed}, {file} cut to {length} bytes", copy =>
                {
                    using var stream = File.OpenWrite(Path.Combine(copy, file));
                    stream.SetLength(length);
                }, () => { }, () => { });
            }
    }

    [Fact]
    public async Task The_last_row_of_the_journal_cut_anywhere_is_refused_with_its_place()
    {
        var random = new Random(seed);
        var size = Execute(folder["reference"], "SELECT length(message) FROM journal ORDER BY sequence_number DESC LIMIT 1");
        for (var cut = 0; cut < Count("AKKAWASM_CUTS", 2); cut++)
        {
            var length = Count("AKKAWASM_CUTS", 2) > size ? cut % size : random.NextInt64(size);
            var copy = CopyOf("reference");
            Execute(copy, $"UPDATE journal SET message = substr(message, 1, {length.ToString(CultureInfo.InvariantCulture)}) WHERE ordering = (SELECT max(ordering) FROM journal)");
            using var node = await NodeProcess.RunAsync([.. NodeProcess.ServeArguments(copy), "--until-idle", "--report", "json"]);
            Assert.True(node.ExitCode != 0 && NamesAPlace(node.Errors), $"seed {seed}, the last row cut to {length} of {size} bytes: exit code {node.ExitCode}: {node.Errors}");
            Directory.Delete(copy, recursive: true);
        }
    }

    private async Task JudgeAsync(string what, Action<string> damage, Action recovered, Action refused)
    {
        var copy = CopyOf("killed");
        damage(copy);
        using var node = await NodeProcess.RunAsync([.. NodeProcess.ServeArguments(copy), "--until-idle", "--report", "json"]);
        if (node.ExitCode == 0)
        {
            var summary = new Summary(node);
            Assert.True(expected.Agents.SequenceEqual(summary.Agents), $"{what}: another answer: {string.Join('\n', summary.Agents.Except(expected.Agents))}");
            foreach (var count in new[] { "healed", "quarantined", "alerts" }) Assert.True(expected[count] == summary[count], $"{what}: {count} is {summary[count]}, not {expected[count]}.");
            recovered();
        }
        else
        {
            Assert.True(node.ExitCode is 2 or 3 or 4 && NamesAPlace(node.Errors), $"{what}: exit code {node.ExitCode}: {node.Errors}{node.Output}");
            refused();
        }
        Directory.Delete(copy, recursive: true);
    }

    /// <summary>Whether somebody who reads it knows where to look: a file of the folder, a row or an offset.</summary>
    private static bool NamesAPlace(string errors) =>
        System.Text.RegularExpressions.Regex.IsMatch(errors, @"(offsets? \d+|row \d+|journal\.db|snapshots\.db|log\.head|modules/|cache/)", System.Text.RegularExpressions.RegexOptions.IgnoreCase);

    private string CopyOf(string name) => folder.Copy(name, $"copy-{Guid.NewGuid():N}");

    /// <summary>All files with content, in an order that does not hang on the file system; what is made anew at each start is left out.</summary>
    private static string[] FilesOf(string data) => [.. Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(data, f))
        .Where(f => !f.StartsWith("node.", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal) && new FileInfo(Path.Combine(data, f)).Length > 0).Order(StringComparer.Ordinal)];

    private static long Execute(string data, string sql)
    {
        using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(data, "journal.db"), Pooling = false }.ToString());
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }

    private static int Count(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}

/// <summary>Two data folders: of a node that was undisturbed, and of one that was killed when it was nearly done.</summary>
public sealed class KilledNode : IAsyncLifetime
{
    internal TemporaryFolder Folder { get; } = new();

    internal Summary Expected { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var clock = Stopwatch.StartNew();
        Expected = await Place.OnSqlite(Folder["reference"]).RunToIdleAsync();
        var late = clock.Elapsed * 0.9;
        for (var tries = 0; !File.Exists(Path.Combine(Folder["killed"], "journal.db-wal")); tries++)
        {
            Assert.True(tries < 5, "The node never had anything to lose when it was killed.");
            if (Directory.Exists(Folder["killed"])) Directory.Delete(Folder["killed"], recursive: true);
            using var node = NodeProcess.Serve(Folder["killed"]);
            await Task.Delay(late);
            await node.KillAsync();
        }
    }

    public Task DisposeAsync()
    {
        Folder.Dispose();
        return Task.CompletedTask;
    }
}
