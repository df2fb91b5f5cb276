using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>What a module came to, as a worker reported it.</summary>
internal sealed record Result(int Number, Outcome Outcome, string Name, string Detail);

/// <summary>Runs a set of modules through worker processes and starts again behind a module that killed one.</summary>
internal sealed class WorkerRun : IDisposable
{
    private const int Workers = 2;
    private const int MostDeaths = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("akkawasm-suite-");

    /// <summary>The modules whose process died or hung, each as one line.</summary>
    public List<string> Deaths { get; } = [];

    public List<Result> Results { get; } = [];

    public void Dispose() => _folder.Delete(recursive: true);

    public async Task RunAsync(string set, ulong seed, int count)
    {
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(w => RunWorkerAsync(set, seed, w, count)));
        foreach (var file in _folder.EnumerateFiles("*.results")) Results.AddRange(File.ReadLines(file.FullName).Select(Parse));
        Results.Sort((a, b) => a.Number.CompareTo(b.Number));
    }

    private async Task RunWorkerAsync(string set, ulong seed, int worker, int count)
    {
        var progress = Path.Combine(_folder.FullName, $"{worker}.progress");
        var results = Path.Combine(_folder.FullName, $"{worker}.results");
        for (var first = worker; first < count;)
        {
            var ending = await RunOnceAsync([set, $"{seed}", $"{first}", $"{count}", $"{Workers}", progress, results]);
            if (ending is null) return;
            var last = File.Exists(progress) ? await File.ReadAllTextAsync(progress) : "";
            lock (Deaths)
            {
                Deaths.Add($"{last.Trim()}: {ending}");
                if (Deaths.Count >= MostDeaths || last.Length == 0) return;
            }
            first = int.Parse(last.Split('\t')[0], CultureInfo.InvariantCulture) + Workers;
        }
    }

    /// <summary>Runs one process; gives how it ended, or null if it came through.</summary>
    private static async Task<string?> RunOnceAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(WorkerRun).Assembly.Location, .. arguments]) { RedirectStandardError = true };
        start.Environment["AKKAWASM_SHARED"] = SharedData.Folder;
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using var process = Process.Start(start)!;
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        var exit = process.WaitForExitAsync();
        var last = "";
        while (!exit.IsCompleted)
        {
            if (await Task.WhenAny(exit, Task.Delay(Patience)) == exit) break;
            var now = File.Exists(arguments[^2]) ? await File.ReadAllTextAsync(arguments[^2]) : "";
            if (now == last)
            {
                process.Kill();
                return $"hung for {Patience}";
            }
            last = now;
        }
        await exit;
        return process.ExitCode == 0 ? null : $"exit code {process.ExitCode}: {errors.ToString().Trim()}";
    }

    private static Result Parse(string line)
    {
        var parts = line.Split('\t', 4);
        return new Result(int.Parse(parts[0], CultureInfo.InvariantCulture), Enum.Parse<Outcome>(parts[1]), parts[2], parts[3]);
    }
}
