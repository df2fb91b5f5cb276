using System.Diagnostics;
using AkkaWasm.Wasm.Tests.Suite;
using Xunit.Abstractions;

namespace AkkaWasm.Wasm.Tests.Robustness;

/// <summary>A thousand loads and unloads in a process of their own, which measures itself.</summary>
public sealed class LeakTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_thousand_loads_and_unloads_leave_neither_memory_nor_mappings()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(LeakTests).Assembly.Location, Worker.LeakSet]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var report = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        output.WriteLine(report);
        Assert.True(process.ExitCode == 0, $"{report}{await errors}");
    }
}
