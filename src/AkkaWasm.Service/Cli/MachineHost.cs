using System.Diagnostics;
using System.Security.Cryptography;
using AkkaWasm.Wasm.Wasi;

namespace AkkaWasm.Service.Cli;

/// <summary>The machine as a program sees it that is run by itself: its clocks, its randomness, the streams of this process.</summary>
internal sealed class MachineHost(CliContext context) : WasiHost, IDisposable
{
    private const int NsPerTick = 100;
    private const int InputBytes = 64 << 10;
    private const ulong NsPerMs = 1_000_000;
    private const int LongestWaitMs = int.MaxValue / 2;

    private readonly Stream input = context.OpenIn();
    private readonly Stream output = context.OpenOut();
    private readonly Stream error = context.OpenError();
    private readonly byte[] readAhead = new byte[InputBytes];
    private Task<int>? reading;
    private int at;

    public override ulong RealtimeNs => (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * NsPerTick;

    public override bool TimePasses => true;

    public override ulong MonotonicNs => (ulong)Stopwatch.GetElapsedTime(0).Ticks * NsPerTick;

    public override ulong ProcessorNs => (ulong)Environment.CpuUsage.TotalTime.Ticks * NsPerTick;

    public override void FillRandom(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    public override int ReadInput(Span<byte> destination)
    {
        if (reading is null) return input.Read(destination);
        var available = reading.GetAwaiter().GetResult() - at;
        var count = Math.Min(available, destination.Length);
        readAhead.AsSpan(at, count).CopyTo(destination);
        at += count;
        if (count == available) reading = null;
        return count;
    }

    /// <summary>A read is begun on another thread and waited for; the next <see cref="ReadInput"/> takes what it brings.</summary>
    public override bool WaitForInput(ulong timeoutNs)
    {
        if (reading is null)
        {
            at = 0;
            reading = Task.Run(() => input.Read(readAhead));
        }
        return reading.Wait(Milliseconds(timeoutNs));
    }

    public override void Write(WasiStream stream, ReadOnlySpan<byte> bytes)
    {
        var target = stream == WasiStream.Error ? error : output;
        target.Write(bytes);
        target.Flush();
    }

    public override void Sleep(ulong ns)
    {
        for (var left = ns; left > 0;)
        {
            var wait = Milliseconds(left);
            Thread.Sleep(wait);
            left -= Math.Min(left, (ulong)wait * NsPerMs);
        }
    }

    public override bool IsTerminal(WasiStream stream) => stream switch
    {
        WasiStream.Input => context.IsInTerminal,
        WasiStream.Output => context.IsOutTerminal,
        _ => context.IsErrorTerminal,
    };

    /// <summary>The input stays open while a read is under way that nobody waits for any more.</summary>
    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
        if (reading is null or { IsCompleted: true }) input.Dispose();
    }

    private static int Milliseconds(ulong ns) => (int)Math.Min(LongestWaitMs, ns / NsPerMs + (ns % NsPerMs == 0 ? 0UL : 1UL));
}
