using System.Globalization;
using AkkaWasm.Wasm.Tests.Suite;
using Xunit.Abstractions;

namespace AkkaWasm.Wasm.Tests.RandomModules;

/// <summary>Random modules of all features: what runs on after its state was saved and restored answers as what runs on without.</summary>
public sealed class RandomModuleTests(ITestOutputHelper output)
{
    private const int DefaultCount = 200;
    private const int DefaultComposedCount = 80;

    /// <summary>These are larger and take ten times as long each.</summary>
    private const int DefaultFuzzedCount = 60;
    private const ulong DefaultSeed = 20_261_122;

    [Fact]
    public Task Modules_of_our_generator_run_on_alike_after_capture_and_restore() => RunAsync(Worker.RandomSet, Seeds.Kept, DefaultCount, mayBeUnsupported: 0);

    [WasmOptFact]
    public Task Modules_that_binaryen_makes_run_on_alike_after_capture_and_restore() => RunAsync(Worker.FuzzedSet, Seeds.KeptFuzzed, DefaultFuzzedCount, mayBeUnsupported: 20);

    [Fact]
    public Task Pairs_of_modules_answer_alike_when_they_are_composed() => RunAsync(Worker.ComposedSet, Seeds.Kept, DefaultComposedCount, mayBeUnsupported: 0);

    [WasmOptFact]
    public Task Modules_that_binaryen_makes_answer_alike_when_they_are_composed_with_what_they_import() =>
        RunAsync(Worker.FuzzedComposedSet, Seeds.KeptFuzzed, DefaultFuzzedCount, mayBeUnsupported: 20);

    [Fact]
    public void The_same_seed_gives_the_same_modules()
    {
        Assert.Equal(ModulePair.Of(DefaultSeed), ModulePair.Of(DefaultSeed));
        Assert.NotEqual(ModulePair.Of(DefaultSeed), ModulePair.Of(DefaultSeed + 1));
    }

    /// <param name="set">The worker's set.</param>
    /// <param name="kept">Seeds that are run first.</param>
    /// <param name="modules">How many are run unless the environment says otherwise.</param>
    /// <param name="mayBeUnsupported">How many of a hundred modules may import what the stubs cannot serve.</param>
    private async Task RunAsync(string set, ulong[] kept, int modules, int mayBeUnsupported)
    {
        var seed = Setting("AKKAWASM_SEED", DefaultSeed);
        var count = (int)Setting("AKKAWASM_RANDOM_MODULES", (ulong)modules) + kept.Length;
        using var run = new WorkerRun();
        await run.RunAsync(set, seed, count);
        var same = run.Results.Where(r => r.Outcome == Outcome.SameResults).ToList();
        var calls = same.Sum(r => int.Parse(r.Detail, CultureInfo.InvariantCulture));
        output.WriteLine($"{set}: {count} modules from seed {seed} on (AKKAWASM_SEED sets another, AKKAWASM_RANDOM_MODULES their number), {calls} calls that did not fail");
        Assert.Empty(run.Deaths);
        Assert.Equal(count, run.Results.Count);
        var unsupported = run.Results.Count(r => r.Outcome == Outcome.Refused);
        var wrong = string.Join('\n', run.Results.Where(r => r.Outcome is not (Outcome.SameResults or Outcome.Refused)).Take(20).Select(r => $"{r.Name}: {r.Outcome}: {r.Detail}"));
        Assert.True(wrong.Length == 0, $"{wrong}\nKeep these seeds in Seeds.cs.");
        Assert.InRange(unsupported * 100, 0, mayBeUnsupported * count);
        Assert.True(calls >= 5 * same.Count, $"only {calls} calls of {same.Count} modules did not fail: too few to mean anything");
    }

    private static ulong Setting(string variable, ulong otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { } given ? ulong.Parse(given, CultureInfo.InvariantCulture) : otherwise;
}
