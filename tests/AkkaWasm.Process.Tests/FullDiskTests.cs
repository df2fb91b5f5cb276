using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AkkaWasm.Process.Tests;

/// <summary>
/// A data folder on a small file system that fills up while events are posted: the node refuses and says why, goes on when there is space again, and
/// has every event that it acknowledged.
/// </summary>
public sealed class FullDiskTests
{
    private const int SizeMiB = 96;
    private const int LeftMiB = 2;
    private const int EventBytes = 8_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [SmallFileSystem]
    public async Task A_node_on_a_full_file_system_refuses_and_goes_on_when_there_is_space_again()
    {
        using var disk = new SmallFileSystem(SizeMiB);
        var data = Path.Combine(disk.Path, "data");
        var acknowledged = new List<string>();
        using (var node = NodeProcess.Serve(data))
        {
            using var limit = new CancellationTokenSource(Patience);
            var url = await node.ListeningAsync(data, limit.Token);
            Assert.True(url is not null, node.Errors);
            using var client = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromSeconds(20) };
            await PostUntilAsync(client, "before", acknowledged, answered => answered, limit.Token);
            disk.FillUpTo(LeftMiB << 20);
            await PostUntilAsync(client, "full", acknowledged, answered => !answered, limit.Token);
            var (code, health) = await GetAsync(client, "/readyz", "/healthz", ready => !ready, limit.Token);
            Assert.True(code != 200 && (health + node.Errors).Contains("full", StringComparison.OrdinalIgnoreCase), $"A full disk is not said: {code} {health}\n{node.Errors}");
            Assert.False(node.HasExited, node.Errors);
            disk.Free();
            await PostUntilAsync(client, "after", acknowledged, answered => answered, limit.Token);
            node.Terminate();
            await node.ExitAsync();
        }
        var summary = await Place.OnSqlite(data).RunToIdleAsync();
        Assert.NotEmpty(summary.Agents);
        using var verified = await NodeProcess.RunAsync("log", "verify", "--data", data);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
        Assert.Empty(acknowledged.Except(await IdsAsync(data)));
    }

    /// <summary>Posts events until one is answered as wanted; what was acknowledged is noted.</summary>
    private static async Task PostUntilAsync(HttpClient client, string name, List<string> acknowledged, Predicate<bool> wanted, CancellationToken limit)
    {
        for (var number = 0; ; number++)
        {
            limit.ThrowIfCancellationRequested();
            var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            var content = new StringContent($$$"""{"specversion":"1.0","id":"{{{id}}}","source":"/probe","type":"probe.{{{name}}}","data":"{{{new string('x', EventBytes)}}}"}""", Encoding.UTF8);
            content.Headers.ContentType = new("application/cloudevents+json");
            var isTaken = false;
            try
            {
                using var answer = await client.PostAsync("/v1/events", content, limit);
                isTaken = answer.IsSuccessStatusCode;
            }
            catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !limit.IsCancellationRequested))
            {
                // no answer in time: it may be there or not
            }
            if (isTaken) acknowledged.Add(id);
            if (wanted(isTaken)) return;
        }
    }

    private static async Task<(int Code, string Health)> GetAsync(HttpClient client, string probe, string detail, Predicate<bool> wanted, CancellationToken limit)
    {
        while (true)
        {
            limit.ThrowIfCancellationRequested();
            using var answer = await client.GetAsync(probe, limit);
            if (!wanted(answer.IsSuccessStatusCode)) continue;
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(limit) + await (await client.GetAsync(detail, limit)).Content.ReadAsStringAsync(limit));
        }
    }

    private static async Task<HashSet<string>> IdsAsync(string data)
    {
        using var log = await NodeProcess.RunAsync("log", "show", "--data", data, "--topic", "probe.>", "--output", "json");
        Assert.True(log.ExitCode == 0, log.Errors);
        return [.. log.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetProperty("id").GetString()!)];
    }
}

/// <summary>A test for which a file system has to be mounted; skipped with a sentence where that is not allowed.</summary>
internal sealed class SmallFileSystemAttribute : FactAttribute
{
    private static readonly string? Problem = Try();

    public SmallFileSystemAttribute() => Skip = Problem;

    private static string? Try()
    {
        try
        {
            using var disk = new SmallFileSystem(1);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"No small file system can be mounted here: {e.Message}";
        }
    }
}

/// <summary>A file system of some MiB in memory, mounted for a test.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <exception cref="InvalidOperationException">This user may not mount.</exception>
    public SmallFileSystem(int sizeMiB)
    {
        try
        {
            Run("mount", "-t", "tmpfs", "-o", $"size={sizeMiB.ToString(CultureInfo.InvariantCulture)}m", "tmpfs", folder.Path);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public string Path => folder.Path;

    private string Ballast => folder["ballast"];

    /// <summary>Takes all space but so much.</summary>
    public void FillUpTo(long leftBytes)
    {
        var block = new byte[1 << 16];
        using var file = File.Create(Ballast);
        while (new DriveInfo(Path).AvailableFreeSpace > leftBytes)
        {
            file.Write(block);
            file.Flush(flushToDisk: true);
        }
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "-l", folder.Path);
        folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new InvalidOperationException(errors.Trim());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException(e.Message, e);
        }
    }
}
