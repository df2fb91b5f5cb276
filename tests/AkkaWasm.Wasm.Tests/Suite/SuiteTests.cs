using System.Globalization;
using Xunit.Abstractions;

namespace AkkaWasm.Wasm.Tests.Suite;

/// <summary>The official suite, and damage to it, through inspect, weave, compile and instantiate: no process may die of it.</summary>
public sealed class SuiteTests(ITestOutputHelper output)
{
    private const int DefaultMutationCount = 20_000;
    private const ulong DefaultSeed = 20_180_207;

    private static readonly Outcome[] Wrong =
    [
        Outcome.RefusedThoughValid, Outcome.WeavingHides, Outcome.WeavingSpoils, Outcome.WeavingChanges, Outcome.Broken, Outcome.BindingFails,
        Outcome.SnapshotDiffers, Outcome.OtherResults,
    ];

    /// <summary>Valid by the suite, but not text to the library's own parser.</summary>
    private static readonly Dictionary<string, string> NoTextByDesign = new()
    {
        ["core/names.wast:19"] = "the library refuses bidirectional control characters in text, because they can hide what it says",
    };

    [WasmSpecFact]
    public async Task Every_module_of_the_official_suite_goes_through_without_ending_the_process()
    {
        using var run = new WorkerRun();
        await run.RunAsync(Worker.SuiteSet, 0, SuiteModules.All.Count);
        Report(run, "official suite");
        Assert.Empty(run.Deaths);
        Assert.Equal(SuiteModules.All.Count, run.Results.Count);
        AssertNone(run.Results.Where(r => Wrong.Contains(r.Outcome) || !IsExpected(SuiteModules.All[r.Number], r)));
    }

    [WasmSpecFact]
    public async Task Mutations_of_the_suite_go_through_without_ending_the_process()
    {
        var seed = Setting("AKKAWASM_SEED", DefaultSeed);
        var count = (int)Setting("AKKAWASM_MUTATIONS", DefaultMutationCount);
        using var run = new WorkerRun();
        await run.RunAsync(Worker.MutationSet, seed, count);
        Report(run, $"mutations of seed {seed} (AKKAWASM_SEED sets another, AKKAWASM_MUTATIONS their number)");
        Assert.Empty(run.Deaths);
        Assert.Equal(count, run.Results.Count);
        AssertNone(run.Results.Where(r => Wrong.Contains(r.Outcome) && !IsServedElsewhere(r)));
    }

    [WasmSpecFact]
    public Task Weaving_changes_no_result_of_the_suites_functions() => RunFunctionsAsync(Worker.ResultSet, "woven and not");

    [WasmSpecFact]
    public Task The_suites_functions_answer_alike_after_their_state_was_saved_and_restored() =>
        RunFunctionsAsync(Worker.SnapshotSet, "saved and restored before each call");

    private static ulong Setting(string variable, ulong otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { } given ? ulong.Parse(given, CultureInfo.InvariantCulture) : otherwise;

    private async Task RunFunctionsAsync(string set, string how)
    {
        const int fewest = 1_000;
        using var run = new WorkerRun();
        await run.RunAsync(set, 0, SuiteModules.All.Count);
        Report(run, $"functions of the official suite, {how}");
        Assert.Empty(run.Deaths);
        AssertNone(run.Results.Where(r => Wrong.Contains(r.Outcome)));
        Assert.True(run.Results.Count(r => r.Outcome == Outcome.SameResults) >= fewest, "too few modules could be run to mean anything");
    }

    /// <summary>The suite's own word on a module against what became of it.</summary>
    private static bool IsExpected(ScriptModule module, Result result) => module.Expectation switch
    {
        Expectation.Malformed or Expectation.Invalid => result.Outcome is Outcome.NoText or Outcome.Refused or Outcome.RejectedByLibrary,
        Expectation.BadCustomSection => true,
        _ => result.Outcome is Outcome.Instantiated or Outcome.NotInstantiated || NoTextByDesign.ContainsKey(result.Name),
    };

    /// <summary>What a mutation can hit upon that the library serves and we do not, by name.</summary>
    private static bool IsServedElsewhere(Result result) => result.Outcome == Outcome.RefusedThoughValid
        && (result.Detail.Contains("not served", StringComparison.Ordinal) || result.Detail.Contains("the limit of", StringComparison.Ordinal));

    private static void AssertNone(IEnumerable<Result> wrong)
    {
        var list = string.Join('\n', wrong.Select(r => $"{r.Outcome}: {r.Name}: {r.Detail}").Take(50));
        Assert.True(list.Length == 0, list);
    }

    private void Report(WorkerRun run, string title)
    {
        output.WriteLine($"{title}: {run.Results.Count} modules");
        foreach (var group in run.Results.GroupBy(r => r.Outcome).OrderBy(g => g.Key)) output.WriteLine($"  {group.Key}: {group.Count()}");
        var calls = run.Results.Where(r => r.Outcome == Outcome.SameResults).Sum(r => int.Parse(r.Detail, CultureInfo.InvariantCulture));
        if (calls > 0) output.WriteLine($"  calls: {calls}");
        foreach (var death in run.Deaths) output.WriteLine($"  died: {death}");
    }
}
