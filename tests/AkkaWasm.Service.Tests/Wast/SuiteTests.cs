using System.Diagnostics;
using System.Text.Json;
using AkkaWasm.Service.Tests.Hocon;
using AkkaWasm.Service.Wast.Running;
using Xunit.Abstractions;

namespace AkkaWasm.Service.Tests.Wast;

/// <summary>The official suite through the program, each group of files in a process of its own, so that the death of one names its group.</summary>
public sealed class SuiteTests(ITestOutputHelper output)
{
    private const int Files = 261;
    private const int Assertions = 62_618;
    private const int LeastCompared = 3_000;
    private const int Groups = 6;
    private const int ProcessesAtATime = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly string Folder = Path.Combine(SharedHoconFiles.SharedRoot(), "wasm-spec");

    [WasmSpecFact]
    public Task All_assertions_hold() => RunAsync();

    [WasmSpecFact]
    public Task All_assertions_hold_when_all_state_is_saved_and_restored_after_every_action() => RunAsync("--roundtrip");

    [WasmSpecFact]
    public async Task Scripts_that_link_modules_come_to_the_same_where_these_are_composed()
    {
        var files = SuiteRun.FilesOf([Folder]).Where(file => File.ReadAllText(file).Contains("(register", StringComparison.Ordinal)).ToArray();
        using var report = await RunGroupAsync(["--composed", .. files], CancellationToken.None);
        var failed = report.RootElement.GetProperty("results").EnumerateArray().Where(r => r.GetProperty("failed").GetInt32() > 0).Select(r => r.GetRawText());
        Assert.Empty(failed);
        var compared = report.RootElement.GetProperty("compared").GetInt32();
        output.WriteLine($"{files.Length} files, {compared} actions and refusals came to the same");
        Assert.True(compared >= LeastCompared, $"only {compared} were compared");
    }

    private async Task RunAsync(params string[] options)
    {
        var files = SuiteRun.FilesOf([Folder]);
        Assert.Equal(Files, files.Count);
        var groups = files.Select((file, i) => (File: file, Group: i % Groups)).GroupBy(f => f.Group, f => f.File).ToArray();
        var failures = new List<string>();
        var (passed, skipped) = (0, 0);
        await Parallel.ForEachAsync(groups, new ParallelOptions { MaxDegreeOfParallelism = ProcessesAtATime }, async (group, cancellation) =>
        {
            using var report = await RunGroupAsync([.. options, .. group], cancellation);
            lock (failures)
            {
                passed += report.RootElement.GetProperty("passed").GetInt32();
                skipped += report.RootElement.GetProperty("skipped").GetInt32();
                var failed = report.RootElement.GetProperty("results").EnumerateArray().Where(r => r.GetProperty("failed").GetInt32() > 0);
                failures.AddRange(failed.Select(r => r.GetRawText()));
            }
        });
        output.WriteLine($"{files.Count} files, {passed} passed, {failures.Count} files failed, {skipped} skipped");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Equal((Assertions - KnownDeviations.Count, KnownDeviations.Count), (passed, skipped));
    }

    /// <summary>The report of a process; if it died, its words are the failure.</summary>
    private static async Task<JsonDocument> RunGroupAsync(string[] arguments, CancellationToken cancellation)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "akkawasm.dll");
        var start = new ProcessStartInfo("dotnet", [program, "wasm", "wast", "--output", "json", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var process = Process.Start(start)!;
        var (text, error) = (process.StandardOutput.ReadToEndAsync(cancellation), process.StandardError.ReadToEndAsync(cancellation));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"the scripts did not end in {Patience}: {string.Join(' ', arguments)}");
        }
        Assert.True(process.ExitCode is 0 or 1, $"exit code {process.ExitCode}: {await error}\n{string.Join('\n', arguments)}");
        return JsonDocument.Parse(await text);
    }
}

/// <summary>A test that needs the official suite: skipped where it is missing, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WasmSpecFactAttribute : FactAttribute
{
    public WasmSpecFactAttribute()
    {
        var folder = Path.Combine(SharedHoconFiles.SharedRoot(), "wasm-spec");
        if (!Directory.Exists(folder) && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = $"the official suite is not at {folder}: put the test folder of the WebAssembly specification there, or name the folder around it in AKKAWASM_SHARED";
    }
}
