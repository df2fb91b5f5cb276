using AkkaWasm.Wasm.Tests.Suite;
using Xunit.Abstractions;

namespace AkkaWasm.Wasm.Tests.Robustness;

/// <summary>Modules at the limits of what may be loaded: each is served or refused, and none ends or blocks the process.</summary>
public sealed class BombTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Modules_as_large_as_the_limits_allow_are_served_or_refused()
    {
        using var run = new WorkerRun();

        await run.RunAsync(Worker.BombSet, 0, Bombs.All.Count);

        foreach (var result in run.Results) output.WriteLine($"{result.Name}: {result.Outcome} {result.Detail}");
        Assert.Empty(run.Deaths);
        Assert.Equal(Bombs.All.Count, run.Results.Count);
        Assert.DoesNotContain(run.Results, r => r.Outcome == Outcome.Broken);
        Assert.True(run.Results.Count(r => r.Outcome == Outcome.Instantiated) > Bombs.All.Count / 2, "too few were served to mean anything");
    }
}
